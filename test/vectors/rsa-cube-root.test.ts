import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt, toBytes } from '../../packages/core/test/fixtures.js'
import { block, tlv } from './der.js'
import { digestInfo, digestOf, OIDS } from './pkcs1.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID } from './verdicts.js'

// With an exponent of 3, a number whose cube is small enough opens to its cube, and taking roots needs no private key.
// A verifier that checks only a part of the block accepts signatures that anyone can make: Bleichenbacher, 2006.
const CASES = [
  { bits: 2048, alg: 'RS256', digest: 'sha256' },
  { bits: 2048, alg: 'RS384', digest: 'sha384' }, // after a longer digest there is too little space for garbage
  { bits: 3072, alg: 'RS256', digest: 'sha256' },
  { bits: 3072, alg: 'RS512', digest: 'sha512' },
] as const

const KEYS = { 2048: keyWithExponent3(2048), 3072: keyWithExponent3(3072) }

function keyWithExponent3(modulusLength: number) {
  return generateKeyPairSync('rsa', { modulusLength, publicExponent: 3 }).privateKey
}

describe.each(CASES)('$alg, forged for a key of $bits bits with an exponent of 3', ({ bits, alg, digest }) => {
  const key = KEYS[bits]
  const length = bits / 8
  const judge = judgeOf(createPublicKey(key).export({ format: 'jwk' }))
  const PADDING = [0, 1, ...Array.from({ length: 8 }, () => 0xff), 0]

  test('a signature made with the private key is valid', async () => {
    const input = signingInput(alg)
    expect(await judge(withSignature(input, signatureOf(alg, key, input)))).toEqual(VALID)
  })

  test('is refused with garbage after the digest', async () => {
    const input = signingInput(alg)
    const head = block(PADDING, digestInfo(digest, input))
    const root = rootAbove(toBigInt(block(head, Buffer.alloc(length - head.length))))

    const opened = toBytes(root ** 3n, length)
    expect(opened.subarray(0, head.length)).toEqual(head)
    expect(await judge(withSignature(input, toBytes(root, length)))).toEqual(FORGED)
  })

  test('is refused with garbage inside, after the name of the digest, and the digest in its place', async () => {
    const input = inputWithOddDigest()
    const tail = tlv(4, digestOf(digest, input))
    const garbage = length - PADDING.length - tail.length - 23
    const content = 15 + garbage // of the algorithm: its name, and what should be NULL
    const head = block(
      PADDING,
      [0x30, 0x82, ...twoBytes(4 + content + tail.length)],
      [0x30, 0x82, ...twoBytes(content)],
      tlv(6, OIDS[digest]),
      [0x05, 0x82, ...twoBytes(garbage)],
    )
    expect(head.length + garbage + tail.length).toBe(length)

    // The low bits of a number determine the low bits of its cube, and the high bits the high ones.
    const low = 2n ** BigInt(8 * tail.length)
    const high = rootAbove(toBigInt(block(head, Buffer.alloc(length - head.length)))) / low + 1n
    const root = high * low + rootModulo(toBigInt(tail), 8 * tail.length)
    const opened = toBytes(root ** 3n, length)
    expect(opened.subarray(0, head.length)).toEqual(head)
    expect(opened.subarray(-tail.length)).toEqual(tail)
    expect(await judge(withSignature(input, toBytes(root, length)))).toEqual(FORGED)
  })

  /** Only odd numbers have a root modulo a power of 2. */
  function inputWithOddDigest(): string {
    for (let i = 0; ; i++) {
      const input = signingInput(alg, { jti: `${i}` })
      if (digestOf(digest, input).at(-1)! % 2 === 1) return input
    }
  }
})

const twoBytes = (value: number) => [value >> 8, value & 0xff]

/** The smallest number whose cube is not below `value`. */
function rootAbove(value: bigint): bigint {
  let low = 0n
  let high = 2n ** BigInt(Math.ceil(value.toString(2).length / 3) + 1)
  while (low < high) {
    const middle = (low + high) / 2n
    if (middle ** 3n < value) low = middle + 1n
    else high = middle
  }
  return low
}

/** The number whose cube is `value` modulo 2 to the power of `bits`, found bit by bit. */
function rootModulo(value: bigint, bits: number): bigint {
  let root = 1n
  for (let i = 1n; i < BigInt(bits); i++) if (((root ** 3n - value) >> i) & 1n) root += 2n ** i
  return root
}
