import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt, toOctets } from '../../packages/core/test/fixtures.js'
import { block, integer, sequence, tlv } from './der.js'
import { both } from './implementations.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID } from './verdicts.js'
import { CURVES, digestOf, inverse, jwkOf, mod, multipleOfG, pointAt, sum, type EcdsaName } from './weierstrass.js'

const NAMES = Object.keys(CURVES) as EcdsaName[]

// RFC 7518 section 3.4: R and S, each as long as the order of the curve, one behind the other. There is no other form.
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
  const fixed = (one: bigint, other: bigint, size: number) =>
    Buffer.concat([toOctets(one, size), toOctets(other, size)])

  test('is valid in its own form', async () => {
    expect(await judge(withSignature(input, valid))).toEqual(VALID)
  })

  test.each<[string, Buffer]>([
    ['without its last octet', valid.subarray(0, -1)],
    ['without its first octet', valid.subarray(1)],
    ['with a zero behind', Buffer.concat([valid, zero])],
    ['with a zero in front', Buffer.concat([zero, valid])],
    ['with a zero before r', Buffer.concat([zero, R, S])],
    ['with a zero before s', Buffer.concat([R, zero, S])],
    ['with a zero before both', fixed(r, s, length + 1)],
    ['with a zero behind both', Buffer.concat([R, zero, S, zero])],
    ['with r alone', R],
    ['with s alone', S],
    ['with s before r', Buffer.concat([S, R])],
    ['with r twice', Buffer.concat([R, R])],
    ['twice over', Buffer.concat([valid, valid])],
    ['with its octets the other way round', Buffer.from(valid.toReversed())],
    ['with each number the other way round', Buffer.concat([Buffer.from(R).toReversed(), Buffer.from(S).toReversed()])],
    ['as hexadecimal', Buffer.from(valid.toString('hex'))],
    ['as base64url, once more', Buffer.from(valid.toString('base64url'))],
    ['of one zero', zero],
    ['of 128 zeros', Buffer.alloc(128)],
    ['of as many zeros as it has octets', Buffer.alloc(2 * length)],
    ['of ones', Buffer.alloc(2 * length, 0xff)],
  ])('is refused %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('is not well formed without any octet', async () => {
    expect(await judge(withSignature(input, Buffer.alloc(0)))).toEqual(
      both({ token: 'token-malformed', signature: false }),
    )
  })

  test.each<[string, Buffer]>([
    ['as OpenSSL writes it', sign(`sha${alg.slice(2)}`, Buffer.from(input), privateKey)],
    ['of the numbers of the valid one', sequence(integer(r), integer(s))],
    ['of the twin', sequence(integer(r), integer(n - s))],
    ['with a zero more before each', sequence(tlv(2, zero, zero, R), tlv(2, zero, zero, S))],
    ['with its length in the long form', block([0x30, 0x82, 0, integers.length], integers)],
    ['with something behind', Buffer.concat([sequence(integer(r), integer(s)), zero])],
    ['cut to its length', sequence(integer(r), integer(s)).subarray(0, 2 * length)],
    ['of one number', sequence(integer(r))],
    ['of none', sequence()],
    ['of zeros', sequence(integer(0n), integer(0n))],
  ])('is refused as DER, %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('is refused as DER of just the length that the other form has', async () => {
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
   * A signature whose numbers are short enough for their DER to be no longer than they are when they are filled up, and
   * its key: Q = R - (e/r)·G verifies (r, r), and so (r, -r). No other key is known that does.
   */
  function shortSignature() {
    // P-521 has an odd number of octets to spare, and a length of two octets. There s is a long one.
    const octets = { ES256: 29, ES384: 45, ES512: 59 }[alg]
    let x = 2n ** BigInt(8 * octets - 2)
    while (!pointAt(curve, x)) x++
    const sumOfG = multipleOfG(curve, -digestOf(alg, input) * inverse(x, n))
    return { key: sum(curve, pointAt(curve, x)!, sumOfG), r: x, s: alg === 'ES512' ? mod(-x, n) : x }
  }
})
