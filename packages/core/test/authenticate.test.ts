import { describe, expect, test } from 'vitest'
import type { AuthSource } from '../src/request/auth-source.js'
import { authenticator } from '../src/authenticate.js'
import type { Unauthenticated } from '../src/auth/auth.js'
import { AuthError, type TokenType } from '../src/auth/errors.js'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import { importKeySet, type KeySet } from '../src/keys/jwks.js'
import { staticKeys, type KeySource } from '../src/keys/key-source.js'
import type { Accepted } from '../src/kinds/accepts-token.js'
import { kindOf } from '../src/kinds/kinds.js'
import { verifiedCache } from '../src/token/verified-cache.js'
import { readHeader, type TokenReader } from '../src/request/token-reader.js'
import type { Verifiers } from '../src/verifiers.js'
import { jwtVerifier } from '../src/verify-jwt.js'
import {
  codeOf,
  fakeClock,
  noRevocations,
  ISSUER,
  issuerKey,
  MINUTE,
  refusalOf,
  SECOND,
  tampered,
  turn,
  type FakeClock,
} from './fixtures.js'

const KEY = issuerKey()
const SET = importKeySet({ keys: [KEY.jwk] }) as KeySet

const SESSION: Accepted = new Set(['session_token'] as const)

interface Given {
  readonly readToken?: TokenReader
  readonly keys?: KeySource
  readonly clock?: FakeClock
  readonly isHeard?: boolean
}

function start(other: Partial<Verifiers> = {}, given: Given = {}) {
  const { readToken = readHeader, keys = staticKeys(SET), clock = fakeClock(), isHeard = true } = given
  const revocations = noRevocations(clock)
  const cache = verifiedCache({}, clock, revocations)
  const events: ClerkAuthEvent[] = []
  const clockSkewInMs = 5 * SECOND
  const rules = { issuers: [ISSUER], missingAzp: 'reject', clockSkewInMs, treatPendingAsSignedOut: true } as const
  const readerOf = (tokenType: TokenType) => kindOf(tokenType).jwt!.reader({ ...rules, machineId: undefined })
  const verifyJwt = jwtVerifier({ keys, readerOf, localIssuer: 'refuse', clockSkewInMs, clock })
  let verifications = 0
  const verifiers: Verifiers = {
    jwt: (token, accepted) => {
      verifications++
      return verifyJwt(token, accepted)
    },
    opaque: {},
    sessions: undefined,
    cannotVerify: (tokenType) => {
      throw new AuthError('verification-misconfigured', { tokenType })
    },
    ...other,
  }
  const emit = (event: ClerkAuthEvent) => void events.push(event)
  const { authenticate, verify } = authenticator({
    readToken,
    keys,
    verified: cache,
    revocations,
    sharing: undefined,
    verifiers,
    clockSkewInMs,
    emit,
    isHeard: () => isHeard,
  })
  return {
    clock,
    cache,
    events,
    authenticate: (source: AuthSource, accepted = SESSION) => authenticate(source, accepted),
    verify: (token: string, accepted = SESSION) => verify(token, accepted),
    verifications: () => verifications,
  }
}

