import { sign } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AcceptsToken } from '../src/kinds/accepts-token.js'
import type { AuthSource } from '../src/request/auth-source.js'
import { createClerkAuth, internalsOf, type ClerkAuth } from '../src/clerk-auth.js'
import type { Forgotten } from '../src/fleet/revoked.js'
import type { TokenType } from '../src/auth/errors.js'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import {
  codeOf,
  fakeIssuer,
  HOUR,
  ISSUER,
  issuerKey,
  keyPair,
  MINUTE,
  NOW,
  ORDERS,
  outcomeOf,
  refusalOf,
  SECOND,
  tampered,
  toBigInt,
  toBytes,
  turn,
  type FakeIssuer,
} from './fixtures.js'
import { ANSWERS, fakeClerk, good, HERE, KINDS, MACHINE, opaque, unknownToken, USER } from './fixtures-machines.js'

const PAIR = keyPair('P-256')
const KEY = issuerKey('key_1', PAIR)
const OTHER = issuerKey('key_2')
const PUBLISHABLE_KEY = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`

// The monotonic clock is stopped too, even on a slow machine.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

type SessionOptions = Omit<ClerkAuthOptions, 'acceptsToken'>

interface Setup {
  readonly clerk: ClerkAuth
  readonly issuer: FakeIssuer
  readonly events: readonly ClerkAuthEvent[]
  readonly advance: (ms: number) => void
}

/** An instance that knows its issuer from the publishable key, and has made no request yet. */
/** The same token with the other valid signature: (r, n - s) instead of (r, s). */
function malleated(token: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const bytes = Buffer.from(signature, 'base64url')
  const s = ORDERS['P-256'] - toBigInt(bytes.subarray(32))
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), toBytes(s, 32)]).toString('base64url')}`
}

function start(options: SessionOptions = {}): Setup {
  let now = NOW
  const issuer = fakeIssuer(KEY.jwk)
  const events: ClerkAuthEvent[] = []
  const clerk = createClerkAuth(
    {
      publishableKey: PUBLISHABLE_KEY,
      fetch: issuer.fetch,
      now: () => now,
      onEvent: (event) => void events.push(event),
      ...options,
    },
    {},
  )
  onTestFinished(() => clerk.close())
  return { clerk, issuer, events, advance: (ms) => (now += ms) }
}

