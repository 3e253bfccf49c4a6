import { isObject } from './input.js'
import { parseJson } from './parse-json.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** Why bytes are not a JSON object that all parsers read alike (RFC 7493). */
export type JsonFault = 'not-utf8' | 'too-deep' | 'not-an-object' | 'lone-surrogate' | 'duplicate-member'

const MAX_DEPTH = 32

/** Parses one JSON object, and rejects input that `JSON.parse` accepts but parsers disagree on. */
export function strictJson(bytes: Uint8Array): JsonObject | JsonFault {
  const text = decodeUtf8(bytes)
  if (text === undefined) return 'not-utf8'
  const structure = text.replace(/"(?:[^"\\]|\\.)*"?/gs, '')
  if (depthOf(structure) > MAX_DEPTH) return 'too-deep'

  const value = parseJson(text)
  if (!isObject(value)) return 'not-an-object'
  const { members, isWellFormed } = countMembers(value)
  if (!isWellFormed) return 'lone-surrogate'
  // Each member has one colon outside strings. A duplicate name leaves two colons but only one member.
  return members === structure.split(':').length - 1 ? (value as JsonObject) : 'duplicate-member'
}

/** Parses leniently, only for display. */
export function looseJson(bytes: Uint8Array): JsonObject | undefined {
  const value = parseJson(Buffer.from(bytes).toString())
  return isObject(value) ? (value as JsonObject) : undefined
}

/** An own member of the object, never an inherited one. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

// A byte order mark is kept, so it makes the JSON invalid: RFC 8259 section 8.1.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

function depthOf(structure: string): number {
  let [depth, deepest] = [0, 0]
  for (const character of structure) {
    if ('[{'.includes(character)) deepest = Math.max(deepest, ++depth)
    if (']}'.includes(character)) depth--
  }
  return deepest
}

function countMembers(value: unknown): { members: number; isWellFormed: boolean } {
  if (typeof value === 'string') return { members: 0, isWellFormed: value.isWellFormed() }
  if (typeof value !== 'object' || value === null) return { members: 0, isWellFormed: true }
  const names = Array.isArray(value) ? [] : Object.keys(value)
  const inside = Object.values(value).map(countMembers)
  return {
    members: names.length + inside.reduce((sum, { members }) => sum + members, 0),
    isWellFormed: names.every((name) => name.isWellFormed()) && inside.every((part) => part.isWellFormed),
  }
}
