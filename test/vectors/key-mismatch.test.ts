import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm } from '../../packages/core/src/crypto/algorithms.js'
import { keyPair, type KeyPair } from '../../packages/core/test/fixtures.js'
import { both } from './implementations.js'
import { KID, signatureOf, signingInput, tokenOf, withSignature } from './tokens.js'
import { apiWith, FORGED, judgeOf, outcomesOf, UNSUITABLE, VALID, verdictsOn } from './verdicts.js'

const NAMES = Object.keys(ALGORITHMS) as Algorithm[]

const PAIRS = {
  RSA: keyPair(2048),
  'P-256': keyPair('P-256'),
  'P-384': keyPair('P-384'),
  'P-521': keyPair('P-521'),
  Ed25519: keyPair('Ed25519'),
}

function pairOf(alg: Algorithm): KeyPair {
  const rule = ALGORITHMS[alg]
  return PAIRS[rule.kty === 'RSA' ? 'RSA' : rule.crv]
}

/** A valid token for each algorithm. */
const TOKENS = new Map(NAMES.map((alg) => [alg, tokenOf(alg, pairOf(alg).privateKey)]))

const RS: readonly Algorithm[] = ['RS256', 'RS384', 'RS512']
const EDDSA: readonly Algorithm[] = ['EdDSA', 'Ed25519']

interface Candidate {
  readonly jwk: object
  /** The algorithms that it verifies, and no others. */
  readonly verifies: readonly Algorithm[]
}

const KOBLITZ = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const ED448 = generateKeyPairSync('ed448')
const SHORT = generateKeyPairSync('rsa', { modulusLength: 1024 })

function publicJwkOf({ publicKey }: { readonly publicKey: KeyObject }): object {
  return publicKey.export({ format: 'jwk' })
}

/** Keys of every type, with and without `alg`. */
const CANDIDATES: Record<string, Candidate> = {
  'an RSA key': { jwk: PAIRS.RSA.publicJwk, verifies: RS },
  ...saying(PAIRS.RSA, [...RS, 'PS256', 'PS384', 'PS512']),
  'a P-256 key': { jwk: PAIRS['P-256'].publicJwk, verifies: ['ES256'] },
  'a P-384 key': { jwk: PAIRS['P-384'].publicJwk, verifies: ['ES384'] },
  'a P-521 key': { jwk: PAIRS['P-521'].publicJwk, verifies: ['ES512'] },
  'an Ed25519 key': { jwk: PAIRS.Ed25519.publicJwk, verifies: EDDSA },
  'an Ed25519 key for EdDSA': { jwk: { ...PAIRS.Ed25519.publicJwk, alg: 'EdDSA' }, verifies: EDDSA },
  'an Ed25519 key for Ed25519': { jwk: { ...PAIRS.Ed25519.publicJwk, alg: 'Ed25519' }, verifies: EDDSA },
  'a P-256 key for ES384': { jwk: { ...PAIRS['P-256'].publicJwk, alg: 'ES384' }, verifies: [] },
  'a P-256 key for RS256': { jwk: { ...PAIRS['P-256'].publicJwk, alg: 'RS256' }, verifies: [] },
  'an RSA key for ES256': { jwk: { ...PAIRS.RSA.publicJwk, alg: 'ES256' }, verifies: [] },
  'an RSA key for RSA-OAEP': { jwk: { ...PAIRS.RSA.publicJwk, alg: 'RSA-OAEP' }, verifies: [] },
  'a secp256k1 key': { jwk: publicJwkOf(KOBLITZ), verifies: [] },
  'a secp256k1 key that declares P-256': {
    jwk: { ...publicJwkOf(KOBLITZ), crv: 'P-256' },
    verifies: [],
  },
  'an Ed448 key': { jwk: publicJwkOf(ED448), verifies: [] },
  'an Ed448 key for EdDSA': { jwk: { ...publicJwkOf(ED448), alg: 'EdDSA' }, verifies: [] },
  'an X25519 key': { jwk: publicJwkOf(generateKeyPairSync('x25519')), verifies: [] },
  'an X25519 key for EdDSA': { jwk: { ...publicJwkOf(generateKeyPairSync('x25519')), alg: 'EdDSA' }, verifies: [] },
  'an X448 key': { jwk: publicJwkOf(generateKeyPairSync('x448')), verifies: [] },
}

function saying({ publicJwk }: KeyPair, names: readonly Algorithm[]): Record<string, Candidate> {
  return Object.fromEntries(
    names.map((alg) => [`an RSA key for ${alg}`, { jwk: { ...publicJwk, alg }, verifies: [alg] }]),
  )
}

