import { describe, expect, test } from 'vitest'
import type { SessionAuth } from '../src/auth.js'
import type { VerifySignature } from '../src/algorithms.js'
import { readCredential } from '../src/credential.js'
import type { VerificationKey } from '../src/jwk.js'
import { importKeySet, keyOf, type KeySet } from '../src/jwks.js'
import { singleKey } from '../src/key-source.js'
import type { LocalIssuerPolicy } from '../src/local-issuer.js'
import { sessionReader } from '../src/read-session.js'
import { jwtVerifier } from '../src/verify-jwt.js'
import { fakeClock, issuerKey, MINUTE, NOW, outcomeOf, SECOND, tampered } from './fixtures.js'

const SKEW = 5 * SECOND
const KEY = issuerKey()
const VERIFICATION_KEY = keyOf(importKeySet({ keys: [KEY.jwk] }) as KeySet, KEY.kid)!

interface Given {
  readonly key?: VerificationKey
  readonly localIssuer?: LocalIssuerPolicy
}

function verify(token: string, { key = VERIFICATION_KEY, localIssuer = 'refuse' }: Given = {}) {
  const rules = { keys: singleKey(key), localIssuer, clockSkewInMs: SKEW, clock: fakeClock() }
  const reader = sessionReader({ missingAzp: 'reject', clockSkewInMs: SKEW }, true)
  return jwtVerifier<SessionAuth>(rules, reader)(readCredential(token).jws)
}
const verdictOf = (...args: Parameters<typeof verify>) => outcomeOf(() => verify(...args))

/** A key that finds every signature good, and is told of each that it is asked about. */
function yesSayer(): { readonly key: VerificationKey; readonly seen: Uint8Array[] } {
  const seen: Uint8Array[] = []
  const yes: VerifySignature = (_input, signature) => {
    seen.push(signature)
    return true
  }
  return { key: { ...VERIFICATION_KEY, verifiers: new Map([['ES256', yes]]) }, seen }
}

describe('jwtVerifier', () => {
  test('gives what is to be remembered of a good token', async () => {
    expect(await verify(KEY.token())).toMatchObject({
      auth: { tokenType: 'session_token', userId: 'user_alice' },
      kid: KEY.kid,
      alg: 'ES256',
      thumbprint: VERIFICATION_KEY.thumbprint,
      goodUntil: NOW + MINUTE + SKEW,
    })
  })

  test('judges no claim before the signature', async () => {
    const token = KEY.token()
    for (const claims of [{ exp: 1 }, { iss: 'http://localhost' }, { sub: 5 }, { sts: 'pending' }, { cnf: {} }])
      expect(await verdictOf(tampered(token, claims))).toBe('token-invalid-signature')
  })

  test('does not tell a good token from a bad one while too many are waiting, and says 503', async () => {
    const key = { ...VERIFICATION_KEY, verifiers: new Map([['ES256', () => undefined] as const]) }
    expect(await verdictOf(KEY.token(), { key })).toBe('verification-rate-limited')
  })

  test.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, '', 0, false])(
    'refuses a token that is bound to a key or a certificate: cnf %j',
    async (cnf) => {
      expect(await verdictOf(KEY.token({ cnf }))).toBe('token-binding-unsupported')
    },
  )

  test('does not mind what a prototype or another claim says of a binding', async () => {
    expect(await verdictOf(KEY.token({ custom: { cnf: { jkt: 'x' } } }))).toBe('passed')
  })

  test('refuses an algorithm that is not for the key, whatever the key says to the signature', async () => {
    const { key, seen } = yesSayer()
    for (const alg of ['RS256', 'ES384', 'EdDSA'])
      expect([alg, await verdictOf(KEY.token({}, { alg }), { key })]).toEqual([alg, 'jwk-unsuitable'])
    expect(seen).toEqual([])
  })

  test.each([0, 1, 63, 65, 128])('does not show the key a signature of %i octets where 64 are due', async (length) => {
    const { key, seen } = yesSayer()
    const token = `${KEY.token().split('.', 2).join('.')}.${Buffer.alloc(length, 7).toString('base64url')}`
    expect(await verdictOf(token, { key })).toBe(length === 0 ? 'token-malformed' : 'token-invalid-signature')
    expect(seen).toEqual([])
    expect(await verdictOf(KEY.token(), { key })).toBe('passed')
    expect(seen).toHaveLength(1)
  })

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['an issuer on this machine', { iss: 'http://127.0.0.1:4000' }, {}],
    ['a key of a local instance', {}, { kid: 'ins_local_2a' }],
  ])('refuses %s in production, and only there', async (_name, claims, header) => {
    const token = KEY.token(claims, header)
    expect(await verdictOf(token)).toBe('token-invalid-issuer')
    expect(await verdictOf(token, { localIssuer: 'warn' })).toBe('passed')
    expect(await verdictOf(token, { localIssuer: 'allow' })).toBe('passed')
  })
})
