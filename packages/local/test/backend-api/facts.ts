import { readFileSync } from 'node:fs'
import { merged, type SchemaFacts, type Schemas } from './schema.js'
import { schemaChecker } from './schema-checker.js'

export interface ParameterFacts {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: true
  readonly schema: SchemaFacts
}

export interface OperationFacts {
  readonly id: string
  readonly method: string
  /** without `/v1`, such as `/users/{user_id}` */
  readonly path: string
  /** beyond the 158 operations that the local instance promises */
  readonly extra?: true
  readonly parameters: readonly ParameterFacts[]
  readonly body?: { readonly mediaType: string; readonly required?: true; readonly schema: SchemaFacts }
  /** by success status; `null`: without a body */
  readonly answers: Readonly<Record<string, SchemaFacts | null>>
  /** the documented statuses from 400 on */
  readonly errors: readonly number[]
}

interface BackendApiFacts {
  readonly operations: readonly OperationFacts[]
  readonly schemas: Schemas
}

interface WebhookFacts {
  readonly events: readonly { readonly type: string; readonly payload: SchemaFacts }[]
  readonly schemas: Schemas
}

const LIMITS = [
  ...(['format', 'enum', 'default', 'pattern', 'minimum', 'maximum'] as const),
  ...(['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems'] as const),
] as const

/** The value that a parameter, a field or an item of an array may have. */
export interface ValueFacts extends Pick<SchemaFacts, (typeof LIMITS)[number]> {
  /** `undefined`: any type */
  readonly type: string | undefined
  readonly nullable: boolean
  /** of an array */
  readonly items?: ValueFacts
  /** of an object whose fields are documented */
  readonly fields?: readonly FieldFacts[]
  readonly refusesUnknownFields?: boolean
}

export interface FieldFacts extends ValueFacts {
  readonly name: string
  readonly required: boolean
}

/** Everything that an operation reads from a request. */
export interface InputFacts {
  readonly path: readonly FieldFacts[]
  readonly query: readonly FieldFacts[]
  /** an object, or for bulk operations an array of objects */
  readonly body: (ValueFacts & { readonly mediaType: string; readonly required: boolean }) | undefined
}

const ERROR_BODY: SchemaFacts = { $ref: 'ClerkErrors' }

/** Documented without a body, although their whole purpose is the page that they answer. */
const ANSWERS_A_PAGE: readonly string[] = ['GetPublicInterstitial']

/**
 * Fields that the specification does not have, although the official client reads them: the audience and the actor of an
 * OAuth access token, without which neither could be checked for opaque tokens.
 */
const ALSO_ANSWERED: Readonly<Record<string, readonly string[]>> = { verifyOAuthAccessToken: ['aud', 'act'] }

const backendApi = read('facts.json') as BackendApiFacts
const webhooks = read('webhook-facts.json') as WebhookFacts

export const operations: readonly OperationFacts[] = backendApi.operations
export const webhookTypes: readonly string[] = webhooks.events.map(({ type }) => type)

const operationsById = new Map(operations.map((operation) => [operation.id, operation]))
const patterns = operations.map((operation) => ({ operation, segments: operation.path.slice(1).split('/') }))

/**
 * The answers of array operations to `paginated=true`, by operation. The specification has the parameter but not this
 * answer: its shape is that of the lists that are always paginated, and what the official client expects.
 */
const pages: ReadonlyMap<string, SchemaFacts> = new Map(
  operations.flatMap(({ id, parameters, answers: { 200: list } }) =>
    list && merged(list, backendApi.schemas).type === 'array' && parameters.some(({ name }) => name === 'paginated')
      ? [[id, pageOf(list)]]
      : [],
  ),
)
const answerDifferences = schemaChecker(backendApi.schemas)
const payloadDifferences = schemaChecker(webhooks.schemas)

/** @throws {TypeError} if the operation is unknown */
export function operationById(operationId: string): OperationFacts {
  const operation = operationsById.get(operationId)
  if (!operation) throw new TypeError(`no operation ${operationId}`)
  return operation
}

/**
 * Finds the operation of a request. Literal segments precede parameters, so that `/users/count` is not a user.
 *
 * @param path such as `/v1/users/user_123/ban`, or without `/v1` as a proxy may send it
 */
