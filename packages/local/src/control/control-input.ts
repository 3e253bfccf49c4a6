import type { Fault } from '../http/fault.js'
import { A_BOOLEAN, A_NUMBER, A_STRING, A_STRING_OR_NULL, checkInput, isObject, rule } from '../support/input.js'

/**
 * Reads how to move the clock, in milliseconds.
 *
 * @throws {TypeError}
 */
export function clockMove(body: unknown): { readonly set: number } | { readonly advance: number } {
  const input = body as { readonly advanceInMs?: number; readonly set?: number | string }
  checkInput('the clock', input, { advanceInMs: A_NUMBER, set: A_TIME })
  const { advanceInMs, set } = input
  if ((advanceInMs === undefined) === (set === undefined))
    throw new TypeError('the clock takes either "advanceInMs" or "set"')
  return set === undefined ? { advance: advanceInMs! } : { set: timeOf(set) }
}

/** @throws {TypeError} */
export function rotationInput(body: unknown): { readonly overlap?: boolean } {
  const input = body as { readonly overlap?: boolean }
  checkInput('rotating keys', input, { overlap: A_BOOLEAN })
  return input
}

/** @throws {TypeError} */
export function faultInput(body: unknown): { readonly operation: string; readonly fault: Fault } {
  if (!isObject(body)) throw new TypeError('a fault must be an object')
  const { operation, ...fault } = body as { readonly operation?: unknown }
  if (typeof operation !== 'string') throw new TypeError('a fault requires an "operation", such as "GetJWKS"')
  return { operation, fault }
}

/** @throws {TypeError} */
export function revocationInput(body: unknown): { readonly token: string; readonly reason: string | null } {
  const input = body as { readonly token?: string; readonly reason?: string | null }
  checkInput('revoking', input, { token: A_STRING, reason: A_STRING_OR_NULL })
  if (input.token === undefined) throw new TypeError('revoking requires a "token": the token or its id')
  return { token: input.token, reason: input.reason ?? null }
}

const A_TIME = rule('milliseconds since the epoch, or a time such as "2030-01-01T00:00:00Z"', (value) =>
  Number.isFinite(typeof value === 'string' ? timeOf(value) : value),
)

function timeOf(moment: number | string): number {
  return typeof moment === 'string' ? Date.parse(moment) : moment
}
