import { Ajv2019, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv/dist/2019.js'
import { resolved, type SchemaFacts, type Schemas } from './schema.js'

/** Names in `required` that the specification defines no property for: they are allowed, and not required. */
const REQUIRED_WITHOUT_PROPERTY: Readonly<Record<string, readonly string[]>> = {
  SAMLConnection: ['authenticatable', 'disable_jit_provisioning'],
  EnterpriseConnection: ['authenticatable', 'disable_jit_provisioning'],
}

const FORMATS = {
  int32: true,
  int64: true,
  float: true,
  double: true,
  email: /^[^@\s]+@[^@\s]+$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
} as const

/**
 * Prepares the comparison of values with schemas.
 *
 * @param schemas the component schemas that others refer to
 * @returns the differences between a value and a schema, or an empty list; the value `undefined` is a missing body
 */
export function schemaChecker(schemas: Schemas): (schema: SchemaFacts, value: unknown) => readonly string[] {
  const ajv = new Ajv2019({ allErrors: true, verbose: true, strict: false, formats: FORMATS })
  const definitions = Object.entries(schemas).flatMap(([name, schema]) => {
    const withQuirks = withUndefinedRequired(name, schema)
    return [
      [`${name}.closed`, jsonSchema(withQuirks, schemas, 'closed')],
      [`${name}.open`, jsonSchema(withQuirks, schemas, 'open')],
    ]
  })
  ajv.addSchema({ $id: 'components', $defs: Object.fromEntries(definitions) })

  const compiled = new Map<SchemaFacts, ValidateFunction>()
  return (schema, value) => {
    if (value === undefined) return ['must have a body']
    const validate = compiled.get(schema) ?? ajv.compile(jsonSchema(schema, schemas, 'closed'))
    compiled.set(schema, validate)
    return [...new Set(errorsOf(ajv, validate, value).map(({ path, problem }) => `${path || '/'} ${problem}`))]
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
  if ($ref !== undefined) return { $ref: `components#/$defs/${$ref}.${kind}` }

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
    ...((oneOf ?? anyOf) && {
      anyOf: (oneOf ?? anyOf)?.map((part) => jsonSchema(part, schemas, ofAlternatives)),
    }),
    ...(kind === 'closed' && isClosed(schema, schemas) && { unevaluatedProperties: false }),
  }
  const hasParts = oneOf ?? anyOf ?? allOf
  return isNullable && hasParts ? { anyOf: [{ type: 'null' }, rules] } : rules
}

function isClosed({ properties, additionalProperties, allOf = [] }: SchemaFacts, schemas: Schemas): boolean {
  if (additionalProperties !== undefined) return additionalProperties === false
  return properties !== undefined || allOf.some((part) => isClosed(resolved(part, schemas), schemas))
}

interface SchemaError {
  /** JSON Pointer to the value */
  readonly path: string
  readonly keyword: string
  readonly problem: string
}

function errorsOf(ajv: Ajv2019, validate: ValidateFunction, value: unknown): readonly SchemaError[] {
  if (validate(value)) return []
  const errors: SchemaError[] = []
  for (const error of validate.errors ?? []) {
    const path = error.instancePath
    if (error.keyword !== 'anyOf') {
      errors.push({ path, keyword: error.keyword, problem: problemOf(error) })
      continue
    }
    // Ajv has reported the errors of all alternatives before: only those of the closest one help.
    const others = errors.splice(0).filter((other) => other.path !== path && !other.path.startsWith(`${path}/`))
    errors.push(...others, ...errorsOfClosest(ajv, error).map((inner) => ({ ...inner, path: path + inner.path })))
  }
  return errors
}

/** The errors of the alternative with the fewest, if possible of one with the right type: `null` is close to nothing. */
function errorsOfClosest(ajv: Ajv2019, { schema, data }: ErrorObject): readonly SchemaError[] {
  const alternatives = (schema as readonly AnySchemaObject[]).map((alternative) =>
    errorsOf(ajv, ajv.compile(alternative), data),
  )
  const hasOtherType = (errors: readonly SchemaError[]) =>
    errors.some(({ path, keyword }) => path === '' && keyword === 'type')
  const ofRightType = alternatives.filter((errors) => !hasOtherType(errors))
  const candidates = ofRightType.length > 0 ? ofRightType : alternatives
  return candidates.toSorted((one, other) => one.length - other.length)[0] ?? []
}

/** Names fields and the documented values, never the answered ones, which may be secret. */
function problemOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'unevaluatedProperties') return `has the unknown field ${params['unevaluatedProperty']}`
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params['allowedValues'])}`
  return message ?? `breaks the rule ${keyword}`
}
