import * as v from 'valibot'
import type { ClerkErrorCode } from '../api/clerk-errors.js'
import { isProxied } from '../api/credentials.js'
import type { EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { isJsonRequest, parseRequestJson } from '../api/request-json.js'
import { codeOf, object, type Fields, type Schema, type Values } from '../model/schema.js'

/**
 * Reads the JSON body of a request. A request without a body has an empty object.
 *
 * @throws {Refusal} if it is not JSON, or not what the schema describes
 */
export async function readBody<T>(request: EndpointRequest, schema: Schema<T>): Promise<T> {
  const text = await request.readText()
  if (text === '') return checked(request, 'body', {}, schema)
  if (!isJsonRequest(request)) throw unsupportedType(request)
  const body = parseRequestJson(text)
  if (body === undefined || body === null || typeof body !== 'object')
    throw new Refusal(isProxied(request.path) ? 'bad_request' : 'request_body_invalid')
  if (Array.isArray(body) && schema.type !== 'array')
    throw new Refusal(isProxied(request.path) ? 'bad_request' : 'request_body_invalid')
  return checked(request, 'body', body, schema)
}

/**
 * Reads query parameters. Others are ignored.
 *
 * @throws {Refusal} if a parameter is not what its schema describes
 */
export function readQuery<F extends Fields>(request: EndpointRequest, fields: F): Values<F> {
  const values = Object.entries(fields).flatMap(([name, schema]) => {
    const texts = [...request.query.getAll(name), ...request.query.getAll(`${name}[]`)].flatMap((text) =>
      isListOfWords(schema) ? text.split(',') : [text],
    )
    return texts.length === 0 ? [] : [[name, queryValue(texts, typeOf(schema))] as const]
  })
  return checked(request, 'query_parameter', Object.fromEntries(values), object(fields))
}

/** @throws {Refusal} if a parameter in the path is not what its schema describes */
export function checkParams(request: EndpointRequest, fields: Fields): void {
  checked(request, 'url_parameter', request.params, object(fields))
}

/** Whether it is a list of enumerated values, which may also be separated by commas. */
function isListOfWords(schema: unknown): boolean {
  const { wrapped, item } = schema as { readonly wrapped?: unknown; readonly item?: unknown }
  return wrapped === undefined ? item !== undefined && typeOf(item) === 'picklist' : isListOfWords(wrapped)
}

/** The type of a schema inside `optional` and `nullable`. */
function typeOf(schema: unknown): string {
  const { type, wrapped } = schema as { readonly type: string; readonly wrapped?: unknown }
  return wrapped === undefined ? type : typeOf(wrapped)
}

/** Reads the text of a parameter as its type. Text that is not of the type stays, and is refused by the schema. */
function queryValue([text = '', ...more]: readonly string[], type: string): unknown {
  if (type === 'array') return [text, ...more]
  if (type === 'boolean') return ({ true: true, false: false } as Record<string, boolean>)[text] ?? text
  if (type === 'number') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  return text
}

/** Echoes the content type only as far as it is well-formed. */
function unsupportedType({ headers }: EndpointRequest): Refusal {
  const [type = ''] = /^[\w.+-]{1,64}\/[\w.+-]{1,64}/.exec(headers['content-type'] ?? '') ?? []
  return new Refusal(
    'unsupported_content_type',
    `Content-Type ${type} is unsupported. You should use application/json instead.`,
  )
}

function checked<T>(request: EndpointRequest, place: string, value: unknown, schema: Schema<T>): T {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true })
  if (success) return output
  const name = nameOf(issues[0])
  const [code, message] = problemOf(name, issues[0])
  if (isProxied(request.path)) throw new Refusal('bad_request', `Invalid '${place}.${name}': ${message}`)
  throw new Refusal(code, message, name)
}

/** `actor.sub` for the member `sub` of `actor`, and `body` for a whole body that is a list. */
function nameOf({ path }: v.BaseIssue<unknown>): string {
  return (path ?? []).map(({ key }) => String(key)).join('.') || 'body'
}

/** Clerk's code and message for a value that its schema refuses. */
function problemOf(name: string, issue: v.BaseIssue<unknown>): readonly [ClerkErrorCode, string] {
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return ['form_param_unknown', `${name} is not a valid parameter for this request.`]
  if (issue.input === undefined) return ['form_param_missing', `${name} must be included.`]
  if (issue.input === null) return ['form_param_nil', `${name} must not be null.`]
  const own = codeOf(issue)
  if (own) return [own, `${name} ${issue.message}`]
  if (issue.kind === 'schema') return problemOfType(name, issue)
  return problemOfValue(name, issue)
}

function problemOfType(name: string, { type }: v.BaseIssue<unknown>): readonly [ClerkErrorCode, string] {
  if (type === 'picklist')
    return ['form_param_value_invalid', `It does not match one of the allowed values for parameter ${name}`]
  return ['form_param_type_invalid', `\`${name}\` must be a \`${type === 'custom' ? 'object' : type}\`.`]
}

function problemOfValue(
  name: string,
  { type, requirement, input }: v.BaseIssue<unknown>,
): readonly [ClerkErrorCode, string] {
  const isList = Array.isArray(input)
  const limit = String(requirement)
  switch (type) {
    case 'integer':
    case 'finite':
      return ['form_param_type_invalid', `\`${name}\` must be a \`${type === 'integer' ? 'integer' : 'number'}\`.`]
    case 'max_value':
      return ['form_param_value_too_large', `The value of ${name} can't be greater than ${limit}`]
    case 'min_value':
    case 'gt_value':
      return ['form_param_value_invalid', `The value of ${name} is too small`]
    case 'max_length':
      return isList
        ? ['form_param_array_size_exceeded', `${name} should not exceed ${limit} items.`]
        : ['form_param_max_length_exceeded', `${name} should not exceed ${limit} characters.`]
    case 'min_length':
      return isList
        ? ['form_param_missing', `${name} must be included.`]
        : ['form_param_min_length_exceeded', `${name} must be at least ${limit} characters long.`]
    default:
      return ['form_param_value_invalid', 'Failed regex check']
  }
}
