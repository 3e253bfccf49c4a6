/** Lower values are seconds: in milliseconds they would be before March 1973. */
const SECONDS_BELOW = 1e11

/** A time from Clerk, which sends both seconds and milliseconds since the epoch, in milliseconds. */
export function inMilliseconds(time: number): number {
  return time < SECONDS_BELOW ? time * 1000 : time
}