const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('createClerkAuth › authenticate', () => {
  const url = 'https://api.example.com/me'
  const Authorization = (token: string) => ({ Authorization: `Bearer ${token}` })
  const sources: [string, (token: string) => AuthSource][] = [
    ['a Request', (token) => new Request(url, { headers: Authorization(token) })],
    ['Headers', (token) => new Headers(Authorization(token))],
    ['an object with headers', (token) => bearing(token)],
    ['an object with Headers', (token) => ({ headers: new Headers(Authorization(token)) })],
    [
      'an object like an IncomingMessage',
      (token) => ({ ...bearing(token), rawHeaders: ['Host', 'x', 'Authorization', `Bearer ${token}`] }),
    ],
    ['a function', (token) => (name) => (name === 'authorization' ? `Bearer ${token}` : undefined)],
  ]

  test.each(sources)('reads the token from %s', async (_name, source) => {
    const { clerk } = start()
    expect(await clerk.authenticate(source(KEY.token()))).toMatchObject({
      isAuthenticated: true,
      tokenType: 'session_token',
      userId: 'user_alice',
      sessionId: 'sess_1',
      expiresAt: NOW + MINUTE,
    })
  })

  test.each(sources)('refuses a bad token from %s, and does not reject', async (_name, source) => {
    const { clerk } = start()
    const auth = await clerk.authenticate(source(tampered(KEY.token(), { sub: 'user_mallory' })))
    expect(auth).toMatchObject({ isAuthenticated: false, userId: null, error: { code: 'token-invalid-signature' } })
  })

  test.each<[string, AuthSource, string]>([
    ['no credential', { headers: {} }, 'credentials-missing'],
    ['another scheme', { headers: { authorization: 'Basic eDp5' } }, 'credentials-missing'],
    ['no token', { headers: { authorization: 'Bearer' } }, 'credentials-malformed'],
    [
      'two Authorization headers, of which Node keeps the first',
      { ...bearing(KEY.token()), rawHeaders: ['authorization', 'Bearer a', 'Authorization', 'Bearer b'] },
      'credentials-ambiguous',
    ],
  ])('fetches no keys for %s', async (_name, source, code) => {
    const { clerk, issuer } = start()
    expect(await clerk.authenticate(source)).toMatchObject({ isAuthenticated: false, error: { code } })
    expect(issuer.calls).toBe(0)
  })

  test('reads the request of a server, and fetches the keys of its issuer over HTTP', async () => {
    vi.useRealTimers()
    const served: string[] = []
    const server = createServer((request, response) => {
      served.push(`${request.method} ${request.url}`)
      if (request.url === '/.well-known/jwks.json') return void response.end(JSON.stringify({ keys: [KEY.jwk] }))
      answer(request).then(
        (text) => response.end(text),
        () => response.writeHead(500).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const clerk = createClerkAuth({ frontendApiUrl: origin, now: () => NOW, insecureAllowLocalIssuer: true }, {})
    onTestFinished(() => {
      clerk.close()
      server.closeAllConnections()
      server.close()
    })
    const answer = async (request: IncomingMessage) => {
      const auth = await clerk.authenticate(request)
      return auth.isAuthenticated ? auth.userId : auth.error.code
    }

    const ask = async (...headers: [string, string][]) => (await fetch(`${origin}/me`, { headers })).text()
    const token = KEY.token({ iss: origin })
    expect(await ask(['Authorization', `Bearer ${token}`])).toBe('user_alice')
    expect(await ask(['Authorization', `Bearer ${KEY.token()}`])).toBe('token-invalid-issuer')
    expect(await ask()).toBe('credentials-missing')
    expect(served).toEqual(['GET /me', 'GET /.well-known/jwks.json', 'GET /me', 'GET /me'])
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a token', KEY.token()],
  ])('rejects with a TypeError if the source is %s: that is a bug of the application', async (_name, source) => {
    const { clerk, events } = start()
    await expect(clerk.authenticate(source as AuthSource)).rejects.toThrow(TypeError)
    expect(events).toEqual([])
  })

  test('passes on an error that the application throws in a header reader', async () => {
    const bug = new RangeError('a bug')
    const reader = () => {
      throw bug
    }
    await expect(start().clerk.authenticate(reader)).rejects.toBe(bug)
  })
})

describe('createClerkAuth › verifyToken', () => {
  test('returns the subject of the token', async () => {
    expect(await start().clerk.verifyToken(KEY.token())).toMatchObject({ userId: 'user_alice', isAuthenticated: true })
  })

  test.each<[string, unknown, string, number]>([
    ['not a string', 1, 'credentials-malformed', 400],
    ['nothing', undefined, 'credentials-malformed', 400],
    ['bytes', Buffer.from(KEY.token()), 'credentials-malformed', 400],
    ['an empty string', '', 'token-malformed', 401],
    ['garbage', 'a.b.c', 'token-malformed', 401],
    ['a forged token', issuerKey('key_1').token(), 'token-invalid-signature', 401],
    ['a token of an unknown key', OTHER.token(), 'jwk-kid-mismatch', 401],
    ['a token of another issuer', KEY.token({ iss: 'https://evil.example' }), 'token-invalid-issuer', 401],
    ['a token that has expired', KEY.token({ exp: 2, iat: 1, nbf: 1 }), 'token-expired', 401],
    ['a token without an algorithm', KEY.token({}, { alg: 'none' }), 'token-invalid-algorithm', 401],
    ['a token for HMAC', KEY.token({}, { alg: 'HS256' }), 'token-invalid-algorithm', 401],
    ['an algorithm other than that of the key', KEY.token({}, { alg: 'RS256' }), 'jwk-unsuitable', 401],
  ])('rejects %s with an AuthError, and does not throw', async (_name, token, code, status) => {
    const { clerk } = start()
    const verifying = clerk.verifyToken(token as string)
    expect(verifying).toBeInstanceOf(Promise)
    expect(await refusalOf(() => verifying)).toMatchObject({ code, status })
  })

  test('rejects with 503 while the issuer is unavailable', async () => {
    const { clerk, issuer } = start()
    issuer.fail(500)
    const token = KEY.token()
    expect(await refusalOf(() => clerk.verifyToken(token))).toMatchObject({
      code: 'keys-unavailable',
      status: 503,
      tokenType: null,
      retryAfter: expect.any(Number) as unknown,
    })
    const auth = await clerk.authenticate(bearing(token))
    expect(auth).toMatchObject({ isAuthenticated: false, error: { code: 'keys-unavailable', status: 503 } })
  })
})

describe('createClerkAuth › a verified token', () => {
  test('is not verified again', async () => {
    const { clerk } = start()
    const token = KEY.token()
    const auth = await clerk.verifyToken(token)
    for (let i = 0; i < 9; i++) expect(await clerk.authenticate(bearing(token))).toBe(auth)
    expect(clerk.stats().verified).toMatchObject({ entries: 1, hits: 9, misses: 1 })
  })

  test('is verified again if the cache is turned off', async () => {
    const { clerk } = start({ cache: { maxEntries: 0 } })
    const token = KEY.token()
    const auth = await clerk.verifyToken(token)
    expect(await clerk.verifyToken(token)).not.toBe(auth)
    expect(clerk.stats().verified).toEqual({ entries: 0, bytes: 0, hits: 0, misses: 2 })
  })

  test('does not let a tampered copy pass', async () => {
    const { clerk } = start()
    const token = KEY.token()
    await clerk.verifyToken(token)
    expect(await codeOf(() => clerk.verifyToken(tampered(token, { sub: 'user_mallory' })))).toBe(
      'token-invalid-signature',
    )
    const swapped = `${KEY.token({ sub: 'user_bob' }).split('.').slice(0, 2).join('.')}.${token.split('.')[2]}`
    expect(await codeOf(() => clerk.verifyToken(swapped))).toBe('token-invalid-signature')
    expect(clerk.stats().verified).toMatchObject({ entries: 1, hits: 0 })
  })

  test('may have a second valid signature (ECDSA malleability), which is verified separately', async () => {
    const { clerk } = start()
    const token = KEY.token()
    await clerk.verifyToken(token)
    expect(await clerk.verifyToken(malleated(token))).toMatchObject({ userId: 'user_alice' })
    expect(clerk.stats().verified).toMatchObject({ entries: 2, hits: 0 })
  })

  test.each([
    ['has been accepted', true],
    ['has not been seen', false],
  ])('is revoked with its second valid signature, which %s', async (_name, isKnown) => {
    const { clerk } = start()
    const [token, other] = [KEY.token(), KEY.token({ sub: 'user_bob' })]
    for (const one of isKnown ? [token, malleated(token)] : [])
      expect(await outcomeOf(() => clerk.verifyToken(one))).toBe('passed')
    await clerk.revoke({ token })
    for (const one of [token, malleated(token)])
      expect(await outcomeOf(() => clerk.verifyToken(one))).toBe('token-revoked')
    expect(await outcomeOf(() => clerk.verifyToken(other))).toBe('passed')
  })

  test('is not evicted by garbage', async () => {
    const { clerk } = start({ cache: { maxEntries: 1 } })
    const token = KEY.token()
    const auth = await clerk.verifyToken(token)
    for (let i = 0; i < 100; i++) {
      await codeOf(() => clerk.verifyToken(tampered(token, { i })))
      await codeOf(() => clerk.verifyToken(`mt_${i}`))
    }
    expect(await clerk.verifyToken(token)).toBe(auth)
  })

  test('is accepted until its expiry plus the clock skew, to the millisecond', async () => {
    const { clerk, advance } = start()
    const token = KEY.token()
    await clerk.verifyToken(token)
    advance(MINUTE + 5 * SECOND - 1)
    await clerk.verifyToken(token)
    advance(1)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('token-expired')
    expect(clerk.stats().verified).toMatchObject({ entries: 0, hits: 1, misses: 2 })
  })

  const hour = { exp: NOW / SECOND + 3 * 3600 }

  test('is refused once its key is gone', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    await clerk.verifyToken(token)
    issuer.publish([OTHER.jwk])
    advance(5 * MINUTE)
    expect(await refusalOf(() => clerk.verifyToken(token))).toMatchObject({
      code: 'jwk-kid-mismatch',
      tokenType: null,
    })
    expect(await clerk.verifyToken(OTHER.token(hour))).toMatchObject({ userId: 'user_alice' })
  })

  test('is verified again, and refused, once its key is published only for another algorithm', async () => {
    const { publicJwk, privateKey } = keyPair(2048)
    const jwk = { ...publicJwk, kid: 'rsa' }
    const input = KEY.token({}, { alg: 'RS256', kid: 'rsa' }).replace(/\.[^.]*$/, '')
    const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    const { clerk, issuer, advance } = start({ keys: { freshInMs: 10 * SECOND } })
    issuer.publish([jwk])
    expect(await clerk.verifyToken(token)).toMatchObject({ userId: 'user_alice' })
    issuer.publish([{ ...jwk, alg: 'RS512' }])
    advance(11 * SECOND)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('jwk-unsuitable')
  })

  test('is refused once another key has its kid', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    await clerk.verifyToken(token)
    const replaced = issuerKey('key_1')
    issuer.publish([replaced.jwk])
    advance(5 * MINUTE)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('token-invalid-signature')
    expect(await clerk.verifyToken(replaced.token(hour))).toMatchObject({ userId: 'user_alice' })
  })

  test('is refused once its key may no longer verify', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    await clerk.verifyToken(token)
    issuer.publish([{ ...KEY.jwk, use: 'enc' }, OTHER.jwk])
    advance(5 * MINUTE)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('jwk-unsuitable')
  })

  test('is refused, if it has no kid, once there are several keys', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour, { kid: undefined })
    await clerk.verifyToken(token)
    issuer.publish([KEY.jwk, OTHER.jwk])
    advance(5 * MINUTE)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('jwk-kid-mismatch')
  })

  test('triggers refreshes of the key set, and is not verified again when a new set has the same key', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    const auth = await clerk.verifyToken(token)
    advance(4.5 * MINUTE)
    expect(await clerk.verifyToken(token)).toBe(auth)
    expect(issuer.calls).toBe(2)
    await turn()
    expect(await clerk.verifyToken(token)).toBe(auth)
  })

  test('is checked against the new key set once the old one is no longer fresh', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    const auth = await clerk.verifyToken(token)
    advance(5 * MINUTE)
    const again = await clerk.verifyToken(token)
    expect(again).toEqual({ ...auth, has: expect.any(Function) as unknown })
    expect(again).not.toBe(auth)
    expect(issuer.calls).toBe(2)
  })

  test('is accepted while the issuer is down; once the keys are too old the answer is 503, not 401', async () => {
    const { clerk, issuer, advance } = start()
    const token = KEY.token(hour)
    await clerk.verifyToken(token)
    issuer.fail(500)
    advance(HOUR)
    expect(await clerk.verifyToken(token)).toMatchObject({ userId: 'user_alice' })
    advance(5 * MINUTE)
    expect(await codeOf(() => clerk.verifyToken(token))).toBe('keys-unavailable')
    issuer.publish([KEY.jwk])
    advance(MINUTE)
    expect(await clerk.verifyToken(token)).toMatchObject({ userId: 'user_alice' })
  })

  test('is cached only by its own instance, even if another one has a key with the same kid', async () => {
    const one = start()
    const other = start()
    other.issuer.publish([issuerKey('key_1').jwk])
    const token = KEY.token()
    await one.clerk.verifyToken(token)
    expect(await codeOf(() => other.clerk.verifyToken(token))).toBe('token-invalid-signature')
    expect(other.clerk.stats().verified.entries).toBe(0)
  })
})

