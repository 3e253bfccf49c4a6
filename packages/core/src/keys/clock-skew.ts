import type { EventListener } from '../auth/events.js'
import { warnOnce } from '../support/warning.js'

/** When a response was sent, by the issuer's clock: bounds in milliseconds since the epoch. */
export interface SentBetween {
  readonly earliest: number
  readonly latest: number
}

const SECOND = 1000

/**
 * Reads when a response was sent: `Date` (RFC 9110 section 6.6.1) plus its `Age` in a cache (RFC 9111 section 5.1).
 * Both are in whole seconds.
 *
 * @returns `undefined` if `Date` is missing or either is invalid
 */
export function sentBetween(headers: Headers): SentBetween | undefined {
  const date = headers.get('date') ?? ''
  const age = headers.get('age') ?? '0'
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date) || !/^\d{1,9}$/.test(age))
    return undefined
  const earliest = Date.parse(date) + Number(age) * SECOND
  if (Number.isNaN(earliest)) return undefined
  return { earliest, latest: earliest + (headers.has('age') ? 2 : 1) * SECOND }
}

/**
 * The minimum by which our clock is ahead of the issuer's in milliseconds, or behind if negative; 0 if the clocks may
 * agree.
 *
 * @param receivedAt our clock when the response arrived, `tookInMs` after the request
 */
export function aheadInMs(sent: SentBetween, receivedAt: number, tookInMs: number): number {
  const askedAt = receivedAt - tookInMs
  if (askedAt > sent.latest) return askedAt - sent.latest
  return Math.min(0, receivedAt - sent.earliest)
}

/**
 * Reports a clock that differs from the issuer's by more than is allowed, by an event and a warning. It has no other
 * effect: tokens must not be checked against the time in a header.
 *
 * @param ahead from {@link aheadInMs}
 */
export function reportClockSkew(ahead: number, allowedInMs: number, emit: EventListener): void {
  if (!(Math.abs(ahead) > allowedInMs)) return
  emit({ type: 'clock-skew', aheadInMs: Math.round(ahead) })
  const seconds = Math.round(Math.abs(ahead) / SECOND)
  const consequence =
    ahead > 0
      ? 'Good tokens may be refused as "token-expired".'
      : 'Good tokens may be refused as "token-not-active-yet" or "token-iat-in-the-future", and expired ones accepted.'
  warnOnce(
    'CLERK_AUTH_CLOCK',
    `The clock of this machine is about ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} the issuer's, ` +
      `according to its Date header, and the option "clockSkewInMs" allows ${allowedInMs} ms. ${consequence} ` +
      'Synchronize the clock, for example by NTP.',
  )
}
