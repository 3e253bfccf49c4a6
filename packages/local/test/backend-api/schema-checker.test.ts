import { expect, test } from 'vitest'
import { schemaChecker } from './schema-checker.js'
import type { SchemaFacts } from './schema.js'

const NAMED: SchemaFacts = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

const problemsOf = schemaChecker({
  Named: NAMED,
  Closed: { ...NAMED, additionalProperties: false },
  Open: { ...NAMED, additionalProperties: true },
  SAMLConnection: { ...NAMED, required: ['name', 'authenticatable'] },
})

const sized: SchemaFacts = { properties: { size: { type: 'integer' } } }
const nullableName: SchemaFacts = { nullable: true, allOf: [{ $ref: 'Named' }] }
const nameOrSize: SchemaFacts = {
  oneOf: [{ $ref: 'Closed' }, { type: 'object', required: ['size'], ...sized }],
}

test.each<[title: string, schema: SchemaFacts, value: unknown, problems: readonly string[]]>([
  ['null of a nullable type', { type: 'string', nullable: true }, null, []],
  ['null of a nullable reference', nullableName, null, []],
  ['another value of a nullable reference', nullableName, {}, ["/ must have required property 'name'"]],
  ['null of a nullable enumeration', { type: 'string', nullable: true, enum: ['a'] }, null, []],
  ['null of an enumeration with null', { type: 'string', enum: ['a', null] }, null, []],
  ['another value of an enumeration', { type: 'string', enum: ['a'] }, 'b', ['/ must be one of ["a"]']],
  ['an undocumented property', { $ref: 'Named' }, { name: 'a', x: 1 }, ['/ has the unknown field x']],
  ['any property where the schema allows it', { $ref: 'Open' }, { name: 'a', x: 1 }, []],
  ['any property of an object without documented ones', { type: 'object' }, { x: 1 }, []],
  ['properties of all parts', { allOf: [{ $ref: 'Closed' }, sized] }, { name: 'a', size: 1 }, []],
  [
    'an undocumented property beside those of all parts',
    { allOf: [{ $ref: 'Closed' }, sized] },
    { name: 'a', size: 1, x: 1 },
    ['/ has the unknown field x'],
  ],
  ['any property where one part allows it', { allOf: [{ $ref: 'Open' }, sized] }, { name: 'a', size: 1, x: 1 }, []],
  ['one of two alternatives', nameOrSize, { size: 1 }, []],
  ['the properties of two alternatives', nameOrSize, { size: 1, name: 'a' }, ['/ has the unknown field size']],
  ['a value that matches both alternatives', { oneOf: [{ type: 'array' }, { type: 'array' }] }, [], []],
  ['a required name without a property', { $ref: 'SAMLConnection' }, { name: 'a' }, []],
  ['a value for that name', { $ref: 'SAMLConnection' }, { name: 'a', authenticatable: true }, []],
  ['a date without a time', { type: 'string', format: 'date-time' }, '2026-01-01', ['/ must match format "date-time"']],
])('the problems of %s', (_, schema, value, problems) => {
  expect(problemsOf(schema, value)).toEqual(problems)
})

test('a problem names the field, and not the value, which may be secret', () => {
  const schema: SchemaFacts = { type: 'array', items: { type: 'object', properties: { token: { type: 'integer' } } } }
  expect(problemsOf(schema, [{ token: 1 }, { token: 'sk_secret' }])).toEqual(['/1/token must be integer'])
})