const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('authenticator › verify', () => {
  test('answers a new token with a promise, and a cached one without', async () => {
    const { verify, authenticate } = start()
    const token = KEY.token()
    const verifying = verify(token)
    expect(verifying).toBeInstanceOf(Promise)
    const auth = await verifying
    expect(auth).toMatchObject({ isAuthenticated: true, userId: 'user_alice' })
    expect(verify(token)).toBe(auth)
    expect(authenticate(bearing(token))).toBe(auth)
    expect(authenticate(bearing(KEY.token({ sub: 'user_bob' })))).toBeInstanceOf(Promise)
  })

  test('refuses a new token with a promise, and a cached one of another kind without', async () => {
    const { verify, authenticate } = start()
    const token = KEY.token()
    const machines: Accepted = new Set(['m2m_token'] as const)
    const verifying = verify(token, machines)
    expect(verifying).toBeInstanceOf(Promise)
    expect(await codeOf(() => verifying)).toBe('token-type-mismatch')
    await verify(token)
    expect(() => verify(token, machines)).toThrow(expect.objectContaining({ code: 'token-type-mismatch' }))
    expect(authenticate(bearing(token), machines)).toMatchObject({ error: { code: 'token-type-mismatch' } })
  })

  test('verifies a token once', async () => {
    const { verify, verifications } = start()
    const token = KEY.token()
    for (let i = 0; i < 100; i++) await verify(token)
    expect(verifications()).toBe(1)
    await verify(KEY.token({ sub: 'user_bob' }))
    expect(verifications()).toBe(2)
  })

  test('verifies a token again once it has expired, and refuses it', async () => {
    const { verify, verifications, clock } = start()
    const token = KEY.token()
    await verify(token)
    clock.advance(MINUTE + 5 * SECOND - 1)
    expect(verify(token)).toMatchObject({ userId: 'user_alice' })
    expect(verifications()).toBe(1)
    clock.advance(1)
    expect(await codeOf(() => verify(token))).toBe('token-expired')
    expect(verifications()).toBe(2)
  })

  test.each<[string, (token: string) => string, string]>([
    ['with another claim', (token) => tampered(token, { sub: 'user_mallory' }), 'token-invalid-signature'],
    ['with another expiry', (token) => tampered(token, { exp: 4e9 }), 'token-invalid-signature'],
    ['with the same claims in other bytes', (token) => tampered(token, { a: 1 }), 'token-invalid-signature'],
    [
      'with another first character of the signature',
      (token) =>
        token.replace(/\.(.)([^.]*)$/, (_all, first: string, rest: string) => `.${first === 'A' ? 'B' : 'A'}${rest}`),
      'token-invalid-signature',
    ],
    ['with padding', (token) => `${token}==`, 'token-malformed'],
    ['with a dot at the end', (token) => `${token}.`, 'token-malformed'],
    ['with a space at the start', (token) => ` ${token}`, 'token-malformed'],
    ['with half its signature', (token) => token.slice(0, -42), 'token-invalid-signature'],
    ['without its signature', (token) => token.slice(0, token.lastIndexOf('.') + 1), 'token-malformed'],
  ])('refuses a copy of a cached token %s', async (_name, variant, code) => {
    const { verify, cache } = start()
    const token = KEY.token()
    await verify(token)
    expect(await codeOf(() => verify(variant(token)))).toBe(code)
    expect(cache.stats()).toMatchObject({ entries: 1, hits: 0 })
    expect(verify(token)).toMatchObject({ userId: 'user_alice' })
  })

  test('refuses every other encoding of the last character of a cached token', async () => {
    const { verify, cache } = start()
    const token = KEY.token()
    await verify(token)
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      const variant = token.slice(0, -1) + last
      if (variant === token) continue
      expect(await codeOf(() => verify(variant))).toMatch(/^token-(malformed|invalid-signature)$/)
    }
    expect(cache.stats().entries).toBe(1)
  })

  test('does not cache refused tokens', async () => {
    const { verify, cache } = start()
    for (const token of ['', 'x', 'a.b.c', KEY.token({ exp: 1, iat: 1, nbf: 1 }), tampered(KEY.token(), { sub: 'x' })])
      await codeOf(() => verify(token))
    expect(cache.stats().entries).toBe(0)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['an object', {}],
    ['a list', [KEY.token()]],
    ['bytes', Buffer.from(KEY.token())],
    ['a String object', Object(KEY.token())],
    ['an object with toString()', { toString: () => KEY.token() }],
  ])('refuses %s as credentials-malformed', async (_name, token) => {
    const { verify } = start()
    expect(await codeOf(() => verify(token as string))).toBe('credentials-malformed')
  })

  test('refuses a token of more than 8 KiB before decoding it', async () => {
    const { verify, cache } = start()
    expect(await codeOf(() => verify('x'.repeat(8193)))).toBe('token-too-large')
    expect(cache.stats().misses).toBe(0)
    expect(await codeOf(() => verify('x'.repeat(8192)))).toBe('token-malformed')
  })

  test.each<[string, string, string, string | null]>([
    ['an M2M token', KEY.token({ sub: 'mch_1', sid: undefined }), 'token-type-mismatch', 'm2m_token'],
    ['a token of a template', KEY.token({ sid: undefined }), 'token-type-mismatch', 'jwt_template'],
    ['an OAuth token', KEY.token({}, { typ: 'at+jwt' }), 'token-type-mismatch', 'oauth_token'],
    ['an opaque M2M token', 'mt_abc', 'token-type-mismatch', 'm2m_token'],
    ['an API key', 'ak_abc', 'token-type-mismatch', 'api_key'],
    ['a session token that has expired', KEY.token({ exp: 2, iat: 1, nbf: 1 }), 'token-expired', 'session_token'],
    ['a session token signed with another key', issuerKey('other').token(), 'jwk-kid-mismatch', null],
    ['a forged session token', issuerKey('key_1').token(), 'token-invalid-signature', null],
    [
      'a forged token with the header of a session token',
      issuerKey('key_1').token({}, { cat: 'cl_B7d4PD111AAA' }),
      'token-invalid-signature',
      'session_token',
    ],
    ['a malformed token', 'a.b.c', 'token-malformed', null],
  ])('reports the kind of a refused token: %s', async (_name, token, code, tokenType) => {
    const { verify } = start()
    expect(await refusalOf(() => verify(token))).toMatchObject({ code, tokenType })
  })

  test('passes on errors that are not refusals', async () => {
    const bug = new TypeError('a bug')
    const { verify, authenticate, cache } = start({ jwt: () => Promise.reject(bug) })
    await expect(verify(KEY.token())).rejects.toBe(bug)
    await expect(authenticate(bearing(KEY.token()))).rejects.toBe(bug)
    const readToken = () => {
      throw bug
    }
    expect(() => start({}, { readToken }).authenticate({ headers: {} })).toThrow(bug)
    expect(cache.stats().entries).toBe(0)
    expect(bug).not.toHaveProperty('tokenType')
  })

  test('is misconfigured for an opaque token without a verifier for its kind', async () => {
    const { verify } = start()
    expect(await refusalOf(() => verify('mt_0123456789abcdef', new Set(['m2m_token'] as const)))).toMatchObject({
      code: 'verification-misconfigured',
      status: 503,
      tokenType: 'm2m_token',
    })
  })

  test('refuses a cached token that expired while its key was fetched', async () => {
    const clock = fakeClock()
    let meanwhile = () => {}
    const inHand = staticKeys(SET)
    const slow: KeySource = {
      ...inHand,
      inHand: () => undefined,
      find: async (kid) => {
        await turn()
        meanwhile()
        return inHand.find(kid)
      },
    }
    const { verify, verifications } = start({}, { keys: slow, clock })
    const token = KEY.token()
    await verify(token)
    await verify(token)
    expect(verifications()).toBe(2)
    meanwhile = () => clock.advance(MINUTE + 5 * SECOND)
    expect(await codeOf(() => verify(token))).toBe('token-expired')
  })
})