describe('createClerkAuth › forget', () => {
  test.each<[unknown, string]>([
    [{ tokenId: undefined }, 'forget(): "tokenId" must be a non-empty string'],
    [{ tokenId: '' }, 'forget(): "tokenId" must be a non-empty string'],
    [{ token: 1 }, 'forget(): "token" must be a non-empty string'],
    [
      {},
      'forget() takes token, tokenId, sessionId, userId, machineId, or organizationId and userId, not an empty object',
    ],
    [
      null,
      'forget() takes an object with token, tokenId, sessionId, userId, machineId, or organizationId and userId, not null',
    ],
    [
      { sessionId: 'sess_a', userId: 'user_alice' },
      'forget() takes token, tokenId, sessionId, userId, machineId, or organizationId and userId, not sessionId and userId',
    ],
  ])('throws a TypeError for %j, which would have no effect', (what, message) => {
    const { clerk } = start()
    expect(() => clerk.forget(what as Forgotten)).toThrow(new TypeError(message))
  })

  const alice = { sub: 'user_alice', sid: 'sess_a', jti: 'jti_a' }
  const bob = { sub: 'user_bob', sid: 'sess_b' }

  test.each<[string, (token: string) => Forgotten, boolean]>([
    ['the token', (token) => ({ token }), true],
    ['its id', () => ({ tokenId: 'jti_a' }), true],
    ['its session', () => ({ sessionId: 'sess_a' }), true],
    ['its user', () => ({ userId: 'user_alice' }), true],
    ['another token', () => ({ token: 'x' }), false],
    ['another id', () => ({ tokenId: 'jti_b' }), false],
    ['another session', () => ({ sessionId: 'sess' }), false],
    ['another user', () => ({ userId: 'user_a' }), false],
  ])('drops a cached result by %s', async (_name, what, isDropped) => {
    const { clerk } = start()
    const token = KEY.token(alice)
    const auth = await clerk.verifyToken(token)
    const authOfBob = await clerk.verifyToken(KEY.token(bob))
    expect(authOfBob.userId).toBe('user_bob')
    clerk.forget(what(token))
    expect(clerk.stats().verified.entries).toBe(isDropped ? 1 : 2)
    // A JWT is still accepted, but it is verified again.
    const again = await clerk.verifyToken(token)
    expect(again).toEqual({ ...auth, has: expect.any(Function) as unknown })
    expect(again === auth).toBe(!isDropped)
  })

  test('drops all', async () => {
    const { clerk } = start()
    await clerk.verifyToken(KEY.token(alice))
    await clerk.verifyToken(KEY.token(bob))
    clerk.forget('all')
    expect(clerk.stats().verified).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('createClerkAuth › machine callers', () => {
  function startAll(options: ClerkAuthOptions = {}) {
    let now = NOW
    const network = fakeClerk()
    const clerk = createClerkAuth<AcceptsToken>(
      {
        jwks: { keys: [KEY.jwk] },
        issuer: ISSUER,
        secretKey: 'sk_live_secret',
        machineId: HERE,
        fetch: network.fetch,
        now: () => now,
        ...options,
      },
      {},
    )
    onTestFinished(() => clerk.close())
    const asked = { acceptsToken: 'any' } as const
    return {
      clerk,
      network,
      advance: (ms: number) => (now += ms),
      authenticate: (token: string) => clerk.authenticate(bearing(token), asked),
      verifyToken: (token: string) => clerk.verifyToken(token, asked),
    }
  }

  const m2mJwt = KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE, jti: 'mt_1' })
  const oauthJwt = KEY.token({ sub: USER, sid: undefined, client_id: 'client_1', jti: 'oat_1' }, { typ: 'at+jwt' })
  const tokens: [string, string][] = [
    ['session_token', KEY.token()],
    ['m2m_token', m2mJwt],
    ['m2m_token', opaque('m2m_token')],
    ['oauth_token', oauthJwt],
    ['oauth_token', opaque('oauth_token')],
    ['api_key', opaque('api_key')],
    ['jwt_template', KEY.token({ sid: undefined, plan: 'pro' }, { cat: 'cl_B7d4PD222AAA' })],
  ]
  const kinds = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

  test.each(tokens)('are verified only if their kind is accepted: %s', async (tokenType, token) => {
    const { clerk, network } = startAll()
    for (const kind of kinds.filter((one) => one !== tokenType)) {
      expect(await clerk.authenticate(bearing(token), { acceptsToken: kind })).toMatchObject({
        isAuthenticated: false,
        error: { code: 'token-type-mismatch', tokenType },
      })
      expect(await codeOf(() => clerk.verifyToken(token, { acceptsToken: [kind] }))).toBe('token-type-mismatch')
    }
    expect(network.calls).toBe(0)
    const asked = { acceptsToken: tokenType as TokenType }
    expect(await clerk.authenticate(bearing(token), asked)).toMatchObject({ isAuthenticated: true, tokenType })
    // The cache does not bypass the accepted kinds.
    for (const kind of kinds.filter((one) => one !== tokenType))
      expect(await codeOf(() => clerk.verifyToken(token, { acceptsToken: kind }))).toBe('token-type-mismatch')
    // `any` excludes tokens of JWT templates.
    const byAny = await outcomeOf(() => clerk.verifyToken(token, { acceptsToken: 'any' }))
    expect(byAny).toBe(tokenType === 'jwt_template' ? 'token-type-mismatch' : 'passed')
  })

  test.each([undefined, null, '', 'template', [], ['any'], 5])(
    'are selected by acceptsToken, which throws a TypeError if it is %j',
    async (acceptsToken) => {
      const { clerk } = startAll()
      const asked = { acceptsToken: acceptsToken as never }
      await expect(clerk.authenticate(bearing(KEY.token()), asked)).rejects.toThrow(/"acceptsToken" must be/)
      await expect(clerk.verifyToken(KEY.token(), asked)).rejects.toThrow(TypeError)
    },
  )

  test('are selected by the argument instead of the option, not in addition to it', async () => {
    const { clerk } = startAll({ acceptsToken: ['session_token', 'm2m_token'] })
    expect(await clerk.authenticate(bearing(m2mJwt))).toMatchObject({ tokenType: 'm2m_token' })
    expect(await clerk.authenticate(bearing(m2mJwt), { acceptsToken: 'api_key' })).toMatchObject({
      error: { code: 'token-type-mismatch' },
    })
  })

  test.each<[string, string]>([
    ['a JWT where an opaque token could be', KEY.token({ sub: MACHINE, sid: undefined, exp: 2, iat: 1, nbf: 1 })],
    ['a forged JWT', tampered(m2mJwt, { iss: 'x' })],
    ['a token of a template', KEY.token({ sid: undefined })],
    ['an opaque token that is too short', 'mt_x'],
    ['an opaque token with dots', `mt_${'x'.repeat(20)}.y.z`],
    ['a token that is too large', `mt_${'x'.repeat(9000)}`],
    ['an unknown prefix', `sk_${'x'.repeat(30)}`],
    ['garbage', 'garbage'],
  ])('never cause a call with %s', async (_name, token) => {
    const { authenticate, network } = startAll()
    expect(await authenticate(token)).toMatchObject({ isAuthenticated: false, error: { status: 401 } })
    expect(network.calls).toBe(0)
  })

  test.each(KINDS)('are refused as %s with their kind, and that is emitted', async (tokenType) => {
    const events: ClerkAuthEvent[] = []
    const { authenticate, network } = startAll({ onEvent: (event) => void events.push(event) })
    network.answer(() => good(tokenType, { revoked: true }))
    const auth = await authenticate(opaque(tokenType))
    expect(auth).toMatchObject({ isAuthenticated: false, error: { code: 'token-revoked', status: 401, tokenType } })
    expect(events).toEqual([
      { type: 'verification-asked', tokenType, outcome: 'token-revoked', tookInMs: expect.any(Number) },
      { type: 'credential-refused', code: 'token-revoked', tokenType, message: 'The token has been revoked' },
    ])
    expect(JSON.stringify(events)).not.toContain(opaque(tokenType))
  })

  test('are answered with 503 and their kind while Clerk is unavailable', async () => {
    const { authenticate, network } = startAll()
    network.answer(() => new Response('', { status: 500 }))
    expect(await authenticate(opaque('m2m_token'))).toMatchObject({
      isAuthenticated: false,
      error: { code: 'verification-unavailable', status: 503, retryAfter: 1, tokenType: 'm2m_token' },
    })
  })

  test('are answered with 503 if no key or secret is configured, and the message says what to set', async () => {
    const { clerk } = start()
    const asked = { acceptsToken: 'any' } as const
    for (const kind of KINDS) {
      const refusal = await refusalOf(() => clerk.verifyToken(opaque(kind), asked))
      expect(refusal).toMatchObject({ code: 'verification-misconfigured', status: 503, tokenType: kind })
      const variable = kind === 'm2m_token' ? 'CLERK_MACHINE_SECRET_KEY' : 'CLERK_SECRET_KEY'
      expect(refusal.message).toBe(`no key or secret to verify ${kind} in opaque form: set ${variable}`)
    }
  })

  test('are verified with only a machine secret, but a session is not', async () => {
    const network = fakeClerk()
    const given = {
      machineSecretKey: 'ak_machine',
      acceptsToken: 'm2m_token',
      fetch: network.fetch,
      now: () => NOW,
    } as const
    const clerk = createClerkAuth(given, {})
    onTestFinished(() => clerk.close())
    expect(clerk.ready).toBe(true)
    await clerk.warmUp()
    const auth = await clerk.authenticate(bearing(opaque('m2m_token')))
    expect(auth).toMatchObject({ machineId: MACHINE })
    const sessionToken = KEY.token({}, { cat: 'cl_B7d4PD111AAA' })
    expect(await codeOf(() => clerk.verifyToken(sessionToken))).toBe('token-type-mismatch')
    expect(await codeOf(() => clerk.verifyToken(sessionToken, { acceptsToken: 'session_token' }))).toBe(
      'verification-misconfigured',
    )
  })

  test.each<[string, Forgotten, string[]]>([
    ['its token', { token: opaque('m2m_token') }, ['m2m_token']],
    ['its id', { tokenId: ANSWERS.m2m_token.id }, ['m2m_token']],
    ['its machine', { machineId: MACHINE }, ['m2m_token']],
    ['its user', { userId: USER }, ['oauth_token', 'api_key']],
    ['the id of a key', { tokenId: ANSWERS.api_key.id }, ['api_key']],
    ['another id', { tokenId: 'mt_1' }, []],
    ['another machine', { machineId: HERE }, []],
    ['all', 'all', ['m2m_token', 'oauth_token', 'api_key']],
  ])('are forgotten by %s, and verified with another call', async (_name, what, forgotten) => {
    const { clerk, network, verifyToken } = startAll()
    for (const kind of KINDS) await verifyToken(opaque(kind))
    expect(clerk.stats().remote.remembered).toEqual({ entries: 3, refused: 0, known: 3 })
    clerk.forget(what)
    expect(clerk.stats().remote.remembered.entries).toBe(3 - forgotten.length)
    network.answer(({ tokenType }) => good(tokenType, { revoked: true }))
    for (const kind of KINDS)
      expect([kind, await outcomeOf(() => verifyToken(opaque(kind)))]).toEqual([
        kind,
        forgotten.includes(kind) ? 'token-revoked' : 'passed',
      ])
  })

  test('in JWT form are forgotten by jti and machine, but still accepted', async () => {
    for (const what of [{ tokenId: 'mt_1' }, { machineId: MACHINE }]) {
      const { clerk, verifyToken } = startAll()
      const auth = await verifyToken(m2mJwt)
      clerk.forget(what)
      expect(clerk.stats().verified.entries).toBe(0)
      expect(await verifyToken(m2mJwt)).not.toBe(auth)
    }
  })

  test('that Clerk did not know cause a call again once everything is forgotten', async () => {
    const { clerk, network, verifyToken } = startAll()
    network.answer(unknownToken)
    expect(await codeOf(() => verifyToken(opaque('m2m_token')))).toBe('token-not-found')
    network.answer(() => good('m2m_token'))
    expect(await codeOf(() => verifyToken(opaque('m2m_token')))).toBe('token-not-found')
    clerk.forget('all')
    expect(await verifyToken(opaque('m2m_token'))).toMatchObject({ machineId: MACHINE })
  })

  test('are counted by kind', async () => {
    const { clerk, verifyToken } = startAll()
    for (let i = 0; i < 3; i++) await verifyToken(opaque('m2m_token'))
    await codeOf(() => verifyToken(opaque('oauth_token', 'bad')))
    expect(clerk.stats().remote).toEqual({
      remembered: { entries: 1, refused: 1, known: 1 },
      m2m_token: { calls: 1, saved: 2, refused: 0, billed: 1, stale: 0 },
      oauth_token: { calls: 1, saved: 0, refused: 0, billed: 0, stale: 0 },
      api_key: { calls: 0, saved: 0, refused: 0, billed: 0, stale: 0 },
      session_token: { calls: 0, saved: 0, refused: 0, billed: 0, stale: 0 },
    })
    expect(start().clerk.stats().remote).toEqual({ remembered: { entries: 0, refused: 0, known: 0 } })
  })

  test('are cached for as long as the option says, by the given clock', async () => {
    const { network, verifyToken, advance } = startAll({ remote: { rememberInMs: 2000 } })
    await verifyToken(opaque('api_key'))
    advance(1999)
    await verifyToken(opaque('api_key'))
    expect(network.calls).toBe(1)
    advance(1)
    await verifyToken(opaque('api_key'))
    expect(network.calls).toBe(2)
  })

  test('cause no calls once it is closed', async () => {
    const { clerk, network, verifyToken } = startAll()
    network.hold()
    const waiting = codeOf(() => verifyToken(opaque('m2m_token')))
    await turn()
    clerk.close()
    expect(network.questions[0]?.init.signal?.aborted).toBe(true)
    expect(await waiting).toBe('verification-unavailable')
    expect(await codeOf(() => verifyToken(opaque('api_key')))).toBe('verification-unavailable')
    expect(network.calls).toBe(1)
  })

  test('with ten thousand made-up tokens do not fill memory or affect known callers', async () => {
    const { clerk, network, authenticate, advance } = startAll()
    const known = opaque('m2m_token', 'known')
    await authenticate(known)
    const flood = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) => authenticate(opaque('m2m_token', `bad${i}`))),
    )
    expect(flood.filter((auth) => auth.isAuthenticated)).toEqual([])
    expect(network.calls).toBeLessThanOrEqual(1 + 120)
    advance(30 * SECOND)
    const { remembered } = clerk.stats().remote
    expect(remembered).toMatchObject({ entries: 1, known: 1 })
    expect(remembered.refused).toBeLessThanOrEqual(1000)
    expect(await authenticate(known)).toMatchObject({ machineId: MACHINE })
  })
})

