import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt, toBytes } from '../../packages/core/test/fixtures.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID, verdictsOn } from './verdicts.js'
import {
  CURVES,
  digestOf,
  inverse,
  jwkOf,
  mod,
  multipleOfG,
  pointAt,
  sum,
  type EcdsaName,
  type Point,
} from './weierstrass.js'

const NAMES = Object.keys(CURVES) as EcdsaName[]

// FIPS 186-4 section 6.4: r and s are from 1 to n-1, and r is the x coordinate of a point, modulo n.
describe.each(NAMES)('%s', (alg) => {
  const curve = CURVES[alg]
  const { crv, n, p, length } = curve
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: crv })
  const judge = judgeOf(publicKey.export({ format: 'jwk' }))
  const input = signingInput(alg)
  const e = digestOf(alg, input)
  const most = 2n ** BigInt(8 * length) - 1n
  const valid = signatureOf(alg, privateKey, input)
  const r = toBigInt(valid.subarray(0, length))
  const s = toBigInt(valid.subarray(length))
  const tokenWith = (one: bigint, other: bigint) =>
    withSignature(input, Buffer.concat([toBytes(one, length), toBytes(other, length)]))

  test('the twin (r, n-s) is as valid as the signature itself', async () => {
    expect(await judge(tokenWith(r, s))).toEqual(VALID)
    expect(await judge(tokenWith(r, n - s))).toEqual(VALID)
    expect(await judge(tokenWith(n - r, s))).toEqual(FORGED)
    expect(await judge(tokenWith(n - r, n - s))).toEqual(FORGED)
  })

  test('no number at the boundary of a field, the group or a byte is a valid signature', async () => {
    const edges = { 0: 0n, 1: 1n, 2: 2n, 'n-1': n - 1n, n, 'n+1': n + 1n, 'p-1': p - 1n, p, 'p+1': p + 1n, most }
    const numbers = Object.entries({ ...edges, r, s })
    for (const [nameOfR, one] of numbers) {
      for (const [nameOfS, other] of numbers) {
        if (one === r && other === s) continue
        expect(await judge(tokenWith(one, other)), `r = ${nameOfR}, s = ${nameOfS}`).toEqual(FORGED)
      }
    }
  })

  // Only P-521 has such bits: its numbers have 521 bits in 66 bytes, which are 528 bits.
  const spareBits = Array.from({ length: 8 * length - n.toString(2).length }, (_, i) => BigInt(8 * length - 1 - i))
  test.each(spareBits)('bit %i, which exceeds the order, is not ignored in r or in s', async (bit) => {
    expect(await judge(tokenWith(r + 2n ** bit, s))).toEqual(FORGED)
    expect(await judge(tokenWith(r, s + 2n ** bit))).toEqual(FORGED)
  })

  /** The key for a given signature: Q = R - (e/r)·G, with s = r, verifies (r, s) over e. */
  function keyFor(point: Point): object {
    const small = mod(point.x, n)
    return jwkOf(curve, sum(curve, point, multipleOfG(curve, -e * inverse(small, n))))
  }

  function firstPointFrom(x: bigint): Point {
    return pointAt(curve, x) ?? firstPointFrom(x + 1n)
  }

  test.each([
    ['a small r', 1n],
    ['an r from an x above the order, reduced', n + 1n],
  ])('%s is valid, but not if it is written without reduction', async (_name, x) => {
    const point = firstPointFrom(x)
    const small = mod(point.x, n)
    const judge = judgeOf(keyFor(point))
    expect(await judge(tokenWith(small, small))).toEqual(VALID)
    expect(await judge(tokenWith(small, n - small))).toEqual(VALID)
    expect(await judge(tokenWith(small + n, small)), 'r + n').toEqual(FORGED)
    expect(await judge(tokenWith(small, small + n)), 's + n').toEqual(FORGED)
    expect(await judge(tokenWith(small + n, small + n)), 'both').toEqual(FORGED)
    expect(await judge(tokenWith(small + p, small)), 'r + p').toEqual(FORGED)
  })

  const sign = (d: bigint, k: bigint) => {
    const r = mod(multipleOfG(curve, k).x, n)
    return { d, r, s: mod(inverse(k, n) * (e + r * d), n) }
  }
  const k = 0x1234567890abcdefn
  const rOfK = mod(multipleOfG(curve, k).x, n)
  const signer = (numerator: bigint) => mod(numerator * inverse(rOfK, n), n)

  test.each([
    ['a key that is the generator', sign(1n, k)],
    ['a key that is the negated generator', sign(n - 1n, k)],
    ['a nonce of 1', sign(k, 1n)],
    ['a nonce of n-1', sign(k, n - 1n)],
    ['a nonce equal to the key', sign(k, k)],
    ['s = 1', sign(signer(k - e), k)],
    ['s = n-1', sign(signer(-k - e), k)],
    ['a sum of two equal points', sign(signer(e), k)],
  ])('%s still makes a valid signature', async (_name, { d, r, s }) => {
    const jwk = jwkOf(curve, multipleOfG(curve, d))
    expect(await verdictsOn(jwk, tokenWith(r, s))).toEqual(VALID)
    expect(await verdictsOn(jwk, tokenWith(r, mod(s + 1n, n)))).toEqual(FORGED)
  })

  test('a sum that is the point at infinity makes no valid signature', async () => {
    // With d = -e/r, e·G + r·Q is the point at infinity for every s. It has no x that r could equal.
    for (const one of [1n, 2n, n - 1n, rOfK]) {
      const jwk = jwkOf(curve, multipleOfG(curve, -e * inverse(one, n)))
      for (const other of [1n, one, n - 1n, s])
        expect(await verdictsOn(jwk, tokenWith(one, other)), `r = ${one}, s = ${other}`).toEqual(FORGED)
    }
  })
})
