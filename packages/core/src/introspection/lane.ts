import { breakerOf } from './breaker.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'

/** Whether Clerk may be asked about a group of tokens: not while it is failing or rate-limiting us. */
export interface Lane {
  /** Why not and for how long; `undefined` if it may be asked now. */
  readonly closed: () => LaneClosed | undefined
  /** Records the start of a call. */
  readonly asked: () => void
  readonly answered: () => void
  readonly failed: () => void
  /** Blocks calls for this many milliseconds. */
  readonly pause: (forMs: number) => void
}

export interface LaneClosed {
  readonly code: 'verification-rate-limited' | 'verification-unavailable'
  readonly forMs: number
}

/** @param changed called when Clerk starts to fail (`true`) and when it responds again */
export function laneOf(clock: Clock, changed: (isOpen: boolean) => void, random?: () => number): Lane {
  const breaker = breakerOf(clock, changed, random)
  let paused: { readonly since: Instant; readonly forMs: number } | undefined

  const pausedForMs = () => (paused ? paused.forMs - elapsedSince(paused.since, clock) : 0)

  return {
    closed: () => {
      if (pausedForMs() > 0) return { code: 'verification-rate-limited', forMs: pausedForMs() }
      const openForMs = breaker.openForMs()
      return openForMs > 0 ? { code: 'verification-unavailable', forMs: openForMs } : undefined
    },
    asked: breaker.asked,
    answered: breaker.answered,
    failed: breaker.failed,
    pause: (forMs) => {
      if (forMs > pausedForMs()) paused = { since: instantOf(clock), forMs }
    },
  }
}
