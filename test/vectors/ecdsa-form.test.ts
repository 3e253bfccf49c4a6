import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt, toBytes } from '../../packages/core/test/fixtures.js'
import { block, integer, sequence, tlv } from './der.js'
import { both } from './implementations.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID } from './verdicts.js'
import { CURVES, digestOf, inverse, jwkOf, mod, multipleOfG, pointAt, sum, type EcdsaName } from './weierstrass.js'

const NAMES = Object.keys(CURVES) as EcdsaName[]

// RFC 7518 section 3.4: R and S, each as long as the order of the curve, concatenated. No other form is valid.
describe.each(NAMES)('%s', (alg) => {
  const curve = CURVES[alg]
  const { crv, n, length } = curve
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: crv })
  const judge = judgeOf(publicKey.export({ format: 'jwk' }))
  const input = signingInput(alg)
  const valid = signatureOf(alg, privateKey, input)
  const R = valid.subarray(0, length)
  const S = valid.subarray(length)
  const [r, s] = [toBigInt(R), toBigInt(S)]
  const zero = Buffer.alloc(1)
  const integers = block(integer(r), integer(s))
  const fixed = (one: bigint, other: bigint, size: number) => Buffer.concat([toBytes(one, size), toBytes(other, size)])

  test('is valid in its own form', async () => {
    expect(await judge(withSignature(input, valid))).toEqual(VALID)
  })

  test.each<[string, Buffer]>([
    ['without its last byte', valid.subarray(0, -1)],
    ['without its first byte', valid.subarray(1)],
    ['with a zero appended', Buffer.concat([valid, zero])],
    ['with a zero prepended', Buffer.concat([zero, valid])],
    ['with a zero before r', Buffer.concat([zero, R, S])],
    ['with a zero before s', Buffer.concat([R, zero, S])],
    ['with a zero before both', fixed(r, s, length + 1)],
    ['with a zero after both', Buffer.concat([R, zero, S, zero])],
    ['with only r', R],
    ['with only s', S],
    ['with s before r', Buffer.concat([S, R])],
    ['with r twice', Buffer.concat([R, R])],
    ['repeated twice', Buffer.concat([valid, valid])],
    ['with its bytes reversed', Buffer.from(valid.toReversed())],
    [
      'with the bytes of each number reversed',
      Buffer.concat([Buffer.from(R).toReversed(), Buffer.from(S).toReversed()]),
    ],
    ['in hexadecimal', Buffer.from(valid.toString('hex'))],
    ['as base64url, once more', Buffer.from(valid.toString('base64url'))],
    ['of a single zero', zero],
    ['of 128 zeros', Buffer.alloc(128)],
    ['of zeros, in its full length', Buffer.alloc(2 * length)],
    ['of ones', Buffer.alloc(2 * length, 0xff)],
  ])('is refused %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('is malformed if it is empty', async () => {
    expect(await judge(withSignature(input, Buffer.alloc(0)))).toEqual(
      both({ token: 'token-malformed', signature: false }),
    )
  })

  test.each<[string, Buffer]>([
    ['as OpenSSL encodes it', sign(`sha${alg.slice(2)}`, Buffer.from(input), privateKey)],
    ['of the numbers of the valid signature', sequence(integer(r), integer(s))],
    ['of its twin (r, n-s)', sequence(integer(r), integer(n - s))],
    ['with an extra zero before each number', sequence(tlv(2, zero, zero, R), tlv(2, zero, zero, S))],
    ['with its length in the long form', block([0x30, 0x82, 0, integers.length], integers)],
    ['with trailing data', Buffer.concat([sequence(integer(r), integer(s)), zero])],
    ['truncated to the length of the valid form', sequence(integer(r), integer(s)).subarray(0, 2 * length)],
    ['of one number', sequence(integer(r))],
    ['of no numbers', sequence()],
    ['of zeros', sequence(integer(0n), integer(0n))],
  ])('is refused as DER, %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('is refused as DER even if it has exactly the length of the valid form', async () => {
    const { key, r, s } = shortSignature()
    const jwk = jwkOf(curve, key)
    const der = sequence(integer(r), integer(s))
    expect(der).toHaveLength(2 * length)
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    expect(verify(`sha${alg.slice(2)}`, Buffer.from(input), publicKey, der)).toBe(true)

    const judge = judgeOf(jwk)
    expect(await judge(withSignature(input, der))).toEqual(FORGED)
    expect(await judge(withSignature(input, fixed(r, s, length)))).toEqual(VALID)
  })

  /**
   * A signature whose numbers are so short that their DER is no longer than their padded form, and its key: Q = R -
   * (e/r)·G verifies (r, r), and so (r, -r). No other such key is known.
   */
  function shortSignature() {
    // For P-521 the padding has an odd number of bytes, and the DER length has two bytes. There s is a long number.
    const bytes = { ES256: 29, ES384: 45, ES512: 59 }[alg]
    let x = 2n ** BigInt(8 * bytes - 2)
    while (!pointAt(curve, x)) x++
    const sumOfG = multipleOfG(curve, -digestOf(alg, input) * inverse(x, n))
    return { key: sum(curve, pointAt(curve, x)!, sumOfG), r: x, s: alg === 'ES512' ? mod(-x, n) : x }
  }
})
