/** Two clocks in milliseconds: the wall clock can be set back, the monotonic one cannot. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds since an arbitrary moment in the past. */
  readonly monotonic: () => number
}

export interface Instant {
  readonly now: number
  readonly monotonic: number
}

export function systemClock(now: () => number = Date.now): Clock {
  return { now, monotonic: () => performance.now() }
}

export function instantOf(clock: Clock): Instant {
  return { now: clock.now(), monotonic: clock.monotonic() }
}

/**
 * Milliseconds since `instant`: the larger of the two ages, so that nothing gets younger when the clock is set back.
 * NaN from the wall clock is ignored, so that limits based on an age still hold.
 */
export function elapsedSince(instant: Instant, clock: Clock): number {
  const wall = clock.now() - instant.now
  const monotonic = clock.monotonic() - instant.monotonic
  return wall > monotonic ? wall : monotonic
}
