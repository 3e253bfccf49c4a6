/** The instance's own clock, by which tokens are minted. All values are milliseconds since the epoch. */
export interface LocalClock {
  readonly now: () => number
  /** Moves the clock by this many milliseconds, backwards when negative. It keeps running, unless it was set. */
  readonly advance: (ms: number) => void
  /** Stops the clock at this moment. */
  readonly set: (ms: number) => void
}

export interface ResettableClock extends LocalClock {
  /** whether it stands still because it was set */
  readonly isStopped: () => boolean
  readonly reset: () => void
}

export function createClock(source: () => number): ResettableClock {
  let offset = 0
  let stoppedAt: number | undefined
  const now = () => stoppedAt ?? source() + offset
  return {
    now,
    advance(ms) {
      if (!Number.isFinite(ms)) throw new TypeError('clock.advance() takes milliseconds, such as 60_000')
      checkMoment(now() + ms)
      if (stoppedAt === undefined) offset += ms
      else stoppedAt += ms
    },
    set(ms) {
      if (!Number.isFinite(ms))
        throw new TypeError('clock.set() takes milliseconds since the epoch, such as Date.UTC(2030, 0)')
      checkMoment(ms)
      stoppedAt = ms
    },
    isStopped: () => stoppedAt !== undefined,
    reset() {
      offset = 0
      stoppedAt = undefined
    },
  }
}

/** Milliseconds. A `Date` holds 8.64e15 (ECMA-262 section 21.4.1.1), and a clock that runs needs some years to go. */
const MAX_TIME = 8.6e15

function checkMoment(ms: number): void {
  if (Math.abs(ms) > MAX_TIME) throw new TypeError('the clock does not go beyond what a Date can hold')
}
