// The same as src/support/durations.ts, which a browser cannot load: a test compares the two.
const UNITS = /** @type {const} */ ([
  ['y', 365 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
])

/**
 * The duration between two times, in the two largest units: `2 d 3 h`, `1 min`, `40 s`.
 *
 * @param {number} from milliseconds since the epoch
 * @param {number} to milliseconds since the epoch
 */
export function between(from, to) {
  let rest = Math.abs(to - from)
  const first = UNITS.findIndex(([, size]) => rest >= size)
  if (first === -1) return '0 s'
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count > 0 ? `${count} ${unit}` : ''
  })
  return parts.filter(Boolean).join(' ')
}

/**
 * `5 min ago`, `in 40 s`, `now`.
 *
 * @param {number} time milliseconds since the epoch
 * @param {number} now milliseconds since the epoch
 */
export function moment(time, now) {
  if (Math.abs(time - now) < 1000) return 'now'
  return time < now ? `${between(time, now)} ago` : `in ${between(now, time)}`
}

/**
 * `2030-01-01 12:00:00Z`
 *
 * @param {number} time milliseconds since the epoch
 */
export function timestamp(time) {
  return new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d{3}Z$/, 'Z')
}

/**
 * `12:00:00Z`, with the date if it is not today.
 *
 * @param {number} time milliseconds since the epoch
 * @param {number} now milliseconds since the epoch
 */
export function timeNear(time, now) {
  const [date, clock] = timestamp(time).split(' ')
  return timestamp(now).startsWith(`${date} `) ? (clock ?? '') : timestamp(time)
}

/**
 * Whether a `Date` can represent it, ECMA-262 section 21.4.1.1.
 *
 * @param {number} time milliseconds since the epoch
 */
export function isTime(time) {
  return Math.abs(time) <= 8.64e15
}
