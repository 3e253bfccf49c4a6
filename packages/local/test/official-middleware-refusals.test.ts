import { createClerkClient, verifyToken } from '@clerk/backend'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { authorization, startLocalClerk } from '../src/index.js'
import { FRAMEWORKS, factsOf, startWithOfficialApps, type ROUTES } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
const other = await startLocalClerk()
afterAll(() => other.close())
afterEach(() => local.reset())

const NOBODY = {
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

type Kind = keyof typeof NOBODY

/** The middle of the signature is another, or of an opaque token its end. */
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

type Case = readonly [what: string, reason: string, message: RegExp, mint: () => string | Promise<string>]

const CASES: Readonly<Record<Kind, readonly Case[]>> = {
  session_token: [
    [
      'an expired one',
      'session-token-expired-refresh-non-eligible-no-refresh-cookie',
      EXPIRED,
      () => local.sessionToken({ ttlInSeconds: -10 }),
    ],
    [
      'one of later',
      'session-token-nbf',
      /not before date/,
      () => local.sessionToken({ claims: { nbf: Date.now() / 1000 + 3600 } }),
    ],
    ['a tampered one', 'token-invalid-signature', FORGED, async () => tampered(await local.sessionToken())],
    ['one of another instance', 'jwk-kid-mismatch', FOREIGN, () => other.sessionToken()],
    [
      'one by the key of another instance, under the id of this one’s',
      'token-invalid-signature',
      FORGED,
      () => other.sessionToken({ header: { kid: local.kid } }),
    ],
    ['one of a JWT template', 'token-type-mismatch', /^$/, () => local.templateToken()],
    ['nonsense', 'token-invalid', /^Invalid JWT form/, () => 'nonsense'],
  ],
  m2m_token: [
    ['an unknown one', 'token-invalid', UNKNOWN, async () => tampered(await local.m2mToken())],
    ['one of another instance', 'token-invalid', UNKNOWN, () => other.m2mToken()],
    ['one that was revoked', 'token-invalid', UNKNOWN, async () => revoked(await local.m2mToken())],
    ['an expired one', 'token-invalid', UNKNOWN, () => local.m2mToken({ ttlInSeconds: -10 })],
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
    ['an unknown one', 'token-invalid', UNKNOWN, async () => tampered(await local.oauthToken({ format: 'opaque' }))],
    ['one of another instance', 'token-invalid', UNKNOWN, () => other.oauthToken({ format: 'opaque' })],
    [
      'one that was revoked',
      'token-invalid',
      UNKNOWN,
      async () => revoked(await local.oauthToken({ format: 'opaque' })),
    ],
    ['an expired one', 'token-invalid', UNKNOWN, () => local.oauthToken({ format: 'opaque', ttlInSeconds: -10 })],
    ['a JWT of another instance', 'token-verification-failed', FOREIGN, () => other.oauthToken()],
    ['a tampered JWT', 'token-verification-failed', FORGED, async () => tampered(await local.oauthToken())],
    ['an expired JWT', 'token-verification-failed', EXPIRED, () => local.oauthToken({ ttlInSeconds: -10 })],
  ],
  api_key: [
    ['an unknown one', 'token-invalid', UNKNOWN, async () => tampered(await local.apiKey())],
    ['one of another instance', 'token-invalid', UNKNOWN, () => other.apiKey()],
    ['one that was revoked', 'token-invalid', UNKNOWN, async () => revoked(await local.apiKey())],
    ['an expired one', 'token-invalid', UNKNOWN, () => local.apiKey({ ttlInSeconds: -10 })],
    ['the secret key of a machine', 'token-invalid', UNKNOWN, () => local.machines.worker.secretKey],
  ],
}

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { ask } = apps[framework]

  describe.each(Object.keys(CASES) as Kind[])('refuses as %s', (kind) => {
    test.each(CASES[kind])('%s: %s', async (_what, reason, message, mint) => {
      const met = await ask(ROUTE_OF[kind], authorization(await mint()))
      expect([met.status, met.reason]).toEqual([401, reason])
      expect(met.message ?? '').toMatch(message)
      expect(factsOf(met)).toStrictEqual({ isAuthenticated: false, tokenType: kind, ...NOBODY[kind] })
      expect([await met.auth?.getToken(), met.auth?.has({ role: 'org:admin' })]).toEqual([null, false])
    })

    test('no token at all', async () => {
      const met = await ask(ROUTE_OF[kind])
      expect(met.status).toBe(401)
      expect(factsOf(met)).toStrictEqual({ isAuthenticated: false, tokenType: kind, ...NOBODY[kind] })
    })
  })

  test('gives for a kind that is in no list nothing but that', async () => {
    const met = await ask('/machines', await local.as('alice'))
    expect([met.status, factsOf(met)]).toStrictEqual([401, { isAuthenticated: false, tokenType: null }])
  })

  test('refuses an M2M token that is for another machine', async () => {
    const { api, billing, worker } = local.machines
    const { machines } = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
    await machines.createScope(worker.id, billing.id)
    const statusOf = async (to: string) => (await ask('/m2m', authorization(await local.m2mToken({ to })))).status
    expect([await statusOf(api.name), await statusOf(billing.name)]).toEqual([200, 401])
    expect(local.calls('verifyM2MToken')).toBe(2)
  })

  test.each<[route: keyof typeof ROUTES, kind: Kind, mint: () => Promise<string>]>([
    ['/people', 'session_token', () => local.m2mToken()],
    ['/people', 'session_token', () => local.oauthToken()],
    ['/m2m', 'm2m_token', () => local.apiKey()],
    ['/oauth', 'oauth_token', () => local.sessionToken()],
    ['/keys', 'api_key', () => local.m2mToken({ format: 'jwt' })],
  ])('takes at %s nobody for a caller by another kind than %s', async (route, kind, mint) => {
    const met = await ask(route, authorization(await mint()))
    expect([met.status, factsOf(met)]).toStrictEqual([
      401,
      { isAuthenticated: false, tokenType: kind, ...NOBODY[kind] },
    ])
  })
})

describe('verifyToken of @clerk/backend', () => {
  test('takes a token of a JWT template', async () => {
    const token = await local.templateToken({ user: 'bob', claims: { role: 'reader' } })
    const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
    const expected = { sub: local.people.bob.id, iss: local.url, role: 'reader' }
    expect(await verifyToken(token, { secretKey, apiUrl })).toMatchObject(expected)
    expect(await verifyToken(token, { jwtKey: local.jwtKey })).toMatchObject(expected)
  })
})
