import { readFileSync } from 'node:fs'
import { Ajv2019, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js'

/** An OpenAPI 3.0 schema, reduced to names, types and limits. A reference is the name of a component schema. */
export interface SchemaFacts {
  readonly $ref?: string
  readonly type?: string
  readonly nullable?: boolean
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaFacts>>
  readonly additionalProperties?: boolean | SchemaFacts
  readonly items?: SchemaFacts
  readonly oneOf?: readonly SchemaFacts[]
  readonly anyOf?: readonly SchemaFacts[]
  readonly allOf?: readonly SchemaFacts[]
}

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

type Schemas = Readonly<Record<string, SchemaFacts>>

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

/** Names in `required` that the specification defines no property for: they are allowed, and not required. */
const REQUIRED_WITHOUT_PROPERTY: Readonly<Record<string, readonly string[]>> = {
  SAMLConnection: ['authenticatable', 'disable_jit_provisioning'],
  EnterpriseConnection: ['authenticatable', 'disable_jit_provisioning'],
}

/** Documented without a body, although their whole purpose is the page that they answer. */
const ANSWERS_A_PAGE: readonly string[] = ['GetPublicInterstitial']

const FORMATS = {
  int32: true,
  int64: true,
  float: true,
  double: true,
  email: /^[^@\s]+@[^@\s]+$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
} as const

const backendApi = read<BackendApiFacts>('facts.json')
const webhooks = read<WebhookFacts>('webhook-facts.json')

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
const isValidAnswer = validators(backendApi.schemas)
const isValidPayload = validators(webhooks.schemas)

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
  if (status >= 400) return problemsOf(isValidAnswer({ $ref: 'ClerkErrors' }), body)
  const page = query.get('paginated') === 'true' ? pages.get(operationId) : undefined
  const schema = page ?? answers[status]
  if (schema === undefined) return [`the status ${status} is not documented`]
  if (schema) return problemsOf(isValidAnswer(schema), body)
  return body === undefined || ANSWERS_A_PAGE.includes(operationId) ? [] : ['must not have a body']
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
  return [...(isOfType ? [] : [`/type must be ${type}`]), ...problemsOf(isValidPayload(event.payload), payload)]
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

function merged(written: SchemaFacts, schemas: Schemas): SchemaFacts {
  const { allOf = [], ...schema } = resolved(written, schemas)
  return allOf
    .map((part) => merged(part, schemas))
    .reduce(
      (one, other) => ({
        ...other,
        ...one,
        ...((one.properties ?? other.properties) && { properties: { ...other.properties, ...one.properties } }),
        ...((one.required ?? other.required) && { required: [...(one.required ?? []), ...(other.required ?? [])] }),
      }),
      schema,
    )
}

function resolved(schema: SchemaFacts, schemas: Schemas): SchemaFacts {
  if (schema.$ref === undefined) return schema
  const component = schemas[schema.$ref]
  if (!component) throw new TypeError(`no schema ${schema.$ref}`)
  return component
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{')
}

function parametersIn(segments: readonly string[]): number {
  return segments.filter(isParameter).length
}

/** Compiles the schemas of a specification when they are first needed. */
function validators(schemas: Schemas): (schema: SchemaFacts) => ValidateFunction {
  const ajv = new Ajv2019({ allErrors: true, strict: false, formats: FORMATS })
  const compiled = new Map<SchemaFacts, ValidateFunction>()
  const definitions = Object.entries(schemas).flatMap(([name, schema]) => {
    const withQuirks = withUndefinedRequired(name, schema)
    return [
      [`${name}.closed`, jsonSchema(withQuirks, schemas, 'closed')],
      [`${name}.open`, jsonSchema(withQuirks, schemas, 'open')],
    ]
  })
  ajv.addSchema({ $id: 'clerk', $defs: Object.fromEntries(definitions) })

  return (schema) => {
    const validate = compiled.get(schema) ?? ajv.compile(jsonSchema(schema, schemas, 'closed'))
    compiled.set(schema, validate)
    return validate
  }
}

function withUndefinedRequired(name: string, schema: SchemaFacts): SchemaFacts {
  const names = REQUIRED_WITHOUT_PROPERTY[name]
  if (!names) return schema
  const { required = [] } = schema
  return {
    ...schema,
    required: required.filter((name) => !names.includes(name)),
    properties: { ...schema.properties, ...Object.fromEntries(names.map((name) => [name, {}])) },
  }
}

/**
 * Translates OpenAPI 3.0 to JSON Schema 2019-09. An object with documented properties refuses others, unless the
 * specification allows them. The parts of an `allOf` are `open`, because each lists some of the properties.
 */
function jsonSchema(schema: SchemaFacts, schemas: Schemas, kind: 'open' | 'closed'): Record<string, unknown> {
  const { $ref, nullable, properties, additionalProperties, items, oneOf, anyOf, allOf, ...rest } = schema
  if ($ref !== undefined) return { $ref: `clerk#/$defs/${$ref}.${kind}` }

  const isNullable = nullable === true || rest.enum?.includes(null) === true
  const ofAlternatives = properties || allOf ? 'open' : kind
  const rules = {
    ...rest,
    ...(isNullable && rest.type !== undefined && { type: [rest.type, 'null'] }),
    ...(isNullable && rest.enum && { enum: [...new Set([...rest.enum, null])] }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, jsonSchema(property, schemas, 'closed')]),
      ),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: jsonSchema(additionalProperties, schemas, 'closed'),
    }),
    ...(additionalProperties === true && { additionalProperties }),
    ...(items && { items: jsonSchema(items, schemas, 'closed') }),
    ...(allOf && { allOf: allOf.map((part) => jsonSchema(part, schemas, 'open')) }),
    // A value that matches two alternatives, such as an empty list, is as right as one that matches one.
    ...((oneOf ?? anyOf) && { anyOf: (oneOf ?? anyOf)?.map((part) => jsonSchema(part, schemas, ofAlternatives)) }),
    ...(kind === 'closed' && isClosed(schema, schemas) && { unevaluatedProperties: false }),
  }
  const hasParts = oneOf ?? anyOf ?? allOf
  return isNullable && hasParts ? { anyOf: [{ type: 'null' }, rules] } : rules
}

function isClosed({ properties, additionalProperties, allOf = [] }: SchemaFacts, schemas: Schemas): boolean {
  if (additionalProperties !== undefined) return additionalProperties === false
  return properties !== undefined || allOf.some((part) => isClosed(resolved(part, schemas), schemas))
}

function problemsOf(validate: ValidateFunction, value: unknown): readonly string[] {
  if (value === undefined) return ['must have a body']
  if (validate(value)) return []
  return [...new Set((validate.errors ?? []).flatMap(problemOf))]
}

/** Names fields and the documented values, never the answered ones, which may be secret. */
function problemOf({ keyword, instancePath, params, message }: ErrorObject): readonly string[] {
  const field = instancePath || '/'
  switch (keyword) {
    case 'unevaluatedProperties':
      return [`${field} has the unknown field ${params['unevaluatedProperty']}`]
    case 'enum':
      return [`${field} must be one of ${JSON.stringify(params['allowedValues'])}`]
    // Its alternatives have reported what is wrong.
    case 'anyOf':
      return []
    default:
      return [`${field} ${message}`]
  }
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T
}
