export const DAY_IN_MS = 86_400_000

const UNITS = [
  ['y', 365 * DAY_IN_MS],
  ['d', DAY_IN_MS],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** The duration between two times, in the two largest units: `2 d 3 h`, `1 min`, `40 s`. */
export function between(from: number, to: number): string {
  let rest = Math.abs(to - from)
  const first = UNITS.findIndex(([, size]) => rest >= size)
  if (first === -1) return '0 s'
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count > 0 && !(unit === 'ms' && first < UNITS.length - 1) ? `${count} ${unit}` : ''
  })
  return parts.filter(Boolean).join(' ')
}

/** `5 min ago`, `in 40 s`, `now`. */
export function moment(time: number, now: number): string {
  if (Math.abs(time - now) < 1000) return 'now'
  return time < now ? `${between(time, now)} ago` : `in ${between(now, time)}`
}

/** `2030-01-01 12:00:00Z` */
export function timestamp(time: number): string {
  return new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d{3}Z$/, 'Z')
}
