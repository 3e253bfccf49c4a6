import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs, ourCode, type SharedOptions } from './both.js'
import { fieldsOf, MACHINE_FIELDS } from './fields.js'
import { m2mClaims, m2mHeader, oauthClaims, oauthHeader } from './machine-claims.js'
import { CATEGORY, m2mJwt, MACHINE, NOW, oauthJwt, SECOND, type Claims, type Header } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

const KINDS = {
  m2m_token: { mint: m2mJwt, claims: m2mClaims, header: m2mHeader },
  oauth_token: { mint: oauthJwt, claims: oauthClaims, header: oauthHeader },
} as const

type Kind = keyof typeof KINDS

describe.each([
  { name: 'an M2M token', tokenType: 'm2m_token' },
  { name: 'an OAuth access token', tokenType: 'oauth_token' },
] as const)('$name', ({ tokenType }) => {
  const { mint, claims, header } = KINDS[tokenType]

  it('as a JWT gives the same caller', async () => {
    await fc.assert(
      fc.asyncProperty(claims, header, async (claims, header) => {
        const token = mint(claims, header)
        fc.pre(token.length <= 8192)
        const clerk = (await askClerk(token, { acceptsToken: tokenType })).auth()
        const ours = await askOurs(token, { acceptsToken: tokenType, machineId: 'any' })
        deepStrictEqual(fieldsOf(ours, MACHINE_FIELDS[tokenType]), fieldsOf(clerk, MACHINE_FIELDS[tokenType]))
        expect(ours.isAuthenticated).toBe(true)
        expect(ours.has({ role: 'org:admin' })).toBe(clerk.has({ role: 'org:admin' }))
      }),
      { seed: 20261128, numRuns: 400 },
    )
  }, 120_000)

  it.each<[what: string, code: string | undefined, claims?: Claims, options?: SharedOptions]>([
    ['is valid', undefined],
    ['expired 5.5 s ago', 'token-expired', { iat: SECOND - 60, nbf: SECOND - 60, exp: SECOND - 5 }],
    ['expired 4.5 s ago', undefined, { iat: SECOND - 60, nbf: SECOND - 60, exp: SECOND - 4 }],
    ['expired as long ago as the skew', 'token-expired', { iat: 1, nbf: 1, exp: SECOND - 1 }, { clockSkewInMs: 1500 }],
    [
      'expired a millisecond less ago than the skew',
      undefined,
      { iat: 1, nbf: 1, exp: SECOND - 1 },
      { clockSkewInMs: 1501 },
    ],
    ['becomes valid in 5.5 s', 'token-not-active-yet', { nbf: SECOND + 6 }],
    ['becomes valid in 4.5 s', undefined, { nbf: SECOND + 5 }],
    ['was issued 5.5 s ahead', 'token-iat-in-the-future', { iat: SECOND + 6 }],
    ['has no exp', 'token-claim-invalid', { exp: undefined }],
    ['has no nbf', undefined, { nbf: undefined }],
    ['has a string as iat', 'token-claim-invalid', { iat: String(SECOND) }],
    [
      'has none of the configured authorized parties',
      undefined,
      { azp: 'x' },
      { authorizedParties: ['https://app.example.com'] },
    ],
  ])('that %s gets the same result', async (_what, code, claims, options = {}) => {
    const token = mint(claims)
    const { status } = await askClerk(token, { acceptsToken: tokenType, ...options })
    expect(status).toBe(code === undefined ? 'signed-in' : 'signed-out')
    expect(await ourCode(token, { acceptsToken: tokenType, machineId: 'any', ...options })).toBe(code)
  })
})

describe('the audience of an OAuth access token', () => {
  const API = 'https://api.example.com'

  it.each<[what: string, code: string | undefined, aud: unknown]>([
    ['the configured one', undefined, API],
    ['several, one of which is configured', undefined, ['https://other.example', API]],
    ['another', 'token-invalid-audience', 'https://other.example'],
    ['missing', 'token-invalid-audience', undefined],
    ['an empty string', 'token-invalid-audience', ''],
    ['an empty list', 'token-invalid-audience', []],
    ['null', 'token-invalid-audience', null],
    ['a list with a number in it', 'token-invalid-audience', [API, 1]],
    ['a list with an empty string in it', 'token-invalid-audience', [API, '']],
    ['a list of lists', 'token-invalid-audience', [[API]]],
    ['an object', 'token-invalid-audience', { 0: API }],
  ])('is %s: the same result', async (_what, code, aud) => {
    const token = oauthJwt({ aud })
    const options: SharedOptions = { acceptsToken: 'oauth_token', audience: [API, 'https://api.example.net'] }
    const { status } = await askClerk(token, options)
    expect(status).toBe(code === undefined ? 'signed-in' : 'signed-out')
    expect(await ourCode(token, options)).toBe(code)
  })
})

describe('the category and the type', () => {
  it.each<[what: string, kind: Kind, code: string | undefined, claims: Claims, header: Header]>([
    ['an M2M token without a category', 'm2m_token', undefined, {}, { cat: undefined }],
    ['an M2M token with the category of sessions', 'm2m_token', 'token-type-mismatch', {}, { cat: CATEGORY.session }],
    ['an M2M token with the category of templates', 'm2m_token', 'token-type-mismatch', {}, { cat: CATEGORY.template }],
    ['an M2M token with an unknown category', 'm2m_token', 'token-type-mismatch', {}, { cat: 'cl_B7d4PD444AAA' }],
    ['an M2M token with the type of OAuth', 'm2m_token', 'token-type-mismatch', {}, { typ: 'at+jwt' }],
    ['an M2M token of a user', 'm2m_token', 'token-type-mismatch', { sub: 'user_2a' }, {}],
    ['an OAuth access token with the type JWT', 'oauth_token', 'token-type-mismatch', {}, { typ: 'JWT' }],
    ['an OAuth access token without a type', 'oauth_token', 'token-type-mismatch', {}, { typ: undefined }],
    ['an OAuth access token of a machine', 'oauth_token', 'token-type-mismatch', { sub: MACHINE }, {}],
    ['an OAuth access token with the long type', 'oauth_token', undefined, {}, { typ: 'application/at+jwt' }],
    ['an OAuth access token with an unknown category', 'oauth_token', undefined, {}, { cat: 'cl_B7d4PD444AAA' }],
  ])('%s gets the same result', async (_what, acceptsToken, code, claims, header) => {
    const token = KINDS[acceptsToken].mint(claims, header)
    const { status } = await askClerk(token, { acceptsToken })
    expect(status).toBe(code === undefined ? 'signed-in' : 'signed-out')
    expect(await ourCode(token, { acceptsToken, machineId: 'any' })).toBe(code)
  })
})
