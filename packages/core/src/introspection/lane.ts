import { breakerOf } from './breaker.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'

/** Whether Clerk may be asked about one group of tokens: not while it fails, nor while it wants to be left alone. */
export interface Lane {
  /** Why not, and for how long; `undefined` if it may be asked now. */
  readonly closed: () => LaneClosed | undefined
  /** A call goes ahead. */
  readonly asked: () => void
  readonly answered: () => void
  readonly failed: () => void
  /** Clerk wants to be left alone for so many milliseconds. */
  readonly pause: (forMs: number) => void
}

export interface LaneClosed {
  readonly code: 'verification-rate-limited' | 'verification-unavailable'
  readonly forMs: number
}

/** @param changed is called when Clerk starts to fail (`true`) and when it answers again */
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