describe('createClerkAuth › the result', () => {
  test('is deeply frozen, because other requests share it', async () => {
    const { clerk } = start()
    const claims = {
      v: 2,
      o: { id: 'org_1', rol: 'admin', slg: 'acme', per: 'create', fpm: '1' },
      fea: 'o:invoices',
      fva: [1, -1],
      act: { sub: 'user_support', nested: { list: [{ deep: true }] } },
      custom: { list: [{ a: 1 }] },
    }
    const auth = await clerk.verifyToken(KEY.token(claims))
    expect(auth).toMatchObject({ orgId: 'org_1', actor: { sub: 'user_support' }, factorVerificationAge: [1, -1] })
    expect(mutableParts(auth)).toEqual([])
    expect(() => Object.assign(auth.sessionClaims, { sub: 'user_mallory' })).toThrow(TypeError)
  })

  test('is frozen with the old format of claims, too', async () => {
    const { clerk } = start()
    const claims = { org_id: 'org_1', org_role: 'admin', org_permissions: ['org:invoices:create'] }
    const auth = await clerk.verifyToken(KEY.token(claims))
    expect(auth.orgPermissions).toEqual(['org:invoices:create'])
    expect(mutableParts(auth)).toEqual([])
  })

  test('is frozen if the caller is not authenticated', async () => {
    expect(Object.isFrozen(await start().clerk.authenticate({ headers: {} }))).toBe(true)
  })

  test('does not pollute prototypes', async () => {
    const { clerk } = start()
    const claims = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}') as Record<
      string,
      unknown
    >
    const auth = await clerk.verifyToken(KEY.token(claims))
    expect((auth.sessionClaims as unknown as { isAdmin?: unknown }).isAdmin).toBeUndefined()
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined()
  })

  function mutableParts(value: unknown, path = 'auth'): string[] {
    if (typeof value !== 'object' || value === null) return []
    const parts = Object.entries(value).flatMap(([name, part]) => mutableParts(part, `${path}.${name}`))
    return Object.isFrozen(value) ? parts : [path, ...parts]
  }
})

