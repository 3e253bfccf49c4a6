import { Refusal } from '../http/errors.js'

/** More than tests or development need, and less than what fills a machine. */
export const MAX_RECORDS = 100_000

/** @throws {Refusal} when there is no room for another one of a kind, of which there are `size` */
export function checkRoom(size: number, max = MAX_RECORDS): void {
  if (size < max) return
  throw new Refusal('conflict', `the instance keeps ${max} of a kind and has no room for more: reset() drops them`)
}
