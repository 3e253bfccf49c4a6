import { describe, expect, test } from 'vitest'
import type { Operation } from '../../src/operations/operation.js'
import { OPERATIONS } from '../../src/operations/operations.js'
import { object } from '../../src/model/schema.js'
import { inputOf, operationById, operations, type FieldFacts, type ValueFacts } from './facts.js'
import { acceptedBy, type AcceptedValue } from './input-of-schema.js'

const required = operations.filter(({ extra }) => !extra)

/** Operations that the specification does not have: those of API keys, which Clerk documents elsewhere. */
const isDocumented = ({ id }: Operation) => operations.some((operation) => operation.id === id)

/** Fields that take other values than the schema in the specification says. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // Sent by the official client.
  RefreshSession: ['suffixed_cookies'],
  // The description and the official client have several statuses.
  ListOrganizationInvitations: ['status'],
  ListInstanceOrganizationInvitations: ['status'],
  UsersGetOrganizationInvitations: ['status'],
  // `false` is refused with an error of its own.
  AddDomain: ['is_satellite'],
}

/** The differences that are not exceptions. Each begins with the name of its field. */
function unexpected(id: string, found: readonly string[]): readonly string[] {
  return found.filter((difference) => !EXCEPTIONS[id]?.includes(difference.split(' ', 1)[0] ?? ''))
}

test('every operation of the specification is answered', () => {
  const answered = new Set(OPERATIONS.map(({ id }) => id))
  expect(required.length).toBe(158)
  expect(required.map(({ id }) => id).filter((id) => !answered.has(id))).toEqual([])
})

test('each operation has an id of its own', () => {
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length)
})

describe.each(OPERATIONS.filter(isDocumented).map((operation) => [operation.id, operation] as const))(
  '%s takes what the specification says',
  (id, operation) => {
    const { method, path } = operationById(id)
    const documented = inputOf(id)

    test('at its method and path', () => {
      expect([operation.method, operation.path.replace(/^\/v1/, '')]).toEqual([method, path])
    })

    test('in the query', () => {
      const accepted = acceptedBy(object(operation.query)).fields ?? {}
      expect(unexpected(id, differences(accepted, documented.query))).toEqual([])
    })

    test('in the body', () => {
      const { body } = documented
      const accepted = operation.body && acceptedBy(operation.body)
      if (!body?.mediaType.includes('json')) return
      expect(unexpected(id, valueDifferences('body', accepted ?? acceptedBy(object({})), body))).toEqual([])
    })
  },
)

function differences(
  accepted: Readonly<Record<string, AcceptedValue>>,
  documented: readonly FieldFacts[],
): readonly string[] {
  const names = documented.map(({ name }) => name.replace(/\[\]$/, ''))
  const unknown = Object.keys(accepted).filter((name) => !names.includes(name))
  return [
    ...unknown.map((name) => `${name} is not documented`),
    ...documented.flatMap((field) => {
      const name = field.name.replace(/\[\]$/, '')
      const value = accepted[name]
      if (!value) return [`${name} is missing`]
      const needed =
        value.required === field.required ? [] : [`${name} must be ${field.required ? 'required' : 'optional'}`]
      return [...needed, ...valueDifferences(name, value, field)]
    }),
  ]
}

function valueDifferences(name: string, accepted: AcceptedValue, documented: ValueFacts): readonly string[] {
  const { type, nullable, items, fields, refusesUnknownFields = false } = documented
  const has = <T>(what: string, actual: T, expected: T) =>
    JSON.stringify(actual) === JSON.stringify(expected)
      ? []
      : [`${name} has ${what} ${String(actual)}, not ${String(expected)}`]
  return [
    ...(type === undefined ? [] : has('type', accepted.type, type)),
    ...has('nullable', accepted.nullable, nullable),
    ...has('enum', accepted.enum?.toSorted(), documented.enum?.filter((value) => value !== null).toSorted()),
    ...LIMITS.flatMap((limit) => (limit in documented ? has(limit, accepted.limits[limit], documented[limit]) : [])),
    ...(items && accepted.items ? valueDifferences(`${name}[]`, accepted.items, items) : []),
    ...(fields && accepted.fields ? differences(accepted.fields, fields) : []),
    ...(fields && accepted.fields
      ? has('refusal of unknown fields', accepted.refusesUnknownFields, refusesUnknownFields)
      : []),
  ]
}

const LIMITS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const
