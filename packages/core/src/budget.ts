import { elapsedSince, instantOf, type Clock } from './clock.js'

/** How many calls may be made: so many a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export interface Budget {
  /** Whether a call may be made; takes it from the budget. Strangers leave a quarter for `known` tokens. */
  readonly take: (known: boolean) => boolean
  /** Milliseconds until there is one more. */
  readonly nextInMs: (known: boolean) => number
}

const KEPT_FOR_KNOWN = 0.25

/** A token bucket. */
export function budgetOf({ perSecond, burst }: Rate, clock: Clock): Budget {
  let left = burst
  let since = instantOf(clock)
  const needed = (known: boolean) => (known ? 1 : Math.min(burst, 1 + burst * KEPT_FOR_KNOWN))

  function refill(): void {
    left = Math.min(burst, left + (Math.max(0, elapsedSince(since, clock)) / 1000) * perSecond)
    since = instantOf(clock)
  }

  return {
    take: (known) => {
      refill()
      if (left < needed(known)) return false
      left--
      return true
    },
    nextInMs: (known) => {
      refill()
      return perSecond === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((needed(known) - left) / perSecond) * 1000)
    },
  }
}
