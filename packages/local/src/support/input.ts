/** A rule for each field of an object. `undefined` is always valid. */
export type InputRules<T> = { readonly [Field in keyof Required<T>]: Rule }

export interface Rule {
  readonly accepts: (value: unknown) => boolean
  readonly expected: string
}

export function rule(expected: string, accepts: (value: unknown) => boolean): Rule {
  return { accepts, expected }
}

/** @throws {TypeError} that names the first unknown or invalid field */
export function checkInput<T extends object>(what: string, input: T, rules: InputRules<T>): void {
  if (!isObject(input)) throw new TypeError(`${what} takes an object with ${Object.keys(rules).join(', ')}`)
  for (const [field, value] of Object.entries(input)) {
    if (!isField(field, rules)) throw new TypeError(`${what} has no "${field}", only ${Object.keys(rules).join(', ')}`)
    const { accepts, expected } = rules[field]
    if (value !== undefined && !accepts(value)) throw new TypeError(`"${field}" of ${what} must be ${expected}`)
  }
}

function isField<T>(field: PropertyKey, rules: InputRules<T>): field is keyof T {
  return Object.hasOwn(rules, field)
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

export const A_STRING = rule('a string', (value) => typeof value === 'string')
export const A_STRING_OR_NULL = rule('a string or null', (value) => typeof value === 'string' || value === null)
export const STRINGS = rule('a list of strings', (value) => isListOf(value, (item) => typeof item === 'string'))
export const A_STRING_OR_STRINGS = rule(
  'a string or a list of strings',
  (value) => A_STRING.accepts(value) || STRINGS.accepts(value),
)
export const A_FORMAT = rule('"opaque" or "jwt"', (value) => value === 'opaque' || value === 'jwt')
export const A_TTL = rule('a finite number or null', (value) => isFiniteNumber(value) || value === null)
export const A_BOOLEAN = rule('true or false', (value) => typeof value === 'boolean')
export const A_FUNCTION = rule('a function', (value) => typeof value === 'function')
export const AN_OBJECT = rule('an object', isObject)
export const A_NUMBER = rule('a finite number', isFiniteNumber)
export const NOT_NEGATIVE = rule('a finite, non-negative number', (value) => isFiniteNumber(value) && value >= 0)

export function isListOf(value: unknown, accepts: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(accepts)
}
