import type { Description } from '../guard/description.js'
import { checkIssuer, schemesOf, securityOf, type DocumentOptions, type SecurityRequirement } from './security.js'
import { PROBLEM, PROBLEM_SCHEMA, responsesOf } from './responses.js'

/** An operation of a document. */
export interface Operation {
  /** In upper case. */
  readonly method: string
  /** As in the document: `/orders/{id}`. */
  readonly path: string
  readonly definition: Definition
}

/** The guards and markers that run before the handler; `undefined` if the operation is unknown. */
export type GuardsOf = (operation: Operation) => readonly Description[] | undefined

type Definition = Readonly<Record<string, unknown>>

/** The parts of a document that are read or completed. */
interface Parts {
  readonly openapi?: unknown
  readonly paths?: Readonly<Record<string, Definition>> | null
  readonly components?: Readonly<Record<string, Definition>> | null
}

/**
 * Returns a copy of an OpenAPI 3 document in which each guarded operation has `security` and the responses 401, 403 and
 * 503, and each public one `security: []`. Responses that an operation already has are kept. Operations without a guard
 * or a marker are left as they are.
 *
 * @throws {TypeError} if the document is not OpenAPI 3, if the issuer is not a URL, or if no caller can meet all guards
 * of an operation
 */
export function documentOperations<Document extends object>(
  document: Document,
  guardsOf: GuardsOf,
  options: DocumentOptions = {},
): Document {
  const { openapi, paths, components } = document as Parts
  if (typeof openapi !== 'string' || !openapi.startsWith('3.'))
    throw new TypeError('guards can be documented only in OpenAPI 3: "openapi" must be "3.0.3", "3.1.0" or similar')
  checkIssuer(options)

  const required: SecurityRequirement[] = []
  // In YAML, a key without a value is null.
  const completed = mapOperations(paths ?? {}, (operation) => {
    const guards = guardsOf(operation)
    if (!guards || guards.length === 0) return operation.definition
    const guarded = guards.filter((guard) => !guard.isPublic)
    if (guarded.length === 0) return { ...operation.definition, security: [] }
    const security = securityOf(guarded, options)
    if (security.length === 0)
      throw new TypeError(`no caller can meet all guards of ${operation.method} ${operation.path}`)
    required.push(...security)
    const responses = { ...responsesOf(guarded), ...(operation.definition['responses'] as object | undefined) }
    return { ...operation.definition, security, responses }
  })
  if (required.length === 0) return { ...document, paths: completed }
  const schemas = { ...components?.['schemas'], [PROBLEM]: PROBLEM_SCHEMA }
  const securitySchemes = { ...components?.['securitySchemes'], ...schemesOf(required, options) }
  return { ...document, paths: completed, components: { ...components, schemas, securitySchemes } }
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']

function mapOperations(
  paths: Readonly<Record<string, Definition>>,
  map: (operation: Operation) => Definition,
): Readonly<Record<string, Definition>> {
  const mapItem = (path: string, item: Definition) =>
    mapValues(item, (value, key) =>
      METHODS.includes(key) && isObject(value) ? map({ method: key.toUpperCase(), path, definition: value }) : value,
    )
  return mapValues(paths, (item, path) => (isObject(item) ? mapItem(path, item) : item))
}

function isObject(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null
}

function mapValues<Value, Mapped>(
  object: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Mapped,
): Readonly<Record<string, Mapped>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}
