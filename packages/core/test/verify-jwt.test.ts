import { sign } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { VerifySignature } from '../src/crypto/algorithms.js'
import type { VerificationKey } from '../src/keys/jwk.js'
import { importKeySet, keyOf, type KeySet } from '../src/keys/jwks.js'
import { singleKey, type KeySource } from '../src/keys/key-source.js'
import type { LocalIssuerPolicy } from '../src/token/local-issuer.js'
import type { Accepted } from '../src/kinds/accepts-token.js'
import { kindOf } from '../src/kinds/kinds.js'
import { AuthError } from '../src/auth/errors.js'
import { expiryReader, jwtVerifier, type JwtVerifierOptions } from '../src/verify-jwt.js'
import { fakeClock, issuerKey, keyPair, MINUTE, NOW, outcomeOf, refusalOf, SECOND, tampered } from './fixtures.js'
import { MACHINE } from './fixtures-machines.js'

const SKEW = 5 * SECOND
const PAIR = keyPair('P-256')
const KEY = issuerKey('key_1', PAIR)
const VERIFICATION_KEY = keyOf(importKeySet({ keys: [KEY.jwk] }) as KeySet, KEY.kid)!

const SESSION: Accepted = new Set(['session_token'] as const)
const RULES = {
  missingAzp: 'reject',
  clockSkewInMs: SKEW,
  treatPendingAsSignedOut: true,
  machineId: undefined,
} as const

function verifier(other: Partial<JwtVerifierOptions> = {}) {
  return jwtVerifier({
    keys: singleKey(VERIFICATION_KEY),
    readerOf: (tokenType) => kindOf(tokenType).jwt!.reader(RULES),
    localIssuer: 'refuse',
    clockSkewInMs: SKEW,
    clock: fakeClock(),
    ...other,
  })
}

interface Given {
  readonly key?: VerificationKey
  readonly localIssuer?: LocalIssuerPolicy
}

function verify(token: string, { key = VERIFICATION_KEY, localIssuer = 'refuse' }: Given = {}) {
  return verifier({ keys: singleKey(key), localIssuer })(token, SESSION)
}
const resultOf = (...args: Parameters<typeof verify>) => outcomeOf(() => verify(...args))

/** A key that accepts every signature, and records each one. */
function yesSayer(): { readonly key: VerificationKey; readonly seen: Uint8Array[] } {
  const seen: Uint8Array[] = []
  const yes: VerifySignature = (_input, signature) => {
    seen.push(signature)
    return true
  }
  return { key: { ...VERIFICATION_KEY, verifiers: new Map([['ES256', yes]]) }, seen }
}

const base64url = (bytes: string) => Buffer.from(bytes).toString('base64url')

