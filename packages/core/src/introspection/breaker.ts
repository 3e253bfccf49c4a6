import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'

/** Stops asking somebody who does not answer, and lets one call through now and then to see. */
export interface Breaker {
  /** Milliseconds for which nobody may ask; 0 for a call that may go ahead. */
  readonly openForMs: () => number
  /** A call goes ahead. */
  readonly asked: () => void
  readonly answered: () => void
  readonly failed: () => void
}

const FAILURES_TO_OPEN = 5
const MIN_OPEN_IN_MS = 1000
const MAX_OPEN_IN_MS = 7000
/** A probe that has no answer by then keeps the next one waiting no longer. */
const MAX_PROBE_IN_MS = 3000

/**
 * Once Clerk is back, the next probe is at most {@link MAX_OPEN_IN_MS} away, even if one hangs at that moment.
 *
 * @param changed is told when the breaker opens and when it closes
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
      // One probe at a time. One whose end nobody heard of does not keep the breaker open for good.
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
      // Of the calls that were under way when it opened, each would make it stay open for twice as long.
      if (open && !probe) return
      failures++
      if (!open && failures < FAILURES_TO_OPEN) return
      if (!open) changed(true)
      const backOffInMs = open ? Math.min(MAX_OPEN_IN_MS, open.backOffInMs * 2) : MIN_OPEN_IN_MS
      open = {
        // From the start of the probe, so that one that hangs does not add its deadline to the back-off.
        since: probe ?? instantOf(clock),
        // From half to all of the back-off, so that many processes do not ask in step.
        forMs: backOffInMs * (0.5 + random() / 2),
        backOffInMs,
      }
      probe = undefined
    },
  }
}
