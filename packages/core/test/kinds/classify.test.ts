import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/support/json.js'
import type { JoseHeader } from '../../src/token/jws.js'
import { opaqueTypeOf, typeByClaims, typeByHeader } from '../../src/kinds/classify.js'
import { codeOf } from '../fixtures-tokens.js'

const SESSION = 'cl_B7d4PD111AAA'
const TEMPLATE = 'cl_B7d4PD222AAA'
const M2M = 'cl_B7d4PD333AAA'
const IGNORE = 'cl_I7d4PD111III'
const UNKNOWN = 'cl_B7d4PD999AAA'

const user = { sub: 'user_2a', sid: 'sess_2a' }
const template = { sub: 'user_2a' }
const machine = { sub: 'mch_2a' }

type Header = Partial<Pick<JoseHeader, 'typ' | 'cat'>>

function byHeader(header: Header) {
  return typeByHeader({ alg: 'RS256', kid: 'ins_2a', typ: 'jwt', cat: undefined, ...header })
}
const typeOf = (header: Header, claims: JsonObject) => typeByClaims(byHeader(header), claims)

describe('typeByHeader', () => {
  test.each<[string, Header]>([
    ['session_token', { cat: SESSION }],
    ['jwt_template', { cat: TEMPLATE }],
    ['m2m_token', { cat: M2M }],
    ['oauth_token', { typ: 'at+jwt' }],
    ['oauth_token', { typ: 'at+jwt', cat: IGNORE }],
    ['oauth_token', { typ: 'at+jwt', cat: UNKNOWN }],
  ])('recognizes a %s by %j', (tokenType, header) => {
    expect(byHeader(header)).toBe(tokenType)
  })

  test.each<Header>([{}, { typ: undefined }, { cat: IGNORE }])('leaves the kind open for %j', (header) => {
    expect(byHeader(header)).toBeUndefined()
  })

  test.each<[string, Header]>([
    ['an unknown category', { cat: UNKNOWN }],
    ['an empty category', { cat: '' }],
    ['a category that is the name of an inherited property', { cat: '__proto__' }],
    ['the OAuth type with the session category', { typ: 'at+jwt', cat: SESSION }],
    ['the OAuth type with the template category', { typ: 'at+jwt', cat: TEMPLATE }],
    ['the OAuth type with the machine category', { typ: 'at+jwt', cat: M2M }],
  ])('refuses %s', (_name, header) => {
    expect(codeOf(() => byHeader(header))).toBe('token-type-mismatch')
  })
})

describe('typeByClaims', () => {
  test.each<[string, Header, JsonObject]>([
    ['session_token', { cat: SESSION }, user],
    ['session_token', { cat: SESSION }, template], // The session reader then refuses it, because it has no `sid`.
    ['session_token', { cat: IGNORE }, user],
    ['session_token', {}, user],
    ['session_token', {}, { ...user, sid: null }],
    ['session_token', {}, { sid: 'sess_2a' }],
    ['jwt_template', { cat: TEMPLATE }, template],
    ['jwt_template', { cat: TEMPLATE }, user],
    ['jwt_template', { cat: IGNORE }, template],
    ['jwt_template', {}, template],
    ['jwt_template', {}, { sub: ['mch_2a'] }],
    ['m2m_token', { cat: M2M }, machine],
    ['m2m_token', { cat: IGNORE }, machine],
    ['m2m_token', {}, machine],
    ['m2m_token', {}, { ...machine, sid: 'sess_2a' }],
    ['oauth_token', { typ: 'at+jwt' }, user],
    ['oauth_token', { typ: 'at+jwt', cat: IGNORE }, template],
  ])('recognizes a %s by the header %j and the claims %j', (tokenType, header, claims) => {
    expect(typeOf(header, claims)).toBe(tokenType)
  })

  test.each<[string, Header, JsonObject]>([
    ['the session category with the subject of a machine', { cat: SESSION }, machine],
    ['the template category with the subject of a machine', { cat: TEMPLATE }, machine],
    ['the OAuth type with the subject of a machine', { typ: 'at+jwt' }, machine],
    ['the machine category with the subject of a user', { cat: M2M }, user],
    ['the machine category without a subject', { cat: M2M }, {}],
  ])('refuses a header and claims that disagree: %s', (_name, header, claims) => {
    expect(codeOf(() => typeOf(header, claims))).toBe('token-type-mismatch')
  })

  test('ignores an inherited claim', () => {
    expect(typeOf({}, Object.create({ ...machine, sid: 'sess_2a' }) as JsonObject)).toBe('jwt_template')
  })
})

describe('opaqueTypeOf', () => {
  test.each([
    ['mt_0123456789abcdef', 'm2m_token'],
    ['oat_0123456789abcdef', 'oauth_token'],
    ['ak_0123456789abcdef', 'api_key'],
    ['mt_', 'm2m_token'],
    ['ak_live_x', 'api_key'],
  ])('recognizes %s by its prefix', (token, tokenType) => {
    expect(opaqueTypeOf(token)).toBe(tokenType)
  })

  test.each([
    '',
    'mt',
    'MT_0123456789abcdef',
    'Ak_x',
    ' mt_x',
    'xmt_x',
    'at_x',
    'oat-x',
    'eyJhbGciOiJub25lIn0.e30.',
    '_',
  ])('returns undefined for %j', (token) => {
    expect(opaqueTypeOf(token)).toBeUndefined()
  })
})
