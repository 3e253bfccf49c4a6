export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** Why a string is not an I-JSON object (RFC 7493). */
export type JsonFault = 'not-utf8' | 'not-an-object' | 'duplicate-member' | 'forbidden-character' | 'too-deep'

/** An own member of an object: claims missing from a token must not come from its prototype. */
export function member<T extends object, K extends keyof T & string>(object: T, name: K): T[K] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

const MAX_DEPTH = 32
const QUOTE = 0x22
const BACKSLASH = 0x5c

// The byte order mark is kept, so that JSON.parse rejects it: RFC 8259 section 8.1.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses a JSON object more strictly than `JSON.parse`, which keeps the last of two duplicate members: if parsers
 * disagree about them, two verifiers see different callers in the same token (RFC 7519 section 4).
 *
 * @returns the object, deeply frozen, or what is wrong with it
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | JsonFault {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return 'not-utf8'
  }

  const { separators, depth } = scan(bytes)
  if (depth > MAX_DEPTH) return 'too-deep'

  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not-an-object'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object'

  // ASCII without escapes cannot contain such characters.
  const isPlain = text.length === bytes.length && !text.includes('\\')
  if (!isPlain && hasForbiddenCharacter(value)) return 'forbidden-character'
  const members = freeze(value)
  // Each member has one colon in the source. A duplicate member adds a colon but no member.
  if (members !== separators) return 'duplicate-member'
  return value as JsonObject
}

/** Whether a parsed value is nested too deeply. Later recursion must not overflow the stack. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isTooDeep(member, depth - 1))
}

/** Counts the colons outside strings and the nesting depth. In UTF-8, no multi-byte character contains these bytes. */
function scan(bytes: Uint8Array): { separators: number; depth: number } {
  let separators = 0
  let open = 0
  let depth = 0
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]!) {
      case QUOTE:
        i = endOfString(bytes, i)
        break
      case 0x3a: // :
        separators++
        break
      case 0x5b: // [
      case 0x7b: // {
        depth = Math.max(depth, ++open)
        break
      case 0x5d: // ]
      case 0x7d: // }
        open--
        break
    }
  }
  return { separators, depth }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return i
}

/** Lone surrogates and noncharacters, which names and values must not contain: RFC 7493 section 2.1. */
const FORBIDDEN = /[\p{Cs}\p{Noncharacter_Code_Point}]/u

function hasForbiddenCharacter(value: unknown): boolean {
  if (typeof value === 'string') return FORBIDDEN.test(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasForbiddenCharacter)
  return Object.entries(value).some(([name, member]) => FORBIDDEN.test(name) || hasForbiddenCharacter(member))
}

/** Deeply freezes `value` and counts its members. */
function freeze(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0

  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += freeze(item)
  } else {
    for (const member of Object.values(value)) members += 1 + freeze(member)
  }
  Object.freeze(value)
  return members
}