describe('authenticator › authenticate', async () => {
  test('returns the result of verify', async () => {
    const { verify, authenticate } = start()
    const token = KEY.token()
    expect(await authenticate(bearing(token))).toBe(await verify(token))
  })

  test.each([
    ['a token of two words', 'a.b.c d', 'credentials-malformed'],
    ['an opaque token of two words', 'mt_0123456789abcdef x', 'credentials-malformed'],
    ['an opaque token with an invalid character', 'mt_0123456789abcdef.', 'token-type-mismatch'],
    ['two words that are too long', `${'x'.repeat(8192)} x`, 'credentials-malformed'],
    ['two opaque tokens', 'mt_0123456789abcdef, Bearer x', 'credentials-ambiguous'],
    ['two tokens', 'a.b.c, Bearer x', 'credentials-ambiguous'],
    ['nothing', '', 'credentials-malformed'],
  ])('checks the form of the header before the form of the token: %s', async (_name, credential, code) => {
    const { authenticate } = start()
    expect(await authenticate(bearing(credential))).toMatchObject({ error: { code } })
  })

  test('finds only sessions in a cookie, and none if sessions are not accepted', async () => {
    const token = KEY.token()
    const machine = KEY.token({ sub: 'mch_1', sid: undefined })
    const fromCookie = (sent: string) => start({}, { readToken: () => ({ token: sent, from: 'cookie' }) }).authenticate
    const both: Accepted = new Set(['session_token', 'm2m_token'] as const)
    const mismatch = { error: { code: 'token-type-mismatch' } }
    expect(await fromCookie(token)({ headers: {} }, both)).toMatchObject({ userId: 'user_alice' })
    expect(await fromCookie(machine)({ headers: {} }, both)).toMatchObject(mismatch)
    expect(await fromCookie(token)({ headers: {} }, new Set(['m2m_token'] as const))).toMatchObject(mismatch)
  })

  test('returns an unauthenticated caller without an id instead of an error', async () => {
    const { authenticate } = start()
    const auth = (await authenticate(bearing('a.b.c'))) as Unauthenticated
    const { error, has, ...rest } = auth
    expect(error).toMatchObject({ code: 'token-malformed', status: 401 })
    expect(has({ role: 'admin' })).toBe(false)
    expect(rest).toEqual({
      isAuthenticated: false,
      tokenType: null,
      userId: null,
      sessionId: null,
      sessionClaims: null,
      sessionStatus: null,
      orgId: null,
      orgRole: null,
      orgSlug: null,
      orgPermissions: null,
      actor: null,
      factorVerificationAge: null,
      id: null,
      subject: null,
      machineId: null,
      clientId: null,
      name: null,
      scopes: null,
      claims: null,
      audience: null,
      expiresAt: null,
    })
    expect(Object.isFrozen(auth)).toBe(true)
  })

  test('reports a pending session', async () => {
    const { authenticate } = start()
    const auth = await authenticate(bearing(KEY.token({ sts: 'pending' })))
    expect(auth).toMatchObject({ isAuthenticated: false, sessionStatus: 'pending', error: { code: 'session-pending' } })
  })

  test('emits each refusal, but nothing for a request without a credential', async () => {
    const { authenticate, events } = start()
    await authenticate({ headers: {} })
    await authenticate({ headers: { authorization: 'Basic eDp5' } })
    expect(events).toEqual([])
    await authenticate({ headers: { authorization: 'Bearer' } })
    await authenticate(bearing(KEY.token({ exp: 2, iat: 1, nbf: 1 })))
    await authenticate(bearing(KEY.token()))
    expect(events.slice(0, 2)).toEqual([
      { type: 'credential-refused', code: 'credentials-malformed', tokenType: null, message: expect.any(String) },
      {
        type: 'credential-refused',
        code: 'token-expired',
        tokenType: 'session_token',
        message: expect.any(String) as string,
      },
    ])
  })

  test('emits each accepted token, and whether it was cached', async () => {
    const { authenticate, events } = start()
    const token = KEY.token()
    await authenticate(bearing(token))
    await authenticate(bearing(token))
    const accepted = { type: 'credential-accepted', tokenType: 'session_token' }
    expect(events).toEqual([
      { ...accepted, cached: false },
      { ...accepted, cached: true },
    ])
  })

  test('creates no event if nothing listens', async () => {
    const { authenticate, events } = start({}, { isHeard: false })
    const token = KEY.token({ act: { sub: 'user_support' } })
    await authenticate(bearing(token))
    await authenticate(bearing(token))
    await authenticate(bearing('x'))
    expect(events).toEqual([])
  })

  test('emits nothing for a token outside of a request', async () => {
    const { verify, events } = start()
    const token = KEY.token()
    await verify(token)
    await verify(token)
    await codeOf(() => verify('x'))
    expect(events).toEqual([])
  })
})
