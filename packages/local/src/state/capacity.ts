import { Refusal } from '../api/errors.js'

/** More than tests or development need, and too few to exhaust memory. */
export const MAX_RECORDS = 100_000

/** @throws {Refusal} if `size` records of a kind leave no room for another */
export function checkRoom(size: number, max = MAX_RECORDS): void {
  if (size < max) return
  throw new Refusal('conflict', `the instance holds at most ${max} records of a kind: reset() deletes them`)
}

/** Total bytes for the records of one kind: a few thousand tokens with long claims could exhaust memory too. */
export const MAX_BYTES = 128 * 1024 * 1024

/** @throws {Refusal} if the records of a kind would take more than `max` bytes */
export function checkWeight(bytes: number, max = MAX_BYTES): void {
  if (bytes <= max) return
  const limit = `${Math.round(max / 1024 / 1024)} MiB`
  throw new Refusal('conflict', `the instance holds at most ${limit} of records of a kind: reset() deletes them`)
}

const BYTES_OF_OBJECT = 32
const BYTES_OF_MEMBER = 8

/** The approximate size of a record in memory, in bytes. Stops counting at `MAX_BYTES`, so cyclic values are safe. */
export function weightOf(record: object): number {
  const pending: object[] = [record]
  let bytes = 0
  for (let value = pending.pop(); value && bytes <= MAX_BYTES; value = pending.pop()) {
    bytes += BYTES_OF_OBJECT
    for (const [name, member] of Object.entries(value as Record<string, unknown>)) {
      bytes += BYTES_OF_MEMBER + name.length
      if (typeof member === 'string') bytes += Buffer.byteLength(member)
      else if (typeof member === 'object' && member !== null) pending.push(member)
    }
  }
  return bytes
}
