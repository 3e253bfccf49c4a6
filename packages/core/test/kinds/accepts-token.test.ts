import { describe, expect, test } from 'vitest'
import { checkAccepted, checkAcceptsToken, tokenTypesOf, type AcceptsToken } from '../../src/kinds/accepts-token.js'
import { codeOf } from '../fixtures-tokens.js'

const ANY = ['m2m_token', 'oauth_token', 'api_key', 'session_token'] as const
const ALL = [...ANY, 'jwt_template'] as const

describe('tokenTypesOf', () => {
  test.each<[AcceptsToken | undefined, readonly string[]]>([
    [undefined, ['session_token']],
    ['m2m_token', ['m2m_token']],
    [
      ['api_key', 'session_token'],
      ['api_key', 'session_token'],
    ],
    ['any', ANY], // without `jwt_template`
    ['jwt_template', ['jwt_template']],
  ])('reads %j', (acceptsToken, expected) => {
    expect(tokenTypesOf(acceptsToken)).toEqual(expected)
  })
})

describe('checkAcceptsToken', () => {
  test.each([...ALL, 'any', [...ALL], ['m2m_token'], ['m2m_token', 'm2m_token']])('accepts %j', (value) => {
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
      'must be "any", or one or more of "m2m_token", "oauth_token", "api_key", "session_token", "jwt_template"',
    )
  })
})

describe('checkAccepted', () => {
  test('refuses a kind that is not accepted', () => {
    expect(codeOf(() => checkAccepted('api_key', new Set(['m2m_token'])))).toBe('token-type-mismatch')
    expect(codeOf(() => checkAccepted('m2m_token', new Set(['m2m_token'])))).toBeUndefined()
  })
})
