/**
 * Writes facts.json and webhook-facts.json, which the tests read, from Clerk's published OpenAPI specifications:
 *
 *   node packages/local/test/backend-api/make-facts.js <backend-api .yml> <webhooks .yml> <operations .csv>
 *
 * The CSV has a row per operation that the local instance supports, with the columns method, path and operation_id.
 * The facts are names, types and limits only: no descriptions, titles or examples.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

/** @typedef {Record<string, any>} Json */

/** The parts of an OpenAPI 3.0 schema that decide whether a value is valid. */
const RULES = [
  'type nullable format enum default pattern required $ref uniqueItems',
  'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf',
  'minLength maxLength minItems maxItems minProperties maxProperties',
].flatMap((line) => line.split(' '))
const NESTED = ['items', 'additionalProperties', 'not']
const LISTS = ['oneOf', 'anyOf', 'allOf']

/** Operations beyond the CSV: settings, the end of an OAuth grant, and what makes roles and permissions. */
const EXTRA =
  /^(GET \/instance\/organization_settings$|\w+ \/instance\/oauth_application_settings$|POST .*\/revoke_token$|\w+ \/(organization_roles|organization_permissions|role_sets)(\/|$))/

const [backendApi, webhooks, operations] = process.argv.slice(2)
if (!backendApi || !webhooks || !operations)
  throw new TypeError('usage: make-facts.js <backend-api .yml> <webhooks .yml> <operations .csv>')

write('facts.json', backendApiFacts(read(backendApi), supported(operations)))
write('webhook-facts.json', webhookFacts(read(webhooks)))

/**
 * @param {Json} specification
 * @param {ReadonlySet<string>} supported
 */
