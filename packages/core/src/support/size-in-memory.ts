/** Bytes, rounded up. The size of a value without its members, and of a member without its name and value. */
const OBJECT = 120
const MEMBER = 80
const INDEX = 128
const ITEM = 16
const TEXT = 48

/**
 * The approximate memory size of a parsed value in bytes. It overestimates, so that a cache stays within its limit
 * whatever tokens contain.
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
    // Engines store index-like names separately, in their own table.
    octets += (isIndex(name) ? INDEX : MEMBER + name.length) + sizeInMemory((value as Record<string, unknown>)[name])
  }
  return octets
}

function isIndex(name: string): boolean {
  const first = name.charCodeAt(0)
  return first >= 0x30 && first <= 0x39
}
