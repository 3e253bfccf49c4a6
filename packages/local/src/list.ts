/** Names as a message lists them. */
export function list(names: Iterable<string>): string {
  return [...names].join(', ') || 'none'
}
