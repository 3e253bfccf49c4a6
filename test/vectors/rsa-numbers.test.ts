import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBigInt, toBytes } from '../../packages/core/test/fixtures.js'
import { both, onBoth } from './implementations.js'
import { PRIVATE_RSA } from './rfc7517.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID, verdictsOn } from './verdicts.js'

const KEYS = {
  2048: createPrivateKey({ key: PRIVATE_RSA, format: 'jwk' }),
  3072: generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
}
const CASES = ([2048, 3072] as const).flatMap((bits) => (['RS256', 'PS256'] as const).map((alg) => ({ bits, alg })))

const publicJwkOf = (key: KeyObject) => createPublicKey(key).export({ format: 'jwk' })

// RFC 8017 section 8: a signature is a number below the modulus, in exactly as many bytes as the modulus has.
describe.each(CASES)('$alg with a key of $bits bits', ({ bits, alg }) => {
  const key = KEYS[bits]
  const length = bits / 8
  const jwk = { ...publicJwkOf(key), alg }
  const n = toBigInt(Buffer.from(jwk.n!, 'base64url'))
  const judge = judgeOf(jwk)
  const input = signingInput(alg)
  const valid = signatureOf(alg, key, input)
  const zero = Buffer.alloc(1)

  /** The first of a series of tokens whose signature satisfies the condition. */
  function find(isFit: (signature: Buffer) => boolean): { input: string; signature: Buffer } {
    for (let i = 0; ; i++) {
      const input = signingInput(alg, { jti: `${i}` })
      const signature = signatureOf(alg, key, input)
      if (isFit(signature)) return { input, signature }
    }
  }

  test('refuses a number increased by the modulus', async () => {
    const { input, signature } = find((one) => toBigInt(one) + n < 2n ** BigInt(bits))
    expect(await judge(withSignature(input, signature))).toEqual(VALID)
    expect(await judge(withSignature(input, toBytes(toBigInt(signature) + n, length)))).toEqual(FORGED)
  })

  test.each([
    ['0', 0n],
    ['1', 1n],
    ['2', 2n],
    ['the modulus minus one', n - 1n],
    ['the modulus', n],
    ['the modulus plus one', n + 1n],
    ['ones', 2n ** BigInt(bits) - 1n],
    ['the modulus minus a valid signature', n - toBigInt(valid)],
    ['a valid signature plus one', toBigInt(valid) + 1n],
  ])('refuses %s', async (_name, number) => {
    expect(await judge(withSignature(input, toBytes(number, length)))).toEqual(FORGED)
  })

  test('refuses a number that begins with a zero without that zero', async () => {
    const { input, signature } = find((one) => one[0] === 0)
    expect(await judge(withSignature(input, signature))).toEqual(VALID)
    // To OpenSSL it is the same number, which is enough for PSS. So we have to compare the length.
    const { node, web } = await judge(withSignature(input, signature.subarray(1)))
    expect({ node: node.token, web: web.token }).toEqual(both('token-invalid-signature'))
    expect(await judge(withSignature(input, Buffer.concat([signature.subarray(1), zero])))).toEqual(FORGED)
  })

  test.each<[string, Buffer]>([
    ['with a zero prepended', Buffer.concat([zero, valid])],
    ['with a zero appended', Buffer.concat([valid, zero])],
    ['with 64 zeros prepended', Buffer.concat([Buffer.alloc(64), valid])],
    ['without its last byte', valid.subarray(0, -1)],
    ['without its first byte', valid.subarray(1)],
    ['cut in half', valid.subarray(0, length / 2)],
    ['repeated twice', Buffer.concat([valid, valid])],
    ['with its bytes reversed', Buffer.from(valid.toReversed())],
    ['as base64url, once more', Buffer.from(valid.toString('base64url'))],
    ['of a single zero', zero],
    ['of zeros', Buffer.alloc(length)],
  ])('refuses a signature %s', async (_name, signature) => {
    expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })

  test('refuses an empty signature as malformed', async () => {
    expect(await judge(`${input}.`)).toEqual(both({ token: 'token-malformed', signature: false }))
  })

  test('refuses the signature of a key of another length, unchanged and truncated or padded to its own', async () => {
    const other = signatureOf(alg, KEYS[bits === 2048 ? 3072 : 2048], input)
    const filled = Buffer.concat([Buffer.alloc(length), other]).subarray(-length)
    for (const signature of [other, filled, Buffer.concat([other, Buffer.alloc(length)]).subarray(0, length)])
      expect(await judge(withSignature(input, signature))).toEqual(FORGED)
  })
})

// A modulus need not fill its first byte.
describe.each([2050, 2054, 3070])('a key of %i bits', (bits) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const jwk = publicJwkOf(privateKey)

  test.each(['RS256', 'PS256'] as const)('verifies %s', async (alg) => {
    const input = signingInput(alg)
    const signature = signatureOf(alg, privateKey, input)
    const length = await onBoth(async ({ importJwk }) => (await importJwk(jwk))?.signatureLength)
    expect(length).toEqual(both(Math.ceil(bits / 8)))
    expect(signature).toHaveLength(Math.ceil(bits / 8))
    expect(await verdictsOn({ ...jwk, alg }, withSignature(input, signature))).toEqual(VALID)
    const changed = Buffer.from(signature)
    changed[1]! ^= 1
    expect(await verdictsOn({ ...jwk, alg }, withSignature(input, changed))).toEqual(FORGED)
  })
})
