import { safeGet } from './safe-get.js'

/** For each field, checks its value. Returns `true`, or what is wrong with it. */
export type FieldChecks = Readonly<Record<string, (value: unknown) => true | string>>

/**
 * Checks a declaration such as the options, at start. Fields that are `undefined` count as missing.
 *
 * @throws {TypeError} naming the field, with a suggestion if it is unknown
 */
export function checkFields(what: string, declaration: object, checks: FieldChecks): void {
  for (const name of Object.keys(checks)) {
    // It would be ignored, and it may be what protects a route.
    if (safeGet(declaration, name) !== undefined && !Object.prototype.propertyIsEnumerable.call(declaration, name))
      throw new TypeError(`${what} "${name}" is inherited or not enumerable: use a plain object`)
  }
  for (const [name, value] of Object.entries(declaration)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) throw new TypeError(`unknown ${what} "${name}"${suggest(name, Object.keys(checks))}`)
    const problem = value === undefined || check(value)
    if (problem !== true) throw new TypeError(`${what} "${name}" ${problem}`)
  }
}

/**
 * A private copy of a declaration: its lists and objects are copied and frozen, and nothing is inherited, so that it
 * cannot be weakened later.
 */
export function ownCopy<T extends object>(declared: T): T {
  const own = Object.assign(Object.create(null), declared) as Record<string, unknown>
  for (const [name, value] of Object.entries(own)) {
    if (Array.isArray(value)) own[name] = Object.freeze([...(value as unknown[])])
    else if (typeof value === 'object' && value !== null)
      own[name] = Object.freeze(Object.assign(Object.create(null), value))
  }
  return Object.freeze(own) as T
}

/** An empty declaration that inherits nothing. */
export const NO_OPTIONS: object = Object.freeze(Object.create(null) as object)

/** The items of a list, or a single value as a list. Holes become items, so that checks do not skip them. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? Array.from<unknown>(value) : [value]
}

/** A list that has been checked, or a single value as a list. */
export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return (Array.isArray(value) ? value : [value]) as readonly T[]
}

/** Describes a value in a message without revealing it: it may be a secret. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an instance of a class' : `a ${typeof value}`
}

function suggest(name: string, known: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
  const [closest] = known
    .map((candidate) => ({ candidate, distance: editDistance(plain(name), plain(candidate)) }))
    .sort((one, other) => one.distance - other.distance)
  if (closest && closest.distance <= Math.min(3, name.length / 2)) return `; did you mean "${closest.candidate}"?`
  return `; known names are ${known.map((one) => `"${one}"`).join(', ')}`
}

/** Levenshtein distance: the number of letters to change, add or remove. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