function backendApiFacts(specification, supported) {
  const facts = Object.entries(specification.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`
      if (!supported.has(name) && !EXTRA.test(name)) return []
      return [operationFacts(specification, method.toUpperCase(), path, operation, !supported.has(name))]
    }),
  )
  const missing = [...supported].filter((name) => !facts.some(({ method, path }) => `${method} ${path}` === name))
  if (missing.length > 0) throw new Error(`not in the specification: ${missing.join(', ')}`)
  return {
    operations: facts.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    schemas: referencedSchemas(specification, facts, ['ClerkErrors']),
  }
}

/**
 * @param {Json} specification
 * @param {string} method
 * @param {string} path
 * @param {Json} operation
 * @param {boolean} isExtra
 * @returns {Json}
 */
function operationFacts(specification, method, path, operation, isExtra) {
  const statuses = Object.keys(operation.responses).map(Number)
  return {
    id: operation.operationId,
    method,
    path,
    ...(isExtra && { extra: true }),
    parameters: (operation.parameters ?? []).map((/** @type {Json} */ written) => {
      const parameter = resolve(specification, written)
      return {
        name: parameter.name,
        in: parameter.in,
        ...(parameter.required && { required: true }),
        schema: rulesOf(resolve(specification, parameter.schema)),
      }
    }),
    ...(operation.requestBody && { body: bodyFacts(resolve(specification, operation.requestBody)) }),
    answers: Object.fromEntries(
      statuses.filter(isSuccess).map((status) => {
        const answer = schemaOf(resolve(specification, operation.responses[status]))
        return [status, answer?.schema ?? null]
      }),
    ),
    errors: statuses.filter((status) => !isSuccess(status)),
  }
}

/** @param {number} status */
function isSuccess(status) {
  return status < 300
}

/** @param {Json} body */
function bodyFacts(body) {
  return { ...(body.required && { required: true }), ...schemaOf(body) }
}

/** @param {Json} specification */
function webhookFacts(specification) {
  const events = Object.entries(specification['x-webhooks'])
    .map(([type, { post }]) => ({ type, payload: schemaOf(post.requestBody)?.schema }))
    .toSorted((one, other) => (one.type < other.type ? -1 : 1))
  return { events, schemas: referencedSchemas(specification, events, []) }
}

/** @param {Json} bodyOrResponse */
function schemaOf({ content }) {
  const [[mediaType, { schema }] = [undefined, {}], ...others] = Object.entries(content ?? {})
  if (others.length > 0) throw new Error(`more than one media type: ${Object.keys(content).join(', ')}`)
  return mediaType === undefined ? undefined : { mediaType, schema: rulesOf(schema) }
}

/**
 * @param {Json} schema
 * @returns {Json}
 */
function rulesOf(schema) {
  if (schema.$ref) return { $ref: nameIn(schema.$ref) }
  /** @type {Json} */
  const rules = {}
  for (const key of RULES) if (schema[key] !== undefined) rules[key] = schema[key]
  for (const key of NESTED)
    if (schema[key] !== undefined) rules[key] = typeof schema[key] === 'boolean' ? schema[key] : rulesOf(schema[key])
  for (const key of LISTS) if (schema[key]) rules[key] = schema[key].map(rulesOf)
  if (schema.properties)
    rules.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, rulesOf(property)]),
    )
  return rules
}

/**
 * The component schemas that the facts refer to, directly or through each other.
 *
 * @param {Json} specification
 * @param {unknown} facts
 * @param {readonly string[]} alsoNeeded
 */
function referencedSchemas(specification, facts, alsoNeeded) {
  /** @type {Map<string, Json>} */
  const found = new Map()
  const queue = [...alsoNeeded, ...referencesIn(facts)]
  for (const name of queue) {
    if (found.has(name)) continue
    const schema = specification.components.schemas[name]
    if (!schema) throw new Error(`no schema ${name}`)
    found.set(name, rulesOf(schema))
    queue.push(...referencesIn(found.get(name)))
  }
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/**
 * @param {unknown} facts
 * @returns {readonly string[]}
 */
function referencesIn(facts) {
  return [...JSON.stringify(facts).matchAll(/"\$ref":"([^"]+)"/g)].map(([, name]) => String(name))
}

/** @param {string} reference */
function nameIn(reference) {
  const [, name] = /^#\/components\/schemas\/([^/]+)$/.exec(reference) ?? []
  if (!name) throw new Error(`not a reference to a component schema: ${reference}`)
  return name
}

/**
 * @param {Json} specification
 * @param {Json} written
 * @returns {Json}
 */
function resolve(specification, written) {
  if (!written.$ref) return written
  const [, kind, name] = /^#\/components\/(\w+)\/([^/]+)$/.exec(written.$ref) ?? []
  const component = kind && name && specification.components[kind]?.[name]
  if (!component) throw new Error(`not a reference to a component: ${written.$ref}`)
  return component
}

/** @param {string} path */
function supported(path) {
  const [header, ...rows] = readFileSync(path, 'utf8').trim().split('\n')
  const columns = String(header).split(',')
  return new Set(
    rows.map((row) => {
      const cells = row.split(',')
      return `${cells[columns.indexOf('method')]} ${cells[columns.indexOf('path')]}`
    }),
  )
}

/**
 * @param {string} path
 * @returns {Json}
 */
function read(path) {
  return parse(readFileSync(path, 'utf8'))
}

/**
 * One line per operation, event and schema, so that a changed fact is one changed line.
 *
 * @param {string} name
 * @param {Record<string, readonly unknown[] | Json>} facts
 */
function write(name, facts) {
  const parts = Object.entries(facts).map(([key, part]) =>
    Array.isArray(part)
      ? `${JSON.stringify(key)}: [\n${part.map((item) => JSON.stringify(item)).join(',\n')}\n]`
      : `${JSON.stringify(key)}: {\n${Object.entries(part)
          .map(([name, item]) => `${JSON.stringify(name)}: ${JSON.stringify(item)}`)
          .join(',\n')}\n}`,
  )
  writeFileSync(new URL(name, import.meta.url), `{\n${parts.join(',\n')}\n}\n`)
}
