import { describe, expect, it } from 'vitest'
import type { AuthSource } from '../src/request/auth-source.js'
import { checkBearerToken, readBearerToken } from '../src/request/authorization.js'
import { codeOf, typeErrorOf } from './fixtures-tokens.js'

/** As the authenticator does if the token is not cached. */
function readFrom(source: AuthSource): string | undefined {
  const token = readBearerToken(source)
  if (token !== undefined) checkBearerToken(token)
  return token
}
const read = (value: unknown) => readFrom({ headers: { authorization: value as string } })
const refusalOf = (value: unknown) => codeOf(() => read(value))

describe('readBearerToken', () => {
  it.each(['Bearer a.b-c_d~+/=', 'bearer a.b-c_d~+/=', 'BEARER a.b-c_d~+/=', 'Bearer   a.b-c_d~+/='])(
    'reads %j',
    (value) => {
      expect(read(value)).toBe('a.b-c_d~+/=')
    },
  )

  it.each<[string, AuthSource]>([
    ['Request', new Request('https://a.example', { headers: { Authorization: 'Bearer token' } })],
    ['Headers', new Headers({ Authorization: 'Bearer token' })],
    ['{ headers: Headers }', { headers: new Headers({ Authorization: 'Bearer token' }) }],
    ['{ headers }', { headers: { authorization: 'Bearer token' } }],
    ['{ headers } with a list of one', { headers: { authorization: ['Bearer token'] } }],
    [
      'an IncomingMessage',
      { headers: { authorization: 'Bearer token' }, rawHeaders: ['AUTHORIZATION', 'Bearer token'] },
    ],
    [
      'an IncomingMessage with other headers, some with names of the same length',
      {
        headers: { authorization: 'Bearer token' },
        rawHeaders: ['If-None-Match', '"a"', 'Authorization', 'Bearer token', 'Accept-Ranges', 'none', 'Accept', '*'],
      },
    ],
    [
      'a preflight, with the name of the header as a value',
      {
        headers: { authorization: 'Bearer token' },
        rawHeaders: ['Authorization', 'Bearer token', 'Access-Control-Request-Headers', 'authorization'],
      },
    ],
    ['a function', (name) => (name === 'authorization' ? 'Bearer token' : undefined)],
    [
      'headers in a class instance',
      {
        headers: new (class {
          get authorization() {
            return 'Bearer token'
          }
        })() as never,
      },
    ],
    [
      'an emulated request without raw headers',
      { headers: { authorization: 'Bearer token' }, rawHeaders: null as never },
    ],
  ])('reads from %s', (_, source) => {
    expect(readBearerToken(source)).toBe('token')
  })

  it.each<[string, unknown]>([
    ['Headers without it', new Headers()],
    ['{ headers } without it', { headers: {} }],
    ['an empty list', { headers: { authorization: [] } }],
    ['null, as Headers.get() returns it', () => null],
    ['a query with a token', { headers: {}, url: '/?access_token=token', query: { access_token: 'token' } }],
    ['a cookie with a token', { headers: { cookie: '__session=token' } }],
  ])('finds no credential in %s', (_, source) => {
    expect(readBearerToken(source as AuthSource)).toBeUndefined()
  })

  it.each([
    'Basic dXNlcjpwYXNz',
    'DPoP token',
    'Token token',
    'Digest a="1", b="2"',
    'Bearera token',
    'NoBearer a, b',
    'x  y',
  ])('ignores %j', (value) => {
    expect(read(value)).toBeUndefined()
  })

  it.each([
    '',
    ' ',
    'x',
    'Bearer',
    'Bearer ',
    'Bearer  ',
    'Bearera',
    'Bearer	token',
    'Bearer a b',
    'Bearer a ',
    ' Bearer a',
    'Bearer a\0',
    'Bearer a',
    'Bearer a\r\nX: y',
    'Bearer aĀ',
    'Bearer ÿ',
    'Bearer\xA0a',
    'Basic a\0',
    'Basic ÿ',
    'B(sic a',
    '﻿Bearer a',
    'Ｂearer a',
    'Bearer '.repeat(2e3),
  ])('refuses %.20j as credentials-malformed', (value) => {
    expect(refusalOf(value)).toBe('credentials-malformed')
  })

  it.each([5, true, {}, [5], [['Bearer a']], { length: 1, 0: 'Bearer a' }])(
    'refuses %j, which is not a string, as credentials-malformed',
    (value) => {
      expect(refusalOf(value)).toBe('credentials-malformed')
    },
  )

  it.each([
    'Bearer a, Bearer b',
    'Bearer a,Bearer b',
    'Bearer a , Bearer b',
    'Bearer  a, bearer b',
    'Bearer a, Basic b',
    'Bearer a, b',
    'Bearer a, ',
    'Bearer abc, Basic d',
    'Bearer  a, Basic b',
    'Basic a, Bearer b',
    'Basic a,bearer b',
  ])('refuses two headers joined as %j as credentials-ambiguous', (value) => {
    expect(refusalOf(value)).toBe('credentials-ambiguous')
  })

  it.each<[string, () => AuthSource]>([
    ['a list', () => ({ headers: { authorization: ['Bearer a', 'Bearer a'] } })],
    [
      'Headers',
      () => {
        const headers = new Headers({ Authorization: 'Bearer a' })
        headers.append('authorization', 'Bearer b')
        return headers
      },
    ],
    [
      'an IncomingMessage, which keeps only the first',
      () => ({
        headers: { authorization: 'Bearer a' },
        rawHeaders: ['Authorization', 'Bearer a', 'Accept', '*', 'authorization', 'Bearer b'],
      }),
    ],
    [
      'a request of Express, which has a get() too',
      () => ({
        headers: { authorization: 'Bearer a' },
        rawHeaders: ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'],
        get: () => 'Bearer a',
      }),
    ],
  ])('refuses two headers in %s as credentials-ambiguous', (_, source) => {
    expect(codeOf(() => readFrom(source()))).toBe('credentials-ambiguous')
  })

  it.each([undefined, null, 'Bearer a', 5, {}, { headers: null }, { headers: 'Bearer a' }, { get: 'Bearer a' }])(
    'throws a TypeError for %j, which has no headers',
    (source) => {
      expect(typeErrorOf(() => readBearerToken(source as unknown as AuthSource))).toMatch(/^the source has no headers/)
    },
  )

  it.each([
    ['spaces', `x${' '.repeat(1_000_000)}\xff`],
    ['spaces after Bearer', `Bearer ${' '.repeat(1_000_000)}\xff`],
    ['commas', `${','.repeat(1_000_000)}\xff`],
    ['tabs after a comma', `x,${'\t'.repeat(1_000_000)}\xff`],
    ['letters', `${'x'.repeat(1_000_000)}\xff`],
    ['commas and spaces', `Bearer a,${' '.repeat(1_000_000)}\xff`],
    ['words', `Bearer a, ${'x'.repeat(1_000_000)}\xff`],
  ])('reads a megabyte of %s, which would take many minutes in quadratic time', (_, value) => {
    expect(refusalOf(value)).toBe('credentials-malformed')
  })
})
