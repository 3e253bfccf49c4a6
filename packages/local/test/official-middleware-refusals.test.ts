import { createClerkClient, verifyToken } from '@clerk/backend'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { authorization, startLocalClerk } from '../src/index.js'
import { FRAMEWORKS, factsOf, startWithOfficialApps, type ROUTES } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
const other = await startLocalClerk()
afterAll(() => other.close())
afterEach(() => local.reset())

const SIGNED_OUT = {
  session_token: {
    sessionClaims: null,
    sessionId: null,
    sessionStatus: null,
    userId: null,
    actor: null,
    orgId: null,
    orgRole: null,
    orgSlug: null,
    orgPermissions: null,
    factorVerificationAge: null,
  },
  m2m_token: { id: null, subject: null, scopes: null, claims: null, machineId: null },
  oauth_token: { id: null, subject: null, scopes: null, userId: null, clientId: null },
  api_key: { id: null, subject: null, scopes: null, name: null, claims: null, userId: null, orgId: null },
} as const

const ROUTE_OF = { session_token: '/people', m2m_token: '/m2m', oauth_token: '/oauth', api_key: '/keys' } as const

type Kind = keyof typeof SIGNED_OUT

/** Changes the middle of the signature, or the end of an opaque token. */
function tampered(token: string): string {
  const [header, claims, signature] = token.split('.')
  if (!signature) return `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
  const middle = signature[100] === 'A' ? 'B' : 'A'
  return `${header}.${claims}.${signature.slice(0, 100)}${middle}${signature.slice(101)}`
}

async function revoked(token: string): Promise<string> {
  await local.revoke(token)
  return token
}

const EXPIRED = /^JWT is expired/
const FORGED = /^JWT signature is invalid/
const FOREIGN = /^Unable to find a signing key/
const UNKNOWN = /not found .*status=404/

type Case = readonly [name: string, reason: string, message: RegExp, mint: () => string | Promise<string>]

const CASES: Readonly<Record<Kind, readonly Case[]>> = {
  session_token: [
    [
      'an expired token',
      'session-token-expired-refresh-non-eligible-no-refresh-cookie',
      EXPIRED,
      () => local.sessionToken({ ttlInSeconds: -10 }),
    ],
    [
      'a token that is not active yet',
      'session-token-nbf',
      /not before date/,
      () => local.sessionToken({ claims: { nbf: Date.now() / 1000 + 3600 } }),
    ],
    ['a tampered token', 'token-invalid-signature', FORGED, async () => tampered(await local.sessionToken())],
    ['a token of another instance', 'jwk-kid-mismatch', FOREIGN, () => other.sessionToken()],
    [
      'a token signed by another instance with our kid',
      'token-invalid-signature',
      FORGED,
      () => other.sessionToken({ header: { kid: local.kid } }),
    ],
    ['a token from a JWT template', 'token-type-mismatch', /^$/, () => local.templateToken()],
    ['nonsense', 'token-invalid', /^Invalid JWT form/, () => 'nonsense'],
  ],
  m2m_token: [
    ['an unknown token', 'token-invalid', UNKNOWN, async () => tampered(await local.m2mToken())],
    ['a revoked token', 'token-invalid', UNKNOWN, async () => revoked(await local.m2mToken())],
    ['an expired token', 'token-invalid', UNKNOWN, () => local.m2mToken({ ttlInSeconds: -10 })],
    ['a JWT of another instance', 'token-verification-failed', FOREIGN, () => other.m2mToken({ format: 'jwt' })],
    [
      'a tampered JWT',
      'token-verification-failed',
      FORGED,
      async () => tampered(await local.m2mToken({ format: 'jwt' })),
    ],
    [
      'an expired JWT',
      'token-verification-failed',
      EXPIRED,
      () => local.m2mToken({ format: 'jwt', ttlInSeconds: -10 }),
    ],
  ],
  oauth_token: [
    ['an unknown token', 'token-invalid', UNKNOWN, async () => tampered(await local.oauthToken({ format: 'opaque' }))],
    ['a revoked token', 'token-invalid', UNKNOWN, async () => revoked(await local.oauthToken({ format: 'opaque' }))],
    ['an expired token', 'token-invalid', UNKNOWN, () => local.oauthToken({ format: 'opaque', ttlInSeconds: -10 })],
    ['a JWT of another instance', 'token-verification-failed', FOREIGN, () => other.oauthToken()],
    ['a tampered JWT', 'token-verification-failed', FORGED, async () => tampered(await local.oauthToken())],
    ['an expired JWT', 'token-verification-failed', EXPIRED, () => local.oauthToken({ ttlInSeconds: -10 })],
  ],
  api_key: [
    ['an unknown token', 'token-invalid', UNKNOWN, async () => tampered(await local.apiKey())],
    ['a revoked token', 'token-invalid', UNKNOWN, async () => revoked(await local.apiKey())],
    ['an expired token', 'token-invalid', UNKNOWN, () => local.apiKey({ ttlInSeconds: -10 })],
    ['the secret key of a machine', 'token-invalid', UNKNOWN, () => local.machines.worker.secretKey],
  ],
}

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { send } = apps[framework]

  describe.each(Object.keys(CASES) as Kind[])('refuses as %s', (kind) => {
    test.each(CASES[kind])('%s: %s', async (_name, reason, message, mint) => {
      const outcome = await send(ROUTE_OF[kind], authorization(await mint()))
      expect([outcome.status, outcome.reason]).toEqual([401, reason])
      expect(outcome.message ?? '').toMatch(message)
      expect(factsOf(outcome)).toStrictEqual({ isAuthenticated: false, tokenType: kind, ...SIGNED_OUT[kind] })
      expect([await outcome.auth?.getToken(), outcome.auth?.has({ role: 'org:admin' })]).toEqual([null, false])
    })

    test('no token at all', async () => {
      const outcome = await send(ROUTE_OF[kind])
      expect(outcome.status).toBe(401)
      expect(factsOf(outcome)).toStrictEqual({ isAuthenticated: false, tokenType: kind, ...SIGNED_OUT[kind] })
    })
  })

  test('returns no fields for a kind that is not in the accepted list', async () => {
    const outcome = await send('/machines', await local.as('alice'))
    expect([outcome.status, factsOf(outcome)]).toStrictEqual([401, { isAuthenticated: false, tokenType: null }])
  })

  test('refuses an M2M token for another machine', async () => {
    const { api, billing, worker } = local.machines
    const { machines } = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
    await machines.createScope(worker.id, billing.id)
    const statusOf = async (to: string) => (await send('/m2m', authorization(await local.m2mToken({ to })))).status
    expect([await statusOf(api.name), await statusOf(billing.name)]).toEqual([200, 401])
    expect(local.calls('verifyM2MToken')).toBe(2)
  })

  test.each<[route: keyof typeof ROUTES, kind: Kind, mint: () => Promise<string>]>([
    ['/people', 'session_token', () => local.m2mToken()],
    ['/m2m', 'm2m_token', () => local.apiKey()],
    ['/oauth', 'oauth_token', () => local.sessionToken()],
    ['/keys', 'api_key', () => local.m2mToken({ format: 'jwt' })],
  ])('refuses at %s any kind but %s', async (route, kind, mint) => {
    const outcome = await send(route, authorization(await mint()))
    expect([outcome.status, factsOf(outcome)]).toStrictEqual([
      401,
      { isAuthenticated: false, tokenType: kind, ...SIGNED_OUT[kind] },
    ])
  })
})

describe('verifyToken of @clerk/backend', () => {
  test('accepts a token from a JWT template', async () => {
    const token = await local.templateToken({ user: 'bob', claims: { role: 'reader' } })
    const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
    const expected = { sub: local.people.bob.id, iss: local.url, role: 'reader' }
    expect(await verifyToken(token, { secretKey, apiUrl })).toMatchObject(expected)
    expect(await verifyToken(token, { jwtKey: local.jwtKey })).toMatchObject(expected)
  })
})
