/** Octets. What a value takes beside its members, and a member beside its name and its value; rounded up. */
const OBJECT = 120
const MEMBER = 80
const INDEX = 128
const ITEM = 16
const TEXT = 48

/**
 * Rough octets of memory that a parsed value takes. Rather too many than too few: a cache that is bounded by it keeps its
 * bound whatever a token is filled with.
 */
export function sizeInMemory(value: unknown): number {
  if (typeof value === 'string') return TEXT + 2 * value.length
  if (typeof value !== 'object' || value === null) return ITEM
  let octets = OBJECT
  if (Array.isArray(value)) {
    for (const item of value) octets += ITEM + sizeInMemory(item)
    return octets
  }
  for (const name in value) {
    // A name that is an index is kept apart from the others, in a table of its own.
    octets += (isIndex(name) ? INDEX : MEMBER + name.length) + sizeInMemory((value as Record<string, unknown>)[name])
  }
  return octets
}

function isIndex(name: string): boolean {
  const first = name.charCodeAt(0)
  return first >= 0x30 && first <= 0x39
}
