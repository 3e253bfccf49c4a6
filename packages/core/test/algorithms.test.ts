import { constants, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isAlgorithm, type Algorithm } from '../src/crypto/algorithms.js'
import { importJwk } from '../src/keys/jwk.js'
import { keyPair } from './fixtures.js'

const INPUT = new TextEncoder().encode('eyJhbGciOiJ4In0.eyJzdWIiOiJ1c2VyX2FsaWNlIn0')
const PAIRS = {
  RSA: keyPair(2048),
  'P-256': keyPair('P-256'),
  'P-384': keyPair('P-384'),
  'P-521': keyPair('P-521'),
  Ed25519: keyPair('Ed25519'),
}

interface Way {
  readonly key: keyof typeof PAIRS
  readonly digest: string | null
  readonly padding?: number
}

const { RSA_PKCS1_PADDING: PKCS1, RSA_PKCS1_PSS_PADDING: PSS } = constants

/** RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864 section 2.2, written independently of the table in the source. */
const WAYS: Readonly<Record<Algorithm, Way>> = {
  RS256: { key: 'RSA', digest: 'sha256', padding: PKCS1 },
  RS384: { key: 'RSA', digest: 'sha384', padding: PKCS1 },
  RS512: { key: 'RSA', digest: 'sha512', padding: PKCS1 },
  PS256: { key: 'RSA', digest: 'sha256', padding: PSS },
  PS384: { key: 'RSA', digest: 'sha384', padding: PSS },
  PS512: { key: 'RSA', digest: 'sha512', padding: PSS },
  ES256: { key: 'P-256', digest: 'sha256' },
  ES384: { key: 'P-384', digest: 'sha384' },
  ES512: { key: 'P-521', digest: 'sha512' },
  EdDSA: { key: 'Ed25519', digest: null },
  Ed25519: { key: 'Ed25519', digest: null },
}
const NAMES = Object.keys(WAYS) as Algorithm[]

function signed({ key, digest, padding }: Way): Uint8Array<ArrayBuffer> {
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  const { privateKey } = PAIRS[key]
  const options = padding === undefined ? { dsaEncoding: 'ieee-p1363' as const } : { padding, saltLength }
  return new Uint8Array(sign(digest, INPUT, { key: privateKey, ...options }))
}

/** Whether a key with this `alg` verifies a signature; `undefined` if it does not have the algorithm. */
async function verdict(alg: Algorithm, way: Way): Promise<boolean | undefined> {
  const key = await importJwk({ ...PAIRS[way.key].publicJwk, alg })
  return key?.verifiers.get(alg)?.(INPUT, signed(way))
}

describe.each(NAMES)('%s', (alg) => {
  test('is verified as the standard specifies', async () => {
    expect(await verdict(alg, WAYS[alg])).toBe(true)
  })

  test('is not verified in any other way', async () => {
    const others = NAMES.filter((other) => JSON.stringify(WAYS[other]) !== JSON.stringify(WAYS[alg]))
    for (const other of others) expect([other, await verdict(alg, WAYS[other])]).not.toEqual([other, true])
  })
})

test('isAlgorithm knows only these', () => {
  expect(NAMES.filter(isAlgorithm)).toEqual(NAMES)
  for (const other of ['none', 'HS256', 'RS1', 'ES256K', 'Ed448', 'toString', '__proto__', '', undefined, ['RS256']])
    expect([other, isAlgorithm(other)]).toEqual([other, false])
})
