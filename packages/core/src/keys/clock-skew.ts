import { warnOnce } from '../support/warning.js'

/** The issuer's clock when it sent an answer, in milliseconds since the epoch: not before, and not after. */
export interface SentBetween {
  readonly earliest: number
  readonly latest: number
}

const SECOND = 1000

/**
 * Reads when an answer was sent: `Date` (RFC 9110 section 6.6.1), plus the `Age` that it had in a cache (RFC 9111
 * section 5.1). Both are whole seconds.
 *
 * @returns `undefined` if `Date` is missing, or if either is not valid
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
 * How far our clock is ahead of the issuer's, or, if negative, behind it. Milliseconds, at the least: 0 if the clocks
 * may agree.
 *
 * @param receivedAt our clock when the answer was there, `tookInMs` after it was asked for
 */
export function aheadInMs(sent: SentBetween, receivedAt: number, tookInMs: number): number {
  const askedAt = receivedAt - tookInMs
  if (askedAt > sent.latest) return askedAt - sent.latest
  return Math.min(0, receivedAt - sent.earliest)
}

/** Once per process. Nothing else comes of it: a header is no reason to judge a token by another time. */
export function warnOfClock(ahead: number, clockSkewInMs: number): void {
  const seconds = Math.round(Math.abs(ahead) / SECOND)
  const consequence =
    ahead > 0
      ? 'Good tokens may be refused as "token-expired".'
      : 'Good tokens may be refused as "token-not-active-yet" or "token-iat-in-the-future", and expired ones accepted.'
  warnOnce(
    'CLERK_AUTH_CLOCK',
    `The clock of this machine is about ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} the issuer's, ` +
      `by the Date of its key set, and the option "clockSkewInMs" allows ${clockSkewInMs} ms. ${consequence} ` +
      'Synchronize the clock, for example by NTP.',
  )
}
