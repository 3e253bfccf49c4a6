import { AsyncLocalStorage } from 'node:async_hooks'

interface Timer {
  readonly run: () => void
  readonly process: number
  readonly inMs: number
  readonly every: boolean
  at: number
}

const inProcess = new AsyncLocalStorage<number>()
/** Shorter timers run when the scheduler says so: they take no time. */
const NO_TIME_IN_MS = 50
const SUBTLE = ['sign', 'encrypt', 'decrypt', 'importKey', 'deriveKey', 'deriveBits'] as const

/** Clocks and timers that a test moves. Each timer belongs to the process in which it was set. */
export interface FakeTime {
  readonly runIn: <T>(process: number, work: () => T) => T
  /** Waits until nothing happens any more. */
  readonly settle: () => Promise<void>
  /** Runs the timers of a process that take no time, of that length. */
  readonly runShort: (process: number, inMs: number) => Promise<void>
  /** Moves the clocks, and runs the timers that are due, in order. */
  readonly advance: (ms: number, isAlive: (process: number) => boolean, hasIntervals: boolean) => Promise<void>
  readonly restore: () => void
}

export function fakeTime(start: number): FakeTime {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis
  const [dateNow, performanceNow, random] = [Date.now, performance.now.bind(performance), Math.random]
  const subtle = crypto.subtle as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const timers = new Set<Timer>()
  let now = start
  let working = 0

  const add = (every: boolean) => (run: () => void, inMs: number) => {
    const process = inProcess.getStore()
    // Not the code under test.
    if (process === undefined) return (every ? setInterval : setTimeout)(run, inMs)
    const timer = { run, process, inMs, every, at: now + inMs }
    timers.add(timer)
    return timer
  }
  const remove = (timer: unknown) => void timers.delete(timer as Timer)
  Object.assign(globalThis, { setTimeout: add(false), setInterval: add(true) })
  Object.assign(globalThis, {
    clearTimeout: (timer: Timer) => (timers.has(timer) ? remove(timer) : clearTimeout(timer as never)),
    clearInterval: (timer: Timer) => (timers.has(timer) ? remove(timer) : clearInterval(timer as never)),
  })
  Date.now = () => now
  performance.now = () => now
  Math.random = () => 0.5
  for (const name of SUBTLE) {
    const original = subtle[name]!.bind(crypto.subtle)
    subtle[name] = (...given) => {
      working++
      return original(...given).finally(() => working--)
    }
  }

  async function settle(): Promise<void> {
    for (let idle = 0; idle < 2; idle = working > 0 ? 0 : idle + 1) await new Promise((done) => setImmediate(done))
  }

  async function run(timer: Timer): Promise<void> {
    if (timer.every) timer.at += timer.inMs
    else timers.delete(timer)
    inProcess.run(timer.process, timer.run)
    await settle()
  }

  return {
    runIn: (process, work) => inProcess.run(process, work),
    settle,
    runShort: async (process, inMs) => {
      for (const timer of timers) if (timer.process === process && timer.inMs === inMs) await run(timer)
    },
    advance: async (ms, isAlive, hasIntervals) => {
      now += ms
      const isDue = ({ at, inMs, process, every }: Timer) =>
        at <= now && inMs > NO_TIME_IN_MS && isAlive(process) && (hasIntervals || !every)
      const due = [...timers].filter(isDue).toSorted((a, b) => a.at - b.at)
      for (const timer of due) if (timers.has(timer)) await run(timer)
    },
    restore: () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
      Object.assign(Date, { now: dateNow })
      Object.assign(performance, { now: performanceNow })
      Math.random = random
      for (const name of SUBTLE) delete subtle[name]
    },
  }
}
