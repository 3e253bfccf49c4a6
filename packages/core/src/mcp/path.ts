/**
 * A path in one form for all spellings that a router may treat as equal: percent-encoded, in other case, with repeated
 * slashes, a slash at the end, a parameter after `;`, or white space at the ends, which Express removes. Otherwise
 * another spelling of the path of a resource could count as the path of the resource above it.
 */
export function foldedPath(path: string): string {
  return path
    .replace(/(?:%[0-9a-f]{2})+/gi, decoded)
    .replace(/[;?#].*/s, '')
    .trim()
    .replace(/[/\\]+/g, '/')
    .replace(/\/$/, '')
    .toLowerCase()
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

/** Whether a path is this one or below it. Both are folded. */
export function isUnder(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`)
}

/** Whether a path is written like this one or below it, so that every router takes it for that. Neither is folded. */
export function isPlainlyUnder(path: string, parent: string): boolean {
  // Some frameworks decode the path.
  return [parent, decoded(parent)].some((one) => isUnder(path, one.replace(/\/$/, '')))
}
