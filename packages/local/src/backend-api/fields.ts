import { isProxied } from './backend-api.js'
import type { EndpointRequest } from '../api/endpoint.js'
import type { ClerkErrorCode } from '../api/clerk-errors.js'
import { Refusal } from '../api/errors.js'
import { isListOf, isObject } from '../support/input.js'
import { isJsonRequest, parseRequestJson, readText } from '../api/request-json.js'

/** A field in Clerk's specification. `min` and `max` bound a number, a length, or the bytes of an object's JSON. */
export interface Field {
  readonly type: keyof FieldTypes
  readonly required?: true
  readonly nullable?: true
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
}

/** A `min` that excludes zero. */
export const POSITIVE = Number.MIN_VALUE

export type Fields = Readonly<Record<string, Field>>

export type FieldValues<F extends Fields> = {
  readonly [Name in keyof F]:
    | FieldTypes[F[Name]['type']]
    | (F[Name] extends { required: true } ? never : undefined)
    | (F[Name] extends { nullable: true } ? null : never)
}

interface FieldTypes {
  string: string
  integer: number
  number: number
  boolean: boolean
  strings: readonly string[]
  object: Readonly<Record<string, unknown>>
}

/** @throws {Refusal} if the body or a field is invalid or, if `strict`, the body has unknown fields */
export async function readBodyFields<const F extends Fields>(
  request: EndpointRequest,
  fields: F,
  { strict = false } = {},
): Promise<FieldValues<F>> {
  const body = await readJsonObject(request)
  const unknown = strict ? Object.keys(body).find((name) => !Object.hasOwn(fields, name)) : undefined
  if (unknown !== undefined) throw unknownField(request, unknown)
  return checkFields(request, 'body', body, fields)
}

/** The error for a field that the operation does not have. */
export function unknownField(request: EndpointRequest, name: string): Refusal {
  if (isProxied(request.path)) return new Refusal('bad_request', `Invalid 'body.${name}': it is not a parameter`)
  return new Refusal('form_param_unknown', `${name} is not a valid parameter for this request.`, name)
}

/** @throws {Refusal} */
export function readQueryFields<const F extends Fields>(request: EndpointRequest, fields: F): FieldValues<F> {
  const values = Object.keys(fields).flatMap((name) => {
    const [text, ...more] = request.query.getAll(name)
    if (text === undefined) return []
    const { type } = fields[name]!
    return [[name, type === 'strings' ? [text, ...more] : parseQueryValue(text, type)]]
  })
  return checkFields(request, 'query_parameter', Object.fromEntries(values) as object, fields)
}

/** @throws {Refusal} */
export function readPathFields<const F extends Fields>(request: EndpointRequest, fields: F): FieldValues<F> {
  return checkFields(request, 'url_parameter', request.params, fields)
}

async function readJsonObject(request: EndpointRequest): Promise<object> {
  const text = await readText(request)
  if (text === '') return {}
  if (!isJsonRequest(request)) throw unsupportedType(request)
  const body = parseRequestJson(text)
  if (isObject(body)) return body
  throw new Refusal(isProxied(request.path) ? 'bad_request' : 'request_body_invalid')
}

/** Echoes the content type only as far as it is well-formed. */
function unsupportedType({ headers }: EndpointRequest): Refusal {
  const [type = ''] = /^[\w.+-]{1,64}\/[\w.+-]{1,64}/.exec(headers['content-type'] ?? '') ?? []
  return new Refusal(
    'unsupported_content_type',
    `Content-Type ${type} is unsupported. You should use application/json instead.`,
  )
}

function parseQueryValue(text: string, type: Field['type']): unknown {
  if (type === 'boolean') return ({ true: true, false: false } as Record<string, boolean>)[text] ?? text
  if (type === 'integer' || type === 'number') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  return text
}

function checkFields<F extends Fields>(
  request: EndpointRequest,
  place: string,
  values: object,
  fields: F,
): FieldValues<F> {
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(fields, name)))
  for (const [name, field] of Object.entries(fields)) {
    const problem = problemOf(name, own[name], field)
    if (!problem) continue
    const [code, message] = problem
    if (isProxied(request.path)) throw new Refusal('bad_request', `Invalid '${place}.${name}': ${message}`)
    throw new Refusal(code, message, name)
  }
  return own as FieldValues<F>
}

function problemOf(name: string, value: unknown, field: Field): readonly [ClerkErrorCode, string] | undefined {
  if (value === undefined) return field.required ? ['form_param_missing', `${name} must be included.`] : undefined
  if (value === null) return field.nullable ? undefined : ['form_param_nil', `${name} must not be null.`]
  if (!TYPES[field.type](value)) return ['form_param_type_invalid', `\`${name}\` must be a \`${field.type}\`.`]
  if (field.oneOf?.includes(value as string) === false)
    return ['form_param_value_invalid', `It does not match one of the allowed values for parameter ${name}`]
  if (field.pattern?.test(value as string) === false) return ['form_param_value_invalid', 'Failed regex check']
  return boundProblemOf(name, value, field)
}

function boundProblemOf(
  name: string,
  value: unknown,
  { min = -Infinity, max = Infinity }: Field,
): readonly [ClerkErrorCode, string] | undefined {
  if (typeof value === 'number') {
    if (value > max) return ['form_param_value_too_large', `The value of ${name} can't be greater than ${max}`]
    return value < min ? ['form_param_value_invalid', `The value of ${name} is too small`] : undefined
  }
  if (typeof value === 'string') {
    if (value.length > max) return ['form_param_max_length_exceeded', `${name} should not exceed ${max} characters.`]
    if (value.length >= min) return undefined
    return ['form_param_min_length_exceeded', `${name} must be at least ${min} characters long.`]
  }
  if (isObject(value) && max < Infinity && Buffer.byteLength(JSON.stringify(value)) > max)
    return ['form_param_exceeds_allowed_size', `The given ${name} exceeds the maximum allowed size of ${max} bytes.`]
  if (Array.isArray(value) && value.length > max)
    return ['form_param_array_size_exceeded', `${name} should not exceed ${max} items.`]
  return undefined
}

const TYPES: Readonly<Record<keyof FieldTypes, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => isListOf(value, (item) => typeof item === 'string'),
  object: isObject,
}
