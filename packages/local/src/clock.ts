/** The instance's own clock, by which tokens are minted. All values are milliseconds since the epoch. */
export interface LocalClock {
  readonly now: () => number
  /** Moves the clock by this many milliseconds, backwards when negative. It keeps running, unless it was set. */
  readonly advance: (ms: number) => void
  /** Stops the clock at this moment. */
  readonly set: (ms: number) => void
}

export interface ResettableClock extends LocalClock {
  readonly reset: () => void
}

export function createClock(source: () => number): ResettableClock {
  let offset = 0
  let stoppedAt: number | undefined
  return {
    now: () => stoppedAt ?? source() + offset,
    advance(ms) {
      checkMilliseconds('advance', ms)
      if (stoppedAt === undefined) offset += ms
      else stoppedAt += ms
    },
    set(ms) {
      checkMilliseconds('set', ms)
      stoppedAt = ms
    },
    reset() {
      offset = 0
      stoppedAt = undefined
    },
  }
}

function checkMilliseconds(method: string, ms: number): void {
  if (!Number.isFinite(ms)) throw new TypeError(`clock.${method}() takes a finite number of milliseconds`)
}
