import { describe, expect, test } from 'vitest'
import { checkAcceptsToken, tokenTypesOf, type AcceptsToken } from '../src/accepts-token.js'

const ANY = ['session_token', 'm2m_token', 'oauth_token', 'api_key'] as const
const ALL = [...ANY, 'jwt_template'] as const

describe('tokenTypesOf', () => {
  test.each<[AcceptsToken | undefined, readonly string[]]>([
    [undefined, ['session_token']],
    ['m2m_token', ['m2m_token']],
    [
      ['api_key', 'session_token'],
      ['api_key', 'session_token'],
    ],
    ['any', ANY],
    ['jwt_template', ['jwt_template']],
  ])('reads %j', (acceptsToken, expected) => {
    expect(tokenTypesOf(acceptsToken)).toEqual(expected)
  })

  test('leaves templates out of "any"', () => {
    expect(tokenTypesOf('any')).not.toContain('jwt_template')
  })
})

describe('checkAcceptsToken', () => {
  test.each([...ALL, 'any', [...ALL], ['m2m_token'], ['m2m_token', 'm2m_token']])('takes %j', (value) => {
    expect(checkAcceptsToken(value)).toBe(true)
  })

  test.each([
    undefined,
    null,
    '',
    'session',
    'toString',
    '__proto__',
    'Any',
    5,
    {},
    [],
    ['any'],
    ['session_token', 'any'],
    ['session_token', undefined],
    [['session_token']],
    new Set(['session_token']),
  ])('says what is wrong with %j', (value) => {
    expect(checkAcceptsToken(value)).toBe(
      'must be "any", or one or several of "session_token", "m2m_token", "oauth_token", "api_key", "jwt_template"',
    )
  })
})