describe('createClerkAuth › events', () => {
  test('report what happens, and contain nothing of a token', async () => {
    const { clerk, issuer, events, advance } = start()
    const tokens = [
      KEY.token(),
      tampered(KEY.token(), { sub: 'user_mallory' }),
      OTHER.token(),
      KEY.token({ sub: 'mch_1', sid: undefined }),
      'mt_secret',
      'garbage',
    ]
    for (const token of tokens) await clerk.authenticate(bearing(token))
    issuer.fail(503)
    advance(5 * MINUTE)
    await clerk.authenticate(bearing(KEY.token()))

    expect(events.map((event) => ('code' in event ? event.code : event.type))).toEqual([
      'keys-fetched',
      'credential-accepted',
      'token-invalid-signature',
      'keys-fetched',
      'jwk-kid-mismatch',
      // No event for kinds that a guard may accept: the guard emits it.
      'token-malformed',
      'keys-failed',
      'token-expired',
    ])
    const emitted = JSON.stringify(events)
    const secrets = tokens
      .flatMap((token) => token.split('.'))
      .concat('key_1', 'key_2', 'user_', 'sess_', 'mch_', ISSUER)
    expect(secrets.filter((secret) => emitted.includes(secret))).toEqual([])
  })

  test('go to each listener of a list, and to the channel "clerk-auth"', async () => {
    const heard: Record<string, string[]> = { first: [], second: [], channel: [] }
    const listenAs = (name: string) => (event: unknown) => void heard[name]!.push((event as ClerkAuthEvent).type)
    const subscriber = listenAs('channel')
    subscribe('clerk-auth', subscriber)
    onTestFinished(() => void unsubscribe('clerk-auth', subscriber))
    const { clerk } = start({ onEvent: [listenAs('first'), listenAs('second')] })
    await clerk.authenticate(bearing(KEY.token()))
    const events = ['keys-fetched', 'credential-accepted']
    expect(heard).toEqual({ first: events, second: events, channel: events })
  })

  test('may have a listener that throws, which fails no request', async () => {
    const { clerk } = start({
      onEvent: () => {
        throw new Error('broken')
      },
    })
    expect(await clerk.verifyToken(KEY.token())).toMatchObject({ userId: 'user_alice' })
    expect(await clerk.authenticate(bearing('x'))).toMatchObject({ error: { code: 'token-malformed' } })
  })

  test('are not emitted for a refusal outside a request', async () => {
    const { clerk, events } = start()
    await codeOf(() => clerk.verifyToken('x'))
    expect(events).toEqual([])
  })
})

