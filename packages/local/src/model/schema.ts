import * as v from 'valibot'
import type { ClerkErrorCode } from '../api/clerk-errors.js'
import { isObject } from '../support/input.js'

/** The schema of one field. */
export type Schema<T = unknown> = v.GenericSchema<T>

export type Fields = Readonly<v.ObjectEntries>

/** The values of an object with these fields. */
export type Values<F extends Fields> = v.InferOutput<v.ObjectSchema<F, undefined>>

interface Bounds {
  readonly min?: number
  readonly max?: number
}

interface StringRules extends Bounds {
  readonly pattern?: RegExp
}

/** `min` and `max` bound the number of characters. */
export function string({ min, max, pattern }: StringRules = {}): Schema<string> {
  return piped(v.string(), min && v.minLength(min), max && v.maxLength(max), pattern && v.regex(pattern))
}

export function integer({ min, max }: Bounds = {}): Schema<number> {
  return piped(v.number(), v.integer(), min !== undefined && v.minValue(min), max !== undefined && v.maxValue(max))
}

export function number({ min, max, moreThan }: Bounds & { readonly moreThan?: number } = {}): Schema<number> {
  return piped(
    v.number(),
    v.finite(),
    min !== undefined && v.minValue(min),
    moreThan !== undefined && v.gtValue(moreThan),
    max !== undefined && v.maxValue(max),
  )
}

export function boolean(): Schema<boolean> {
  return v.boolean()
}

export function oneOf<const T extends string>(...values: readonly T[]): Schema<T> {
  return v.picklist(values)
}

/** `min` and `max` bound the number of items. */
export function list<T>(item: Schema<T>, { min, max }: Bounds = {}): Schema<readonly T[]> {
  return piped(v.array(item), min && v.minLength(min), max !== undefined && v.maxLength(max))
}

/** A JSON object with any members. `maxBytes` bounds its JSON. */
export function json({ maxBytes }: { readonly maxBytes?: number } = {}): Schema<JsonObject> {
  return piped(
    v.custom<JsonObject>(isObject, 'object'),
    maxBytes !== undefined &&
      rule(
        'form_param_exceeds_allowed_size',
        `exceeds the maximum allowed size of ${maxBytes} bytes.`,
        (value: JsonObject) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes,
      ),
  )
}

export type JsonObject = Readonly<Record<string, unknown>>

/** An object with these fields, whose others are dropped. */
export function object<const F extends Fields>(fields: F): Schema<Values<F>> {
  return v.object(fields)
}

/** An object with these fields and no others. */
export function strict<const F extends Fields>(fields: F): Schema<Values<F>> {
  return v.strictObject(fields)
}

/** Milliseconds since the epoch. */
export function time(): Schema<number> {
  return number()
}

/** Milliseconds since the epoch, or `null`: never. */
export function timeOrNull() {
  return orNull(time())
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return v.nullable(schema)
}

/** A field that may be missing. */
export function optional<T>(schema: Schema<T>): v.OptionalSchema<Schema<T>, undefined> {
  return v.optional(schema)
}

/** A field that may be missing or `null`. */
export function nullish<T>(schema: Schema<T>): v.OptionalSchema<Schema<T | null>, undefined> {
  return optional(nullable(schema))
}

/** A field that is `null` if it is missing. */
export function orNull<T>(schema: Schema<T>): v.OptionalSchema<Schema<T | null>, null> {
  return v.optional(nullable(schema), null)
}

/** A field that has this value if it is missing. */
export function withDefault<T>(schema: Schema<T>, value: T): v.OptionalSchema<Schema<T>, T> {
  return v.optional(schema, value)
}

const CODES = new WeakMap<object, ClerkErrorCode>()

/** A rule of a field beyond its type, whose violation has an error of its own. The message follows the field's name. */
export function rule<T>(code: ClerkErrorCode, message: string, test: (value: T) => boolean): v.GenericPipeAction<T, T> {
  // A function of its own, because one test may belong to several rules.
  const requirement = (value: T) => test(value)
  CODES.set(requirement, code)
  return v.check(requirement, message)
}

/** The error code of a violated {@link rule}. */
export function codeOf({ requirement }: v.BaseIssue<unknown>): ClerkErrorCode | undefined {
  return typeof requirement === 'function' ? CODES.get(requirement) : undefined
}

/** A schema with further rules. */
export function refined<T>(schema: Schema<T>, ...rules: readonly v.GenericPipeAction<T, T>[]): Schema<T> {
  return piped(schema, ...rules)
}

function piped<T>(schema: Schema<T>, ...actions: readonly unknown[]): Schema<T> {
  const given = actions.filter(Boolean)
  return given.length === 0 ? schema : (v.pipe as unknown as (...parts: unknown[]) => Schema<T>)(schema, ...given)
}