// The token is valid: its key signed it. Only its `kid` names another key, which is all that an attacker can choose.
describe.each(Object.entries(CANDIDATES))('%s', (_name, { jwk, verifies }) => {
  const judge = judgeOf(jwk)
  test.each(NAMES)(`gives the expected result for a token signed with %s`, async (alg) => {
    const said = await judge(TOKENS.get(alg)!)
    expect(said).toEqual(verifies.includes(alg) ? VALID : UNSUITABLE)
  })
})

describe('a key of an unsupported type, or too short', () => {
  test.each([
    ['secp256k1', 'ES256', KOBLITZ],
    ['Ed448', 'EdDSA', ED448],
    ['RSA of 1024 bits', 'RS256', SHORT],
  ] as const)('%s does not verify even its own signature: %s', async (_name, alg, pair) => {
    expect(await verdictsOn(publicJwkOf(pair), tokenOf(alg, pair.privateKey))).toEqual(UNSUITABLE)
  })
})

describe('a single key for all tokens, whatever their kid', () => {
  const served: Record<keyof typeof PAIRS, readonly Algorithm[]> = {
    RSA: RS,
    'P-256': ['ES256'],
    'P-384': ['ES384'],
    'P-521': ['ES512'],
    Ed25519: EDDSA,
  }
  test.each(Object.keys(PAIRS) as (keyof typeof PAIRS)[])(
    'a key of type %s verifies its own algorithms',
    async (type) => {
      const api = apiWith({ jwtKey: JSON.stringify(PAIRS[type].publicJwk) })
      for (const alg of NAMES) {
        const said = await outcomesOf(TOKENS.get(alg), api)
        expect(said, `by ${alg}`).toEqual(both(served[type].includes(alg) ? 'passed' : 'jwk-unsuitable'))
      }
    },
  )
})

describe('a signature made with another algorithm, under the algorithm of the key', () => {
  const { RSA } = PAIRS
  const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
  test.each(rsa.flatMap((named) => rsa.filter((used) => used !== named).map((used) => [named, used] as const)))(
    '%s, signed with %s',
    async (named, used) => {
      const input = signingInput(named)
      const token = withSignature(input, signatureOf(used, RSA.privateKey, input))
      expect(await verdictsOn({ ...RSA.publicJwk, alg: named }, token)).toEqual(FORGED)
    },
  )

  const digests = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-512'] as const
  const ownDigest = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', RS256: 'sha256', PS256: 'sha256' } as const
  const signed = Object.keys(ownDigest) as (keyof typeof ownDigest)[]
  test.each(signed)('%s with any digest except its own', async (alg) => {
    const { privateKey, publicJwk } = pairOf(alg)
    const judge = judgeOf({ ...publicJwk, alg })
    for (const digest of digests) {
      const input = signingInput(alg)
      const token = withSignature(input, signatureOf(alg, privateKey, input, { digest }))
      expect(await judge(token), `by ${digest}`).toEqual(digest === ownDigest[alg] ? VALID : FORGED)
    }
  })

  test('ECDSA with another curve, truncated or padded to its length', async () => {
    const curves = ['ES256', 'ES384', 'ES512'] as const
    const bytes = { ES256: 32, ES384: 48, ES512: 66 }
    for (const named of curves) {
      for (const used of curves.filter((alg) => alg !== named)) {
        const input = signingInput(named)
        const signature = signatureOf(used, pairOf(used).privateKey, input)
        const fitted = Buffer.concat([signature, Buffer.alloc(132)]).subarray(0, 2 * bytes[named])
        const said = await verdictsOn(pairOf(named).publicJwk, withSignature(input, fitted))
        expect(said, `${used} as ${named}`).toEqual(FORGED)
      }
    }
  })
})

describe('a key made by an attacker', () => {
  const STRANGER = keyPair(2048)
  test.each(NAMES)('does not verify, although it is for %s and has the same kid', async (alg) => {
    const rule = ALGORITHMS[alg]
    const stranger = rule.kty === 'RSA' ? STRANGER : keyPair(rule.crv)
    const jwk = { ...pairOf(alg).publicJwk, alg }
    expect(await verdictsOn(jwk, tokenOf(alg, stranger.privateKey))).toEqual(FORGED)
  })

  test.each(['jwk', 'x5c', 'jku', 'x5u', 'x5t', 'x5t#S256'])(
    'does not verify if a token embeds it in %s',
    async (name) => {
      const stranger = keyPair('P-256')
      const jwk = PAIRS['P-256'].publicJwk
      const brought = { jwk: { ...stranger.publicJwk, kid: KID }, x5c: [stranger.publicJwk['x']] }
      const value = name in brought ? brought[name as keyof typeof brought] : 'https://evil.example.com/jwks.json'
      expect(await verdictsOn(jwk, tokenOf('ES256', stranger.privateKey, {}, { [name]: value }))).toEqual(FORGED)
      expect(await verdictsOn(jwk, tokenOf('ES256', PAIRS['P-256'].privateKey, {}, { [name]: value }))).toEqual(VALID)
    },
  )
})
