import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export const MIB = 1024 * 1024

/** MiB still held after `work`, by nothing but the tested code. */
export async function heldAfter(work: () => unknown): Promise<number> {
  const before = await heapUsed()
  await work()
  return ((await heapUsed()) - before) / MIB
}

/** Objects held only by a finalizer or a weak reference are freed after a turn of the event loop and another collection. */
async function heapUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  return process.memoryUsage().heapUsed
}
