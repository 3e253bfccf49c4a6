import { elapsedSince, instantOf, type Clock } from './clock.js'

/** The average rate, with up to `burst` at once after a pause. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket, initially full. `reserve` is how many must remain for others, by default 0. */
export interface TokenBucket {
  /** Takes one, or returns `false` if there are not enough. */
  readonly take: (reserve?: number) => boolean
  /** Milliseconds until one is available; `Infinity` for never. */
  readonly nextInMs: (reserve?: number) => number
}

export function tokenBucket({ perSecond, burst }: Rate, clock: Clock): TokenBucket {
  let left = burst
  let since = instantOf(clock)

  // Computed from the last take, not incrementally, so that rounding errors do not accumulate.
  const available = () => Math.min(burst, left + (Math.max(0, elapsedSince(since, clock)) * perSecond) / 1000)
  const missing = (reserve: number) => Math.min(burst, 1 + reserve) - available()

  return {
    take: (reserve = 0) => {
      if (missing(reserve) > 0) return false
      left = available() - 1
      since = instantOf(clock)
      return true
    },
    nextInMs: (reserve = 0) => {
      const count = missing(reserve)
      return count > 0 ? (count / perSecond) * 1000 : 0
    },
  }
}