export function operationOf(method: string, path: string): OperationFacts | undefined {
  const segments = path
    .replace(/^\/v1(?=\/)/, '')
    .slice(1)
    .split('/')
  const matches = patterns.filter(
    (pattern) =>
      pattern.operation.method === method &&
      pattern.segments.length === segments.length &&
      pattern.segments.every((segment, index) =>
        isParameter(segment) ? segments[index] !== '' : segment === segments[index],
      ),
  )
  return matches.toSorted((one, other) => parametersIn(one.segments) - parametersIn(other.segments))[0]?.operation
}

/**
 * The differences between an answer and the specification, or an empty list.
 *
 * @param body the parsed JSON; `undefined` if the answer has no body
 * @param query of the request: with `paginated=true` some lists have another shape
 */
export function answerProblems(
  operationId: string,
  status: number,
  body: unknown,
  query = new URLSearchParams(),
): readonly string[] {
  const { answers } = operationById(operationId)
  if (status >= 400) return answerDifferences(ERROR_BODY, body)
  const page = status === 200 && query.get('paginated') === 'true' ? pages.get(operationId) : undefined
  const schema = page ?? answers[status]
  if (schema === undefined) return [`the status ${status} is not documented`]
  if (schema) return answerDifferences(schema, without(ALSO_ANSWERED[operationId], body))
  return body === undefined || ANSWERS_A_PAGE.includes(operationId) ? [] : ['must not have a body']
}

function without(fields: readonly string[] = [], body: unknown): unknown {
  if (fields.length === 0 || typeof body !== 'object' || body === null) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => !fields.includes(name)))
}

function pageOf(list: SchemaFacts): SchemaFacts {
  const properties = { data: list, total_count: { type: 'integer' } }
  return { type: 'object', required: ['data', 'total_count'], properties }
}

/** The differences between the payload of a webhook and the specification, or an empty list. */
export function webhookProblems(type: string, payload: unknown): readonly string[] {
  const event = webhooks.events.find((event) => event.type === type)
  if (!event) return [`the event type ${type} is not documented`]
  const isOfType = (payload as { readonly type?: unknown } | null | undefined)?.type === type
  return [
    ...(isOfType ? [] : [`/type must be ${type}`]),
    ...payloadDifferences(event.payload, withListedStatus(type, payload)),
  ]
}

/** Clerk's example of `session.pending` has the status `pending`, which its list of statuses lacks. */
function withListedStatus(type: string, payload: unknown): unknown {
  const { data } = payload as { readonly data?: { readonly status?: unknown } }
  if (type !== 'session.pending' || data?.status !== 'pending') return payload
  return { ...(payload as object), data: { ...data, status: 'active' } }
}

/** @throws {TypeError} if the operation is unknown */
export function inputOf(operationId: string): InputFacts {
  const { parameters, body } = operationById(operationId)
  const fieldsIn = (place: ParameterFacts['in']) =>
    parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, required = false, schema }) => ({ name, required, ...valueFacts(schema) }))
  return {
    path: fieldsIn('path'),
    query: fieldsIn('query'),
    body: body && { mediaType: body.mediaType, required: body.required ?? false, ...valueFacts(body.schema) },
  }
}

/** Resolves references and merges `allOf`. Leaves out `oneOf` and `anyOf`: no field of a body or query depends on them. */
function valueFacts(written: SchemaFacts): ValueFacts {
  const schema = merged(written, backendApi.schemas)
  const { type, nullable = false, items, properties, additionalProperties, required = [] } = schema
  return {
    type,
    nullable,
    ...Object.fromEntries(LIMITS.flatMap((limit) => (limit in schema ? [[limit, schema[limit]]] : []))),
    ...(items && { items: valueFacts(items) }),
    ...(properties && {
      fields: Object.entries(properties).map(([name, property]) => ({
        name,
        required: required.includes(name),
        ...valueFacts(property),
      })),
      refusesUnknownFields: additionalProperties === false,
    }),
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{')
}

function parametersIn(segments: readonly string[]): number {
  return segments.filter(isParameter).length
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
}
