import { describe, expect, test } from 'vitest'
import { checkCalled, checkFramework } from '../src/adapter/index.js'

describe('a function that a framework calls itself', () => {
  test.each([
    ['a request', {}],
    ['null', null],
    ['an empty string', ''],
  ])('is recognized by %s as an argument that it does not take', (_, argument) => {
    expect(() => checkCalled('requireAuth', undefined, argument)).toThrow(
      new TypeError('requireAuth is used without a call: write requireAuth(), with parentheses'),
    )
  })

  test('may have arguments that are undefined', () => {
    expect(() => checkCalled('requireAuth')).not.toThrow()
    expect(() => checkCalled('requireAuth', undefined, undefined)).not.toThrow()
  })
})

test('a function of another framework’s package is refused with the name of that package', () => {
  expect(() => checkFramework('requireAuth()', 'hono', true)).not.toThrow()
  expect(() => checkFramework('requireAuth()', 'hono', false)).toThrow(
    new TypeError(
      'requireAuth() of @clerk-auth/hono is used in another framework: import it from the package of that framework',
    ),
  )
})
