import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'

/** How long to wait after failures of the issuer: 1, 2, 4 … 60 seconds with jitter, or as long as it asks for. */
export interface BackOff {
  /** @param askedForMs the `Retry-After` of the response, in milliseconds */
  readonly failed: (cause: unknown, askedForMs: number) => void
  readonly answered: () => void
  /** The cause of the last failure; `undefined` since the issuer has answered. */
  readonly failure: () => { readonly cause: unknown } | undefined
  /** Milliseconds until the issuer may be asked. Without keys, every caller is waiting, so at most 5 seconds. */
  readonly leftInMs: (hasKeys: boolean) => number
}

const SECOND = 1000
const MAX_IN_MS = 60 * SECOND
const MAX_WITHOUT_KEYS_IN_MS = 5 * SECOND

/** @param random from 0 to 1 */
export function backOffOf(clock: Clock, random: () => number): BackOff {
  let failure: { readonly at: Instant; readonly count: number; readonly forMs: number; cause: unknown } | undefined

  return {
    failed: (cause, askedForMs) => {
      const count = (failure?.count ?? 0) + 1
      const doubled = Math.min(MAX_IN_MS, SECOND * 2 ** (count - 1)) * (0.75 + 0.5 * random())
      failure = { at: instantOf(clock), count, forMs: Math.max(doubled, askedForMs), cause }
    },
    answered: () => {
      failure = undefined
    },
    failure: () => failure,
    leftInMs: (hasKeys) => {
      if (!failure) return 0
      const most = hasKeys ? MAX_IN_MS : MAX_WITHOUT_KEYS_IN_MS
      return Math.min(failure.forMs, most) - elapsedSince(failure.at, clock)
    },
  }
}