describe('createClerkAuth › its keys', () => {
  test('are loaded by warmUp(), after which it is ready', async () => {
    const { clerk, issuer } = start()
    expect(clerk.ready).toBe(false)
    expect(issuer.calls).toBe(0)
    await clerk.warmUp()
    expect(clerk.ready).toBe(true)
    expect(clerk.stats().keys).toMatchObject({
      size: 1,
      ageInMs: expect.any(Number) as unknown,
      fetches: 1,
      failures: 0,
    })
    await clerk.warmUp()
    await clerk.verifyToken(KEY.token())
    expect(issuer.calls).toBe(1)
  })

  test('cannot be loaded while the issuer is down', async () => {
    const { clerk, issuer } = start()
    issuer.fail(500)
    expect(await codeOf(() => clerk.warmUp())).toBe('keys-unavailable')
    expect(clerk.ready).toBe(false)
  })

  test('are fetched once for 1,000 concurrent callers, each with its own token', async () => {
    const { clerk, issuer } = start()
    const tokens = Array.from({ length: 1000 }, (_, i) => KEY.token({ sub: `user_${i}` }))
    const auths = await Promise.all(tokens.map((token) => clerk.authenticate(bearing(token))))
    expect(auths.map(({ userId }) => userId)).toEqual(tokens.map((_, i) => `user_${i}`))
    expect(issuer.calls).toBe(1)
  })

  test('are fetched at most twice for 1,000 forged tokens with made-up kids: the first get 401, the others 503', async () => {
    const { clerk, issuer } = start()
    for (const code of ['jwk-kid-mismatch', 'keys-unavailable']) {
      const forged = Array.from({ length: 500 }, (_, i) => KEY.token({}, { kid: `made up ${code} ${i}` }))
      const auths = await Promise.all(forged.map((token) => clerk.authenticate(bearing(token))))
      expect(new Set(auths.map((auth) => (auth.isAuthenticated ? 'in' : auth.error.code)))).toEqual(new Set([code]))
    }
    expect(issuer.calls).toBe(2)
    expect(clerk.stats().keys.notAsked).toBe(500)
  })

  test('cause no process warning while unknown kids cannot be looked up, and the instance stays ready', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => emitWarning.mockRestore())
    const { clerk } = start()
    await clerk.warmUp()
    const ask = (i: number) => clerk.authenticate(bearing(KEY.token({}, { kid: `made up ${i}` })))
    await ask(0)
    expect(await ask(1)).toMatchObject({ error: { code: 'keys-unavailable', status: 503, retryAfter: 10 } })
    expect(clerk.ready).toBe(true)
    expect(emitWarning).not.toHaveBeenCalled()
  })

  test('are no longer fetched once it is closed', async () => {
    const { clerk, issuer, advance } = start()
    issuer.hold()
    const waiting = codeOf(() => clerk.verifyToken(KEY.token()))
    clerk.close()
    expect(issuer.requests[0]?.init.signal?.aborted).toBe(true)
    expect(await waiting).toBe('keys-unavailable')
    advance(HOUR)
    expect(await codeOf(() => clerk.warmUp())).toBe('keys-unavailable')
    expect(issuer.calls).toBe(1)
  })

  test('come from the Backend API if there is only a secret key', async () => {
    const { clerk, issuer } = start({ publishableKey: undefined as never, secretKey: 'sk_test_abc' })
    await clerk.verifyToken(KEY.token())
    expect(issuer.requests).toMatchObject([
      { url: 'https://api.clerk.com/v1/jwks', init: { headers: { Authorization: 'Bearer sk_test_abc' } } },
    ])
  })

  test('may be an inline set: nothing is fetched, and a kid that it lacks is refused at once', async () => {
    const { clerk, issuer } = start({ jwks: { keys: [KEY.jwk] } })
    expect(clerk.ready).toBe(true)
    expect(await clerk.verifyToken(KEY.token())).toMatchObject({ userId: 'user_alice' })
    expect(await codeOf(() => clerk.verifyToken(OTHER.token()))).toBe('jwk-kid-mismatch')
    expect(issuer.calls).toBe(0)
  })

  test('may be a single key: then the kid of a token is not compared', async () => {
    const { clerk, issuer } = start({ jwtKey: JSON.stringify(KEY.jwk) })
    expect(clerk.ready).toBe(true)
    expect(await clerk.verifyToken(KEY.token({}, { kid: 'any' }))).toMatchObject({ userId: 'user_alice' })
    expect(await codeOf(() => clerk.verifyToken(OTHER.token()))).toBe('token-invalid-signature')
    expect(issuer.calls).toBe(0)
  })
})

