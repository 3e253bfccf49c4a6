import { deepStrictEqual } from 'node:assert/strict'
import { verifyToken } from '@clerk/backend'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs, clerkReason, ourCode, type SharedOptions } from './both.js'
import { custom } from './session-claims.js'
import { CATEGORY, JWT_KEY, NOW, SECOND, templateToken, type Claims } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

const APP = 'https://app.example.com'
const asked = { acceptsToken: 'jwt_template' } as const

describe('a token from a JWT template', () => {
  it('gives the same claims, if that kind is accepted, as verifyToken() of the official SDK', async () => {
    await fc.assert(
      fc.asyncProperty(custom, fc.constantFrom(CATEGORY.template, CATEGORY.ignore, undefined), async (claims, cat) => {
        // With `sid` and without a category it is a session token.
        const token = templateToken({ ...claims, sid: undefined }, { cat })
        fc.pre(token.length <= 8192)
        const official = await verifyToken(token, { jwtKey: JWT_KEY })
        const ours = await askOurs(token, asked)
        expect(ours).toMatchObject({ isAuthenticated: true, tokenType: 'jwt_template', userId: official.sub })
        deepStrictEqual(ours['claims'], official)
      }),
      { seed: 20261129, numRuns: 200 },
    )
  }, 120_000)

  it.each<[what: string, code: string | undefined, claims?: Claims, options?: SharedOptions]>([
    ['is valid', undefined],
    ['expired 5.5 s ago', 'token-expired', { iat: 1, nbf: 1, exp: SECOND - 5 }],
    ['expired 4.5 s ago', undefined, { iat: 1, nbf: 1, exp: SECOND - 4 }],
    ['becomes valid in 5.5 s', 'token-not-active-yet', { nbf: SECOND + 6 }],
    ['was issued 5.5 s ahead', 'token-iat-in-the-future', { iat: SECOND + 6 }],
    ['has the configured authorized party', undefined, { azp: APP }, { authorizedParties: [APP] }],
    ['has another authorized party', 'token-invalid-authorized-parties', { azp: 'x' }, { authorizedParties: [APP] }],
    [
      'has another issuer',
      'token-invalid-issuer',
      { iss: 'https://other.example' },
      { issuer: 'https://clerk.example.com' },
    ],
  ])('that %s gets the same result, for the same reason', async (_what, code, claims, options = {}) => {
    const token = templateToken(claims)
    expect(await clerkReason(token, options)).toBe(code)
    expect(await ourCode(token, { ...options, ...asked })).toBe(code)
  })

  it.each([
    ['is not accepted by its kind', undefined],
    ['could be any kind', 'any'],
    ['is expected to be a session', 'session_token'],
    ['is expected to be one of a list of kinds', ['session_token', 'api_key', 'm2m_token', 'oauth_token']],
  ] as const)('is refused by both if it %s', async (_what, acceptsToken) => {
    const accepts = { acceptsToken: acceptsToken as 'any' }
    const { status } = await askClerk(templateToken(), accepts)
    expect(status).toBe('signed-out')
    const options = { ...accepts, machineId: 'any', secretKey: 'sk_test_no_request_is_made_with_it' }
    expect(await ourCode(templateToken(), options)).toBe('token-type-mismatch')
  })
})
