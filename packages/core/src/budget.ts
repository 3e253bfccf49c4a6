import { elapsedSince, instantOf, type Clock } from './clock.js'

/** How many calls may be made: so many a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket. `reserve` is how many must be left over for others; by default none. */
export interface TokenBucket {
  /** Takes one, or returns `false` if there are not enough. */
  readonly take: (reserve?: number) => boolean
  /** Milliseconds until there is one to take; `Infinity` for never. */
  readonly nextInMs: (reserve?: number) => number
}

/** Full at first. */
export function tokenBucket({ perSecond, burst }: Rate, clock: Clock): TokenBucket {
  let left = burst
  let since = instantOf(clock)

  /** How many are missing before one can be taken; not above 0 if one can be taken now. */
  function missing(reserve: number): number {
    left = Math.min(burst, left + (Math.max(0, elapsedSince(since, clock)) / 1000) * perSecond)
    since = instantOf(clock)
    return Math.min(burst, 1 + reserve) - left
  }

  return {
    take: (reserve = 0) => {
      if (missing(reserve) > 0) return false
      left--
      return true
    },
    nextInMs: (reserve = 0) => {
      const count = missing(reserve)
      return count > 0 ? (count / perSecond) * 1000 : 0
    },
  }
}