/** A token with this payload part, signed with the key of the issuer, or with another key under its kid. */
function tokenOf(encodedPayload: string, pair = PAIR): string {
  const input = `${base64url(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: KEY.kid }))}.${encodedPayload}`
  const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** The key of the issuer, and how often it was asked for. */
function countedKeys(): { readonly keys: KeySource; readonly asked: () => number } {
  let asked = 0
  const keys: KeySource = { ...singleKey(VERIFICATION_KEY), inHand: () => (asked++, VERIFICATION_KEY) }
  return { keys, asked: () => asked }
}

/** Counts calls of JSON.parse from now on. */
function countParsed(): () => number {
  const parse = vi.spyOn(JSON, 'parse')
  onTestFinished(() => parse.mockRestore())
  return () => parse.mock.calls.length
}

describe('jwtVerifier', () => {
  test('returns the cache entry of a valid token', async () => {
    expect(await verify(KEY.token())).toMatchObject({
      auth: { tokenType: 'session_token', userId: 'user_alice' },
      kid: KEY.kid,
      alg: 'ES256',
      thumbprint: VERIFICATION_KEY.thumbprint,
      issuedAt: NOW / SECOND,
      goodUntil: NOW + MINUTE + SKEW,
    })
  })

  test('looks for no key if the header shows a kind that is not accepted, or for which an option is missing', async () => {
    const { keys, asked } = countedKeys()
    const m2m = KEY.token({ sub: MACHINE }, { cat: 'cl_B7d4PD333AAA' })
    expect(await outcomeOf(() => verifier({ keys })(m2m, SESSION))).toBe('token-type-mismatch')
    const readerOf = () => {
      throw new AuthError('verification-misconfigured')
    }
    const accepted: Accepted = new Set(['m2m_token'] as const)
    expect(await outcomeOf(() => verifier({ keys, readerOf })(m2m, accepted))).toBe('verification-misconfigured')
    expect(asked()).toBe(0)
    expect(await outcomeOf(() => verifier({ keys })(KEY.token(), SESSION))).toBe('passed')
    expect(asked()).toBe(1)
  })

  test('answers 503 for a second if too many tokens with a slow algorithm are waiting', async () => {
    const verifiers = new Map([['ES256', () => Promise.resolve(undefined)]]) as VerificationKey['verifiers']
    expect(await refusalOf(() => verify(KEY.token(), { key: { ...VERIFICATION_KEY, verifiers } }))).toMatchObject({
      code: 'verification-rate-limited',
      status: 503,
      retryAfter: 1,
      message: expect.stringContaining('slow algorithm') as string,
    })
  })

  test.each([
    ['is not JSON', base64url('hello'), 'token-malformed'],
    ['is not an object', base64url('[]'), 'token-malformed'],
    ['is not UTF-8', Buffer.of(0x7b, 0xff, 0x7d).toString('base64url'), 'token-malformed'],
    ['is nested too deeply', base64url(`{"a":${'['.repeat(3000)}`), 'token-malformed'],
    ['has a claim twice', base64url('{"exp":1,"exp":2}'), 'token-claim-invalid'],
    ['is padded base64url', 'e30=', 'token-malformed'],
    ['is base64url with non-zero trailing bits', 'e31', 'token-malformed'],
    ['is not base64url', '*', 'token-malformed'],
  ])('checks only after the signature a payload that %s', async (_name, payload, code) => {
    expect(await resultOf(tokenOf(payload, keyPair('P-256')))).toBe('token-invalid-signature')
    expect(await resultOf(tokenOf(payload))).toBe(code)
  })

  test('does not parse the payload before the signature is verified', async () => {
    const verifyToken = verifier()
    const tokens = [tampered(KEY.token(), { sub: 'user_mallory' }), KEY.token({}, { alg: 'ES384' })]
    const parsed = countParsed()
    for (const token of tokens) await outcomeOf(() => verifyToken(token, SESSION))
    expect(parsed()).toBe(2) // their headers
  })

  test('parses the header of verified tokens once, and that of refused tokens each time', async () => {
    const verifyToken = verifier()
    const good = ['user_alice', 'user_bob', 'user_carol'].map((sub) => KEY.token({ sub }))
    const forged = tokenOf(base64url('{}'), keyPair('P-256'))
    const parsed = countParsed()
    for (let i = 0; i < 3; i++) await outcomeOf(() => verifyToken(forged, SESSION))
    expect(parsed()).toBe(3)
    for (const token of good) await verifyToken(token, SESSION)
    expect(parsed()).toBe(3 + 1 + good.length)
  })

  test('checks no claims before the signature', async () => {
    const token = KEY.token()
    for (const claims of [{ exp: 1 }, { iss: 'http://localhost' }, { sub: 5 }, { sts: 'pending' }, { cnf: {} }])
      expect(await resultOf(tampered(token, claims))).toBe('token-invalid-signature')
  })

  test('answers 503 for valid and invalid tokens alike while too many are waiting', async () => {
    const key = { ...VERIFICATION_KEY, verifiers: new Map([['ES256', () => undefined] as const]) }
    expect(await resultOf(KEY.token(), { key })).toBe('verification-rate-limited')
  })

  test.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, '', 0, false])(
    'refuses a token that is bound to a key or a certificate: cnf %j',
    async (cnf) => {
      expect(await resultOf(KEY.token({ cnf }))).toBe('token-binding-unsupported')
    },
  )

  test('ignores a cnf that is inherited or inside another claim', async () => {
    expect(await resultOf(KEY.token({ custom: { cnf: { jkt: 'x' } } }))).toBe('passed')
  })

  test('refuses an algorithm that does not fit the key, even if the signature would verify', async () => {
    const { key, seen } = yesSayer()
    for (const alg of ['RS256', 'ES384', 'EdDSA'])
      expect([alg, await resultOf(KEY.token({}, { alg }), { key })]).toEqual([alg, 'jwk-unsuitable'])
    expect(seen).toEqual([])
  })

  test.each([0, 1, 63, 65, 128])('does not verify a signature of %i bytes if 64 are required', async (length) => {
    const { key, seen } = yesSayer()
    const token = `${KEY.token().split('.', 2).join('.')}.${Buffer.alloc(length, 7).toString('base64url')}`
    expect(await resultOf(token, { key })).toBe(length === 0 ? 'token-malformed' : 'token-invalid-signature')
    expect(seen).toEqual([])
    expect(await resultOf(KEY.token(), { key })).toBe('passed')
    expect(seen).toHaveLength(1)
  })

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['an issuer on this machine', { iss: 'http://127.0.0.1:4000' }, {}],
    ['a key of a local instance', {}, { kid: 'ins_local_2a' }],
  ])('refuses %s in production, and only there', async (_name, claims, header) => {
    const token = KEY.token(claims, header)
    expect(await resultOf(token)).toBe('token-invalid-issuer')
    expect(await resultOf(token, { localIssuer: 'warn' })).toBe('passed')
    expect(await resultOf(token, { localIssuer: 'allow' })).toBe('passed')
  })
})

describe('expiryReader', () => {
  const expiryOf = (token: string, keys: KeySource = singleKey(VERIFICATION_KEY)) =>
    expiryReader({ keys, clockSkewInMs: SKEW })(token)

  test('reads when a token expires, including the clock skew, even if no guard would accept it', async () => {
    expect(await expiryOf(KEY.token())).toBe(NOW + MINUTE + SKEW)
    expect(await expiryOf(KEY.token({ exp: NOW / SECOND - 60, iss: 'https://other.example.com' }))).toBe(
      NOW - MINUTE + SKEW,
    )
  })

  test('says nothing about a token whose signature cannot be verified, or that is no JWT', async () => {
    const far = { exp: NOW / SECOND + 1e9 }
    const unknown = async () => {
      throw new AuthError('keys-unavailable')
    }
    expect(await expiryOf(tampered(KEY.token(), far))).toBeUndefined()
    expect(await expiryOf('not a token')).toBeUndefined()
    const keys: KeySource = { ...singleKey(VERIFICATION_KEY), inHand: () => undefined, find: unknown }
    expect(await expiryOf(KEY.token(far), keys)).toBeUndefined()
  })

  test('does not hide a bug of the key source', async () => {
    const find = () => Promise.reject(new Error('a bug'))
    const keys: KeySource = { ...singleKey(VERIFICATION_KEY), inHand: () => undefined, find }
    await expect(expiryOf(KEY.token(), keys)).rejects.toThrow('a bug')
  })
})
