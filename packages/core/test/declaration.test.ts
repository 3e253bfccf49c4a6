import { describe, expect, it } from 'vitest'
import { checkFields, describe as describeValue } from '../src/support/declaration.js'
import { typeErrorOf } from './fixtures-tokens.js'

const CHECKS = {
  audience: (value: unknown) => value === 'api' || 'must be "api"',
  authorizedParties: () => true as const,
  now: () => true as const,
}
const check = (declaration: object) => typeErrorOf(() => checkFields('option', declaration, CHECKS))

describe('checkFields', () => {
  it.each([[{}], [{ audience: 'api' }], [{ audience: undefined }], [{ audience: 'api', now: 1 }]])(
    'accepts %j',
    (declaration) => {
      expect(check(declaration)).toBeUndefined()
    },
  )

  it.each([
    [
      'a class with a getter',
      new (class {
        get audience() {
          return 'api'
        }
      })(),
    ],
    ['an object that inherits', Object.create({ audience: 'api' }) as object],
    ['a hidden field', Object.defineProperty({}, 'audience', { value: 'api' })],
  ])('refuses fields that would not be read: %s', (_name, declaration) => {
    expect(check(declaration)).toBe('option "audience" is inherited or not enumerable: use a plain object')
  })

  it.each([
    [{ audience: 'secret!' }, 'option "audience" must be "api"'],
    [{ audience: null }, 'option "audience" must be "api"'],
    [{ audiance: 'api' }, 'unknown option "audiance"; did you mean "audience"?'],
    [{ AUDIENCE: 'api' }, 'unknown option "AUDIENCE"; did you mean "audience"?'],
    [{ authorized_party: 'api' }, 'unknown option "authorized_party"; did you mean "authorizedParties"?'],
    [{ nwo: 1 }, 'unknown option "nwo"; known names are "audience", "authorizedParties", "now"'],
    [{ noww: 1 }, 'unknown option "noww"; did you mean "now"?'],
    [{ x: 1 }, 'unknown option "x"; known names are "audience", "authorizedParties", "now"'],
    [{ somethingElse: 1 }, 'unknown option "somethingElse"; known names are "audience", "authorizedParties", "now"'],
    [
      { somethingElse: undefined },
      'unknown option "somethingElse"; known names are "audience", "authorizedParties", "now"',
    ],
    [{ toString: 1 }, 'unknown option "toString"; known names are "audience", "authorizedParties", "now"'],
    [
      JSON.parse('{"__proto__":1}'),
      'unknown option "__proto__"; known names are "audience", "authorizedParties", "now"',
    ],
  ])('refuses %j', (declaration, message) => {
    expect(check(declaration)).toBe(message)
  })
})

it.each([
  [null, 'null'],
  [[['secret!']], 'an array'],
  [new Map([['secret!', 1]]), 'an instance of a class'],
  ['secret!', 'a string'],
  [5, 'a number'],
  [() => 'secret!', 'a function'],
])('describe names the type of %j, without the value', (value, expected) => {
  expect(describeValue(value)).toBe(expected)
})
