import { describe, expect, it } from 'vitest'
import { readCredential } from '../src/credential.js'
import { codeOf, forge, mint } from './fixtures-tokens.js'

const SESSION = 'cl_B7d4PD111AAA'
const TEMPLATE = 'cl_B7d4PD222AAA'
const M2M = 'cl_B7d4PD333AAA'
const IGNORE = 'cl_I7d4PD111III'
const UNKNOWN = 'cl_B7d4PD999AAA'

const user = { sub: 'user_2a', sid: 'sess_2a' }
const template = { sub: 'user_2a', sid: undefined }
const machine = { sub: 'mch_2a', sid: undefined }

describe('readCredential', () => {
  it.each([
    ['session_token', { cat: SESSION }, user],
    ['session_token', { cat: SESSION }, template], // then refused for the claim that is not there
    ['session_token', { cat: IGNORE }, user],
    ['session_token', {}, user],
    ['session_token', { typ: undefined }, user],
    ['session_token', {}, { ...user, sid: null }],
    ['session_token', {}, { ...user, sub: undefined }],
    ['jwt_template', { cat: TEMPLATE }, template],
    ['jwt_template', { cat: TEMPLATE }, user],
    ['jwt_template', { cat: IGNORE }, template],
    ['jwt_template', {}, template],
    ['jwt_template', {}, { sid: undefined, sub: ['mch_2a'] }],
    ['m2m_token', { cat: M2M }, machine],
    ['m2m_token', { cat: IGNORE }, machine],
    ['m2m_token', {}, machine],
    ['m2m_token', {}, { ...machine, sid: 'sess_2a' }],
    ['oauth_token', { typ: 'at+jwt' }, user],
    ['oauth_token', { typ: 'application/AT+JWT', cat: IGNORE }, template],
    ['oauth_token', { typ: 'at+jwt', cat: UNKNOWN }, template],
  ])('tells a %s by %j and %j', async (tokenType, header, claims) => {
    expect(readCredential(await mint(header, claims))).toMatchObject({ tokenType, jws: { header: { alg: 'RS256' } } })
  })

  it.each([
    ['a category that is new to us', { cat: UNKNOWN }, user],
    ['an empty category', { cat: '' }, user],
    ['a category named like a member of every object', { cat: '__proto__' }, user],
    ['the session category on a machine', { cat: SESSION }, machine],
    ['the template category on a machine', { cat: TEMPLATE }, machine],
    ['the machine category on a user', { cat: M2M }, user],
    ['the machine category without a subject', { cat: M2M }, { sub: undefined }],
    ['an OAuth type with the session category', { typ: 'at+jwt', cat: SESSION }, user],
    ['an OAuth type with the template category', { typ: 'at+jwt', cat: TEMPLATE }, template],
    ['an OAuth type with the machine category', { typ: 'at+jwt', cat: M2M }, template],
    ['an OAuth type on a machine', { typ: 'at+jwt' }, machine],
  ])('refuses signals that disagree: %s', async (_, header, claims) => {
    const token = await mint(header, claims)
    expect(codeOf(() => readCredential(token))).toBe('token-type-mismatch')
  })

  it.each(['mt_0123456789abcdef', 'oat_0123456789abcdef', 'ak_0123456789abcdef', 'xx_a', ''])(
    'knows no token that is not a JWT: %j',
    (token) => {
      expect(codeOf(() => readCredential(token))).toBe('token-malformed')
    },
  )

  it('hands on what decodeJws refuses', () => {
    expect(codeOf(() => readCredential(forge({ alg: 'none' }, {})))).toBe('token-invalid-algorithm')
  })
})
