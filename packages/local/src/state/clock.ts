/** The instance's own clock, used to mint tokens. All values are milliseconds since the epoch. */
export interface LocalClock {
  readonly now: () => number
  /** Moves the clock by `ms` milliseconds, backwards if negative. It keeps running unless `set()` stopped it. */
  readonly advance: (ms: number) => void
  /** Stops the clock at this time. */
  readonly set: (ms: number) => void
}

export interface ResettableClock extends LocalClock {
  /** whether `set()` stopped it */
  readonly isStopped: () => boolean
  readonly reset: () => void
}

/** @param moved called after `advance()` and `set()` */
export function createClock(source: () => number, moved: () => void = () => {}): ResettableClock {
  let offset = 0
  let stoppedAt: number | undefined
  const now = () => stoppedAt ?? source() + offset
  return {
    now,
    advance(ms) {
      if (!Number.isFinite(ms)) throw new TypeError('clock.advance() takes milliseconds, such as 60_000')
      checkTime(now() + ms)
      if (stoppedAt === undefined) offset += ms
      else stoppedAt += ms
      moved()
    },
    set(ms) {
      if (!Number.isFinite(ms))
        throw new TypeError('clock.set() takes milliseconds since the epoch, such as Date.UTC(2030, 0)')
      checkTime(ms)
      stoppedAt = ms
      moved()
    },
    isStopped: () => stoppedAt !== undefined,
    reset() {
      offset = 0
      stoppedAt = undefined
    },
  }
}

/** Milliseconds. The limit of a `Date` is 8.64e15 (ECMA-262 section 21.4.1.1); a running clock needs some room. */
const MAX_TIME = 8.6e15

function checkTime(ms: number): void {
  if (Math.abs(ms) > MAX_TIME) throw new TypeError('the clock cannot be set beyond the range of a Date')
}
