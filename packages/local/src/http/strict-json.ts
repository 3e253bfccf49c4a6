import { isObject } from '../input.js'
import { parseJson } from './parse-json.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** What keeps octets from being a JSON object that every reader reads alike (RFC 7493). */
export type JsonFault = 'not-utf8' | 'too-deep' | 'not-an-object' | 'lone-surrogate' | 'duplicate-member'

const MAX_DEPTH = 32

/** Parses one JSON object, and refuses what `JSON.parse` lets pass though readers differ on it. */
export function strictJson(octets: Uint8Array): JsonObject | JsonFault {
  const text = decodeUtf8(octets)
  if (text === undefined) return 'not-utf8'
  const structure = text.replace(/"(?:[^"\\]|\\.)*"?/gs, '')
  if (depthOf(structure) > MAX_DEPTH) return 'too-deep'

  const value = parseJson(text)
  if (!isObject(value)) return 'not-an-object'
  const { members, isWellFormed } = countMembers(value)
  if (!isWellFormed) return 'lone-surrogate'
  // Each member has one colon outside strings. A name that came twice has left two, and one member.
  return members === structure.split(':').length - 1 ? (value as JsonObject) : 'duplicate-member'
}

/** As strict as it need be to look at, no more. */
export function looseJson(octets: Uint8Array): JsonObject | undefined {
  const value = parseJson(Buffer.from(octets).toString())
  return isObject(value) ? (value as JsonObject) : undefined
}

/** A member of the object itself, never one that it inherits. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

// A byte order mark stays, and is no JSON: RFC 8259 section 8.1.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return UTF8.decode(octets)
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
