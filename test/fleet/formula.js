/**
 * How often Clerk is asked about opaque tokens, in calls per minute.
 *
 * @param {{ processes: number, tokens: number, requestsPerSecond: number, rememberInSeconds: number }} fleet
 */
export function callsPerMinute({ processes, tokens, requestsPerSecond, rememberInSeconds }) {
  const betweenRequests = tokens / requestsPerSecond
  return {
    none: 60 * requestsPerSecond,
    ownMemory: (60 * tokens) / (rememberInSeconds / processes + betweenRequests),
    shared: (60 * tokens) / (rememberInSeconds + betweenRequests),
  }
}

const PRICE = 0.00001
const FREE_PER_MONTH = 100_000
const MINUTES_PER_MONTH = 30 * 24 * 60

/** @param {number} calls per minute */
export function dollarsPerMonth(calls) {
  return Math.max(0, calls * MINUTES_PER_MONTH - FREE_PER_MONTH) * PRICE
}

/** The rows of the table in docs/fleet.md. */
export const FLEETS = [
  { processes: 1, tokens: 100, requestsPerSecond: 100 },
  { processes: 4, tokens: 100, requestsPerSecond: 100 },
  { processes: 40, tokens: 1000, requestsPerSecond: 5000 },
  { processes: 1000, tokens: 100_000, requestsPerSecond: 1_000_000 },
]
