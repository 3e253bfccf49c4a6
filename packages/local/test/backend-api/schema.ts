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

/** Component schemas, by name. */
export type Schemas = Readonly<Record<string, SchemaFacts>>

/** Resolves references and merges `allOf`. */
export function merged(written: SchemaFacts, schemas: Schemas): SchemaFacts {
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

export function resolved(schema: SchemaFacts, schemas: Schemas): SchemaFacts {
  if (schema.$ref === undefined) return schema
  const component = schemas[schema.$ref]
  if (!component) throw new TypeError(`no schema ${schema.$ref}`)
  return component
}
