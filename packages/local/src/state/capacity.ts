import { Refusal } from '../http/errors.js'

/** More than tests or development need, and less than what fills a machine. */
export const MAX_RECORDS = 100_000

/** @throws {Refusal} when there is no room for another one of a kind, of which there are `size` */
export function checkRoom(size: number, max = MAX_RECORDS): void {
  if (size < max) return
  throw new Refusal('conflict', `the instance keeps ${max} of a kind and has no room for more: reset() drops them`)
}

/** Bytes that all of a kind may take together: thousands of tokens with long claims would fill a machine too. */
export const MAX_BYTES = 128 * 1024 * 1024

/** @throws {Refusal} when what there would be of a kind takes more than `max` bytes */
export function checkWeight(bytes: number, max = MAX_BYTES): void {
  if (bytes <= max) return
  const words = `the instance keeps ${Math.round(max / 1024 / 1024)} MiB of a kind`
  throw new Refusal('conflict', `${words} and has no room for more: reset() drops them`)
}

const BYTES_OF_OBJECT = 32
const BYTES_OF_MEMBER = 8

/** How many bytes a record takes in memory, about. Of what is larger than all may be, or has no end, it counts no more. */
export function weightOf(record: object): number {
  const waiting: object[] = [record]
  let bytes = 0
  for (let value = waiting.pop(); value && bytes <= MAX_BYTES; value = waiting.pop()) {
    bytes += BYTES_OF_OBJECT
    for (const [name, member] of Object.entries(value as Record<string, unknown>)) {
      bytes += BYTES_OF_MEMBER + name.length
      if (typeof member === 'string') bytes += Buffer.byteLength(member)
      else if (typeof member === 'object' && member !== null) waiting.push(member)
    }
  }
  return bytes
}
