import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'

/** A circuit breaker: blocks calls while Clerk is failing, and lets a probe through now and then. */
export interface Breaker {
  /** Milliseconds until the next call is allowed; 0 if it is allowed now. */
  readonly openForMs: () => number
  /** Records the start of a call. */
  readonly asked: () => void
  readonly answered: () => void
  readonly failed: () => void
}

const FAILURES_TO_OPEN = 5
const MIN_OPEN_IN_MS = 1000
const MAX_OPEN_IN_MS = 7000
/** After this time, a probe without a response no longer blocks the next one. */
const MAX_PROBE_IN_MS = 3000

/**
 * Once Clerk has recovered, the next probe is at most {@link MAX_OPEN_IN_MS} away, even if the current one hangs.
 *
 * @param changed called when the breaker opens or closes
 */
export function breakerOf(clock: Clock, changed: (isOpen: boolean) => void, random = Math.random): Breaker {
  let failures = 0
  let open: { readonly since: Instant; readonly forMs: number; readonly backOffInMs: number } | undefined
  let probe: Instant | undefined

  return {
    openForMs: () => {
      if (!open) return 0
      const left = open.forMs - elapsedSince(open.since, clock)
      if (left > 0) return left
      // One probe at a time. A probe that never ends must not keep the breaker open forever.
      return probe && elapsedSince(probe, clock) < MAX_PROBE_IN_MS ? MIN_OPEN_IN_MS : 0
    },
    asked: () => {
      if (open) probe = instantOf(clock)
    },
    answered: () => {
      if (open) changed(false)
      failures = 0
      open = undefined
      probe = undefined
    },
    failed: () => {
      // Otherwise each call in flight when the breaker opened would double the back-off.
      if (open && !probe) return
      failures++
      if (!open && failures < FAILURES_TO_OPEN) return
      if (!open) changed(true)
      const backOffInMs = open ? Math.min(MAX_OPEN_IN_MS, open.backOffInMs * 2) : MIN_OPEN_IN_MS
      open = {
        // Counted from the start of the probe, so that the timeout of a hanging probe is not added to the back-off.
        since: probe ?? instantOf(clock),
        // Half to all of the back-off, so that processes do not probe in lockstep.
        forMs: backOffInMs * (0.5 + random() / 2),
        backOffInMs,
      }
      probe = undefined
    },
  }
}
