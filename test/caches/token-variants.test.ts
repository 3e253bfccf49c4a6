import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ORDERS, publicJwkOf, sessionClaims, toBigInt, toBytes } from '../../packages/core/test/fixtures.js'
import { startInstance } from './instance.js'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const keys = () => ({
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: generateKeyPairSync('ed25519'),
})
const KEYS = keys()
const KEYS_OF_MALLORY = keys()
type Algorithm = keyof typeof KEYS
const DIGESTS = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', EdDSA: null } as const

const base64url = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

function signed(alg: Algorithm, claims: object = {}): string {
  const input = `${base64url({ alg, typ: 'JWT', kid: alg })}.${base64url({ ...sessionClaims(), ...claims })}`
  return `${input}.${signatureOf(input, alg, KEYS[alg].privateKey)}`
}

function signatureOf(input: string, alg: Algorithm, key: KeyObject): string {
  return sign(DIGESTS[alg], Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

function start() {
  const instance = startInstance()
  instance.issuer.publish(Object.entries(KEYS).map(([kid, { privateKey }]) => ({ ...publicJwkOf(privateKey), kid })))
  return instance
}

/** Every other last character that a part of a token could have. */
function otherEndings(token: string): { header: string[]; payload: string[]; signature: string[] } {
  const parts = token.split('.')
  const endingsOf = (i: number) =>
    BASE64URL.split('')
      .filter((character) => !parts[i]!.endsWith(character))
      .map((character) => parts.map((part, j) => (j === i ? part.slice(0, -1) + character : part)).join('.'))
  return { header: endingsOf(0), payload: endingsOf(1), signature: endingsOf(2) }
}

async function countOutcomes(outcomeOf: (token: string) => Promise<string>, tokens: readonly string[]) {
  const counts: Record<string, number> = {}
  for (const token of tokens) {
    const outcome = await outcomeOf(token)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

describe('a cached token', () => {
  // Of the last character, two bits are used for 64 or 256 bytes, and all six for 96.
  test.each<[Algorithm, Record<string, number>]>([
    ['RS256', { 'token-invalid-signature': 3, 'token-malformed': 60 }],
    ['ES256', { 'token-invalid-signature': 3, 'token-malformed': 60 }],
    ['EdDSA', { 'token-invalid-signature': 3, 'token-malformed': 60 }],
    ['ES384', { 'token-invalid-signature': 63 }],
  ])('refuses all 63 other last characters of its signature: %s', async (alg, expected) => {
    const { clerk, outcomeOf } = start()
    const token = signed(alg)
    expect(await outcomeOf(token)).toBe('passed')
    expect(await countOutcomes(outcomeOf, otherEndings(token).signature)).toEqual(expected)
    expect(clerk.stats().verified).toMatchObject({ entries: 1, hits: 0 })
  })

  test('has one encoding: no other ending of its header or payload is a second entry', async () => {
    const { clerk, outcomeOf } = start()
    // One more byte each time, so that there are zero, two and four unused bits.
    for (const filler of ['', 'x', 'xx']) {
      const token = signed('ES256', { filler })
      expect(await outcomeOf(token)).toBe('passed')
      const { header, payload } = otherEndings(token)
      const counts = await countOutcomes(outcomeOf, [...header, ...payload])
      expect(counts).not.toHaveProperty('passed')
      expect(counts['token-malformed']).toBeGreaterThan(0)
    }
    expect(clerk.stats().verified).toMatchObject({ entries: 3, hits: 0 })
  })

  test.each<[string, (token: string) => string]>([
    ['with padding', (token) => `${token}==`],
    ['with another dot', (token) => `${token}.`],
    ['with a trailing space', (token) => `${token} `],
    ['with a trailing line feed', (token) => `${token}\n`],
    ['with a trailing zero', (token) => `${token}\0`],
    ['with a byte order mark', (token) => `\uFEFF${token}`],
    ['in upper case', (token) => token.toUpperCase()],
    ['without its last character', (token) => token.slice(0, -1)],
    ['without its signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['percent-encoded', (token) => token.replace('.', '%2E')],
    ['twice', (token) => token + token],
  ])('is not found under another string: %s', async (_name, change) => {
    const { clerk, outcomeOf } = start()
    const token = signed('EdDSA')
    await outcomeOf(token)
    expect(await outcomeOf(change(token))).toBe('token-malformed')
    expect(clerk.stats().verified).toMatchObject({ entries: 1, hits: 0 })
  })

  test('is not recombined: neither its signature with other claims, nor its claims with another signature', async () => {
    const { clerk, outcomeOf } = start()
    for (const alg of Object.keys(KEYS) as Algorithm[]) {
      const [one, other] = [signed(alg, { sub: 'user_one' }), signed(alg, { sub: 'user_other' })]
      expect([await outcomeOf(one), await outcomeOf(other)]).toEqual(['passed', 'passed'])
      const [header, payload] = one.split('.')
      const swapped = `${header}.${payload}.${other.split('.')[2]}`
      const { privateKey } = KEYS_OF_MALLORY[alg]
      const forged = `${header}.${payload}.${signatureOf(`${header}.${payload}`, alg, privateKey)}`
      expect([alg, await outcomeOf(swapped), await outcomeOf(forged)]).toEqual([
        alg,
        'token-invalid-signature',
        'token-invalid-signature',
      ])
    }
    expect(clerk.stats().verified).toMatchObject({ entries: 8, hits: 0 })
  })

  test('takes at most two entries, because ECDSA allows a second signature', async () => {
    const { clerk, outcomeOf } = start()
    const tokens = Array.from({ length: 20 }, (_, i) => signed('ES256', { i }))
    for (const token of tokens)
      for (const twin of [token, twinOf(token), twinOf(twinOf(token))]) expect(await outcomeOf(twin)).toBe('passed')
    expect(clerk.stats().verified).toMatchObject({ entries: 40, misses: 40, hits: 20 })
  })
})

/** The signature (r, n - s), which is valid too: SEC 1 section 4.1.4. */
function twinOf(token: string): string {
  const end = token.lastIndexOf('.') + 1
  const bytes = Buffer.from(token.slice(end), 'base64url')
  const s = ORDERS['P-256'] - toBigInt(bytes.subarray(32))
  return token.slice(0, end) + Buffer.concat([bytes.subarray(0, 32), toBytes(s, 32)]).toString('base64url')
}
