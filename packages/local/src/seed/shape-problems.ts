import * as v from 'valibot'
import { isObject } from '../support/input.js'
import { list } from '../support/list.js'
import type { ObjectSchema } from './seed-schema.js'

/** A problem in a seed, with its path from the top, such as `['people', 'alice', 'email']`. */
export interface SeedProblem {
  readonly message: string
  readonly path: readonly (string | number)[]
}

/** Where a value does not have the shape of a schema. An unknown field comes first, as it may be a missing one misspelt. */
export function* shapeProblems(
  what: string,
  value: unknown,
  path: SeedProblem['path'],
  schema: ObjectSchema,
): Generator<SeedProblem> {
  if (!isObject(value)) yield { message: `${what} must be an object with ${list(Object.keys(schema.entries))}`, path }
  const { issues = [] } = v.safeParse(schema, value)
  const unknown = issues.find(({ expected }) => expected === 'never')
  const issue = unknown ?? issues[0]
  if (issue) yield shapeProblem(what, path, schema, issue)
}

/** The path of a missing field is that of the object that lacks it. */
function shapeProblem(
  what: string,
  start: SeedProblem['path'],
  schema: ObjectSchema,
  { kind, type, expected, message, path: items }: v.BaseIssue<unknown>,
): SeedProblem {
  const names = items?.map(({ key }) => key as string | number) ?? []
  const path = [...start, ...names]
  const field = names.at(-1)
  const place = whereIs(what, names.slice(0, -1))
  const isOfKeys = kind === 'schema' && type === 'strict_object' && expected !== 'Object'
  if (isOfKeys && expected === 'never')
    return {
      message: `${place} has no "${field}"${names.length === 1 ? `, only ${list(Object.keys(schema.entries))}` : ''}`,
      path,
    }
  if (isOfKeys)
    return {
      message: `${place} requires ${/^[aeiou]/.test(String(field)) ? 'an' : 'a'} "${field}"`,
      path: path.slice(0, -1),
    }
  return { message: `"${shown(names)}" of ${what} must be ${message}`, path }
}

/** `externalAccounts[0] of "alice" in the seed` */
function whereIs(what: string, names: readonly (string | number)[]): string {
  return names.length === 0 ? what : `"${shown(names)}" of ${what}`
}

/** `externalAccounts[0].token` */
function shown(names: readonly (string | number)[]): string {
  return names.map((name, i) => (typeof name === 'number' ? `[${name}]` : i === 0 ? name : `.${name}`)).join('')
}
