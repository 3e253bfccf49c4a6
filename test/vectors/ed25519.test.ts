import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DOMAINS, encodePoint, fromLittleEndian, L, littleEndian, P, scalarFor, SMALL_ORDERS } from './edwards.js'
import { both } from './implementations.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, UNSUITABLE, VALID, verdictsOn } from './verdicts.js'

const okp = (point: Uint8Array) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(point).toString('base64url') })
const ZERO = Buffer.alloc(1)

describe.each(['EdDSA', 'Ed25519'] as const)('a signature by %s', (alg) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const judge = judgeOf(publicKey.export({ format: 'jwk' }))
  const input = signingInput(alg)
  const valid = signatureOf(alg, privateKey, input)
  const R = valid.subarray(0, 32)
  const S = fromLittleEndian(valid.subarray(32))
  const tokenWith = (one: Uint8Array, scalar: bigint) =>
    withSignature(input, Buffer.concat([one, littleEndian(scalar)]))

  test('is valid unchanged', async () => {
    expect(await judge(tokenWith(R, S))).toEqual(VALID)
  })

  // RFC 8032 section 5.1.7: S is below L, so that a signature has one encoding.
  test('is refused with any multiple of L added to S', async () => {
    for (let scalar = S + L; scalar < 2n ** 256n; scalar += L)
      expect(await judge(tokenWith(R, scalar)), `S + ${(scalar - S) / L} L`).toEqual(FORGED)
  })

  test.each([253n, 254n, 255n])('is refused with bit %i of S set', async (bit) => {
    expect(await judge(tokenWith(R, S + 2n ** bit))).toEqual(FORGED)
  })

  test.each([
    ['0', 0n],
    ['1', 1n],
    ['L - 1', L - 1n],
    ['L', L],
    ['L + 1', L + 1n],
    ['-S', L - S],
  ])('is refused with S = %s', async (_name, scalar) => {
    expect(await judge(tokenWith(R, scalar))).toEqual(FORGED)
  })

  test.each<[string, Buffer]>([
    ['without its last byte', valid.subarray(0, -1)],
    ['without its first byte', valid.subarray(1)],
    ['without S', R],
    ['without R', valid.subarray(32)],
    ['with a zero appended', Buffer.concat([valid, ZERO])],
    ['with a zero prepended', Buffer.concat([ZERO, valid])],
    ['repeated twice', Buffer.concat([valid, valid])],
    ['as long as an Ed448 signature', Buffer.concat([valid, Buffer.alloc(114 - 64)])],
    ['with S before R', Buffer.concat([valid.subarray(32), R])],
    ['with the bytes of S reversed', Buffer.concat([R, Buffer.from(valid.subarray(32)).toReversed()])],
    [
      'with the sign of R flipped',
      Buffer.concat([R.subarray(0, 31), Buffer.from([R[31]! ^ 0x80]), valid.subarray(32)]),
    ],
    ['of one byte', ZERO],
    ['of zeros', Buffer.alloc(64)],
    ['of ones', Buffer.alloc(64, 0xff)],
  ])('is refused %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('is malformed if it is empty', async () => {
    expect(await judge(`${input}.`)).toEqual(both({ token: 'token-malformed', signature: false }))
  })

  // Only the holder of the private key can make these, and gains nothing but two encodings of one token.
  describe('whose R is the neutral point', () => {
    const made = (encodedR: Buffer) => tokenWith(encodedR, scalarFor(encodedR, privateKey, Buffer.from(input)))

    test('is valid in the canonical encoding of the point', async () => {
      expect(await judge(made(encodePoint(1n)))).toEqual(VALID)
    })

    test.each([
      ['with y not reduced', encodePoint(P + 1n)],
      ['with a sign although x is 0', encodePoint(1n, 1)],
      ['with both', encodePoint(P + 1n, 1)],
    ])('is refused %s', async (_name, encodedR) => {
      expect(await judge(made(encodedR))).toEqual(FORGED)
    })

    // Only a cofactored check accepts these. RFC 8032 allows both; all implementations should give the same answer.
    const points = Object.entries(SMALL_ORDERS).flatMap(([name, y]) =>
      y === 1n ? [] : ([0, 1] as const).map((sign) => [name, sign, encodePoint(y, sign)] as const),
    )
    test.each([...points, ['order 4, not reduced', 0, encodePoint(P)] as const])(
      'is refused with R replaced by a point of %s, sign %i',
      async (_name, _sign, encodedR) => {
        expect(await judge(made(encodedR))).toEqual(FORGED)
      },
    )

    test('is refused if it was made for a variant of the algorithm', async () => {
      const encodedR = encodePoint(1n)
      const digest = createHash('sha512').update(input).digest()
      for (const message of [Buffer.from(input), digest]) {
        for (const [name, domain] of Object.entries(DOMAINS)) {
          if (name === 'Ed25519' && message !== digest) continue // the algorithm itself
          const scalar = scalarFor(encodedR, privateKey, message, domain)
          expect(await judge(tokenWith(encodedR, scalar)), `made for ${name}`).toEqual(FORGED)
        }
      }
    })
  })
})

describe('a key of small order', () => {
  const spellings = Object.entries({ ...SMALL_ORDERS, 'order 4, not reduced': P, 'order 1, not reduced': P + 1n })
  const points = spellings.flatMap(([name, y]) =>
    ([0, 1] as const).map((sign) => [name, sign, encodePoint(y, sign)] as const),
  )

  test.each(points)(
    '(%s, sign %i) is refused as a key, because anyone can sign for it',
    async (_name, _sign, point) => {
      expect(await verdictsOn(okp(point), forgeryFor(point))).toEqual(UNSUITABLE)
    },
  )

  /**
   * Forged without a private key: S = 0, and an R of small order with R + k·A = 0, which works for one message in a
   * few.
   */
  function forgeryFor(point: Buffer): string {
    const key = createPublicKey({ key: okp(point), format: 'jwk' })
    for (let i = 0; i < 1000; i++) {
      const input = signingInput('EdDSA', { jti: `${i}` })
      for (const [, , R] of points) {
        const signature = Buffer.concat([R, littleEndian(0n)])
        if (verify(null, Buffer.from(input), key, signature)) return withSignature(input, signature)
      }
    }
    throw new Error('OpenSSL verifies nothing by this key')
  }
})

describe('a key that is not a point of the curve', () => {
  const token = withSignature(signingInput('EdDSA'), Buffer.concat([encodePoint(1n), littleEndian(0n)]))

  // RFC 8032 section 5.1.3: decoding fails if y is not below p.
  test('is refused if its y is not reduced: from p + 2 to p + 18', async () => {
    for (let y = P + 2n; y < 2n ** 255n; y++) {
      for (const sign of [0, 1] as const)
        expect(await verdictsOn(okp(encodePoint(y, sign)), token), `y = p + ${y - P}`).toEqual(UNSUITABLE)
    }
  })

  // Detecting this takes a modular square root, so the platform detects it when it verifies.
  test.each([2n, 7n, 8n, P - 2n])('verifies nothing: y = %i', async (y) => {
    expect(await verdictsOn(okp(encodePoint(y)), token)).toEqual(FORGED)
  })
})
