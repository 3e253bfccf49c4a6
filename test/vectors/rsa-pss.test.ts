import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt } from '../../packages/core/test/fixtures.js'
import { block } from './der.js'
import { rawSignature } from './pkcs1.js'
import { encodePss, type PssOptions } from './pss.js'
import { PRIVATE_RSA } from './rfc7517.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID } from './verdicts.js'

const KEYS = {
  2048: createPrivateKey({ key: PRIVATE_RSA, format: 'jwk' }),
  3072: generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
}
const CASES = ([2048, 3072] as const).flatMap((bits) =>
  (['PS256', 'PS384', 'PS512'] as const).map((alg) => ({ bits, alg })),
)

// RFC 7518 section 3.5: the same digest everywhere, MGF1, and a salt as long as the digest.
describe.each(CASES)('$alg with a key of $bits bits', ({ bits, alg }) => {
  const key = KEYS[bits]
  const size = Number(alg.slice(2)) / 8
  const digest = `sha${8 * size}`
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const modulus = toBigInt(Buffer.from(jwk.n!, 'base64url'))
  const judge = judgeOf({ ...jwk, alg })
  const input = signingInput(alg)
  const encoded = (options: Partial<PssOptions> = {}) =>
    encodePss({ message: input, length: bits / 8, digest, ...options })
  const tokenOf = (block: Buffer) => withSignature(input, rawSignature(key, block))
  const otherDigests = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256'].filter(
    (name) => name !== digest,
  )

  test('accepts the valid form with any salt', async () => {
    for (const fill of [0, 1, 7, 255])
      expect(await judge(tokenOf(encoded({ salt: Buffer.alloc(size, fill) })))).toEqual(VALID)
    expect(await judge(withSignature(input, signatureOf(alg, key, input)))).toEqual(VALID)
  })

  const most = bits / 8 - size - 2
  const lengths = [0, 1, 8, 20, 28, 32, 48, 64, size - 1, size + 1, 2 * size, most]
  test.each([...new Set(lengths)].filter((length) => length !== size))(
    'refuses a salt of %i bytes',
    async (saltLength) => {
      expect(await judge(withSignature(input, signatureOf(alg, key, input, { saltLength })))).toEqual(FORGED)
    },
  )

  test.each(otherDigests)('refuses a mask made with %s', async (maskDigest) => {
    expect(await judge(tokenOf(encoded({ maskDigest })))).toEqual(FORGED)
  })

  test.each(otherDigests)('refuses %s everywhere, and with a mask of the right digest', async (other) => {
    const salt = Buffer.alloc(size, 7)
    expect(await judge(tokenOf(encoded({ digest: other, salt })))).toEqual(FORGED)
    expect(await judge(tokenOf(encoded({ digest: other, salt, maskDigest: digest })))).toEqual(FORGED)
  })

  test.each<[string, Partial<PssOptions>]>([
    ['a trailer that names its digest (ISO/IEC 10118)', { trailer: [0x34, 0xcc] }],
    ['a trailer of bd', { trailer: [0xbd] }],
    ['a trailer of 0', { trailer: [0] }],
    [
      'a one as the last byte of the padding',
      { data: (padding, salt) => block(padding.fill(1, padding.length - 1), [1], salt) },
    ],
    ['a one as the first byte of the padding', { data: (padding, salt) => block(padding.fill(1, 0, 1), [1], salt) }],
    ['no one before the salt', { data: (padding, salt) => block(padding, [0], salt) }],
    ['a two before the salt', { data: (padding, salt) => block(padding, [2], salt) }],
    ['the salt before the padding', { data: (padding, salt) => block(salt, [1], padding) }],
    [
      'a salt other than the hashed one',
      {
        data: (padding, salt) =>
          block(
            padding,
            [1],
            salt.map(() => 8),
          ),
      },
    ],
    ['no zeros before the digest of the message', { hashed: (messageDigest, salt) => block(messageDigest, salt) }],
    [
      'ones instead of zeros before the digest of the message',
      { hashed: (messageDigest, salt) => block(Buffer.alloc(8, 0xff), messageDigest, salt) },
    ],
    [
      'the salt instead of zeros before the digest of the message',
      { hashed: (messageDigest, salt) => block(Buffer.alloc(8), salt, messageDigest) },
    ],
    ['no salt after the digest of the message', { hashed: (messageDigest) => block(Buffer.alloc(8), messageDigest) }],
    [
      'the message instead of its digest',
      { hashed: (_messageDigest, salt) => block(Buffer.alloc(8), Buffer.from(input), salt) },
    ],
    ['a mask counter that starts at 1', { counter: (i) => Buffer.from([0, 0, 0, i + 1]) }],
    ['a little-endian mask counter', { counter: (i) => Buffer.from([i, 0, 0, 0]) }],
  ])('refuses %s', async (_name, options) => {
    expect(await judge(tokenOf(encoded(options)))).toEqual(FORGED)
  })

  test('refuses a highest bit that is not 0', async () => {
    // Only some of these are below the modulus.
    const blocks = Array.from({ length: 256 }, (_, fill) => encoded({ highestBit: 1, salt: Buffer.alloc(size, fill) }))
    const signable = blocks.filter((encoded) => toBigInt(encoded) < modulus).slice(0, 8)
    expect(signable).not.toHaveLength(0)
    for (const encoded of signable) expect(await judge(tokenOf(encoded))).toEqual(FORGED)
  })

  test('refuses any single flipped bit of the block', async () => {
    const whole = encoded()
    for (let bit = 1; bit < bits; bit += 29) {
      const changed = Buffer.from(whole)
      changed[bit >> 3]! ^= 0x80 >> (bit & 7)
      expect(await judge(tokenOf(changed)), `bit ${bit}`).toEqual(FORGED)
    }
  })
})
