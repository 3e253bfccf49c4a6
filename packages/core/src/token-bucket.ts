import { elapsedSince, instantOf, type Clock } from './clock.js'

export interface TokenBucket {
  /** Takes a token. `false` if the bucket is empty. */
  readonly take: () => boolean
  /** Milliseconds until the next token; 0 if there is one now. */
  readonly nextInMs: () => number
}

/** Holds up to `burst` tokens, and gains one per period. */
export function tokenBucket(burst: number, everyMs: number, clock: Clock): TokenBucket {
  let left = burst
  let since = instantOf(clock)

  function refill(): void {
    const periods = everyMs === 0 ? burst : Math.floor(elapsedSince(since, clock) / everyMs)
    // The period of a full bucket begins when a token is taken.
    if (left === burst || periods > 0) since = instantOf(clock)
    left = Math.min(burst, left + periods)
  }

  return {
    take: () => {
      refill()
      if (left === 0) return false
      left--
      return true
    },
    nextInMs: () => {
      refill()
      return left > 0 ? 0 : everyMs - elapsedSince(since, clock)
    },
  }
}
