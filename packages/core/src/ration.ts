import { elapsedSince, instantOf, type Clock } from './clock.js'

export interface Ration {
  /** Whether there is one more; takes it. */
  readonly take: () => boolean
}

/** A few at once, and then one per period. */
export function rationOf(burst: number, everyMs: number, clock: Clock): Ration {
  let left = burst
  let since = instantOf(clock)
  return {
    take: () => {
      const periods = everyMs === 0 ? burst : Math.floor(elapsedSince(since, clock) / everyMs)
      if (left === burst || periods > 0) since = instantOf(clock)
      left = Math.min(burst, left + periods)
      if (left === 0) return false
      left--
      return true
    },
  }
}
