const MAX_NAMES = 100

/** Formats names for a message. */
export function list(names: Iterable<string>): string {
  const all = [...names]
  const more = all.length > MAX_NAMES ? [`and ${all.length - MAX_NAMES} more`] : []
  return [...all.slice(0, MAX_NAMES), ...more].join(', ') || 'none'
}