describe('createClerkAuth › an instance', () => {
  test('is frozen, and does not show its internals when inspected', () => {
    const { clerk } = start()
    expect(Object.isFrozen(clerk)).toBe(true)
    expect(Object.keys(clerk)).not.toContain('settings')
    expect(JSON.stringify(start({ secretKey: 'sk_live_abc' }).clerk)).not.toContain('sk_live')
    expect(internalsOf(clerk)?.settings.keyOrigin.from).toBe('url')
  })

  test.each([undefined, null, 'x', {}, { publishableKey: PUBLISHABLE_KEY }])('is not created from %j', (value) => {
    expect(internalsOf(value)).toBeUndefined()
  })
})

describe('createClerkAuth › with only WebCrypto', () => {
  afterEach(() => {
    vi.doUnmock('#signature')
    vi.resetModules()
  })

  async function startOnWeb(options: SessionOptions = {}) {
    vi.resetModules()
    // The other of the two implementations, which the package's "imports" choose on platforms without node:crypto.
    vi.doMock('#signature', () => import('../src/crypto/signature.web.js'))
    const web = await import('../src/clerk-auth.js')
    const issuer = fakeIssuer(KEY.jwk)
    const given = { publishableKey: PUBLISHABLE_KEY, fetch: issuer.fetch, now: () => NOW, ...options }
    return { clerk: web.createClerkAuth(given, {}), issuer }
  }

  test('verifies, remembers and forgets', async () => {
    const { clerk, issuer } = await startOnWeb()
    const token = KEY.token()
    const auth = await clerk.verifyToken(token)
    expect(auth.userId).toBe('user_alice')
    expect(await clerk.verifyToken(token)).toBe(auth)
    expect(await codeOf(() => clerk.verifyToken(tampered(token, { sub: 'x' })))).toBe('token-invalid-signature')
    expect(await codeOf(() => clerk.verifyToken(OTHER.token()))).toBe('jwk-kid-mismatch')
    expect(await codeOf(() => clerk.verifyToken(7 as never))).toBe('credentials-malformed')
    expect(await clerk.authenticate(bearing('x'))).toMatchObject({ error: { code: 'token-malformed' } })
    clerk.forget({ token })
    while (clerk.stats().verified.entries > 0) await turn()
    expect(issuer.calls).toBe(2)
  })

  test.each<[string, ClerkAuthOptions]>([
    ['a JWK', { jwtKey: JSON.stringify(KEY.jwk) }],
    ['an inline set', { jwks: { keys: [KEY.jwk] } }],
  ])('becomes ready with %s', async (_name, options) => {
    const { clerk } = await startOnWeb(options)
    expect(clerk.ready).toBe(false)
    await clerk.warmUp()
    expect(clerk.ready).toBe(true)
    expect(await clerk.verifyToken(KEY.token())).toMatchObject({ userId: 'user_alice' })
  })

  test('verifies opaque tokens with one call, and forgets them', async () => {
    const network = fakeClerk()
    const { clerk } = await startOnWeb({ secretKey: 'sk_live_secret', fetch: network.fetch })
    const token = opaque('m2m_token')
    const verify = () => clerk.verifyToken(token, { acceptsToken: 'm2m_token' })
    const auths = await Promise.all(Array.from({ length: 50 }, verify))
    expect(new Set(auths).size).toBe(1)
    expect(network.calls).toBe(1)
    clerk.forget({ token })
    while (clerk.stats().remote.remembered.entries > 0) await turn()
    network.answer(() => good('m2m_token', { revoked: true }))
    expect(await codeOf(verify)).toBe('token-revoked')
  })

  test('refuses to forget what is not one of the shapes at once, without an unhandled rejection', async () => {
    const { clerk } = await startOnWeb()
    expect(() => clerk.forget({ token: 'x', userId: 'user_alice' })).toThrow('forget() takes token')
  })

  test('skips a bad key without refusing the set', async () => {
    const { clerk, issuer } = await startOnWeb()
    issuer.publish([{ ...KEY.jwk, kid: 'broken', y: KEY.jwk['x'] }, KEY.jwk])
    expect(await clerk.verifyToken(KEY.token())).toMatchObject({ userId: 'user_alice' })
    expect(await codeOf(() => clerk.verifyToken(KEY.token({}, { kid: 'broken' })))).toBe('jwk-unsuitable')
  })
})
