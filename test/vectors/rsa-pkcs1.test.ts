import { createPrivateKey, createPublicKey, generateKeyPairSync, publicDecrypt, constants } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { block, sequence, tlv } from './der.js'
import { digestInfo, digestOf, encode, NULL, OIDS, rawSignature, type DigestName } from './pkcs1.js'
import { PRIVATE_RSA } from './rfc7517.js'
import { signatureOf, signingInput, withSignature } from './tokens.js'
import { FORGED, judgeOf, VALID } from './verdicts.js'

const KEYS = {
  2048: createPrivateKey({ key: PRIVATE_RSA, format: 'jwk' }),
  3072: generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
}
const DIGESTS = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const
const CASES = ([2048, 3072] as const).flatMap((bits) =>
  (['RS256', 'RS384', 'RS512'] as const).map((alg) => ({ bits, alg })),
)

const ONES = (count: number) => Buffer.alloc(count, 0xff)
const GARBAGE = (count: number) => Buffer.alloc(count, 0xa5)
const raw = (hex: string) => Buffer.from(hex, 'hex')
/** A length in more bytes than it needs (X.690 section 8.1.3.5), which BER allows and DER does not. */
const long = (tag: number, content: Buffer, bytes = 1) =>
  block([tag, 0x80 + bytes], Buffer.alloc(bytes - 1), [content.length], content)

// Each block is signed with the private key, so that only its form is wrong. A verifier that parses the block accepts
// some of these (Bleichenbacher, 2006); one that builds the block and compares accepts none.
describe.each(CASES)('$alg with a key of $bits bits', ({ bits, alg }) => {
  const key = KEYS[bits]
  const length = bits / 8
  const name = DIGESTS[alg]
  const judge = judgeOf(createPublicKey(key).export({ format: 'jwk' }))
  const input = signingInput(alg)
  const digest = digestOf(name, input)
  const oid = tlv(6, OIDS[name])
  const algorithm = sequence(oid, NULL)
  const value = tlv(4, digest)
  const info = digestInfo(name, input)
  const token = (encoded: Buffer) => withSignature(input, rawSignature(key, encoded))

  test('accepts the only valid form', async () => {
    const encoded = encode(info, length)
    expect(rawSignature(key, encoded)).toEqual(signatureOf(alg, key, input))
    expect(await judge(token(encoded))).toEqual(VALID)
  })

  const rest = length - info.length
  test.each<[string, Buffer]>([
    ['8 bytes of it, followed by garbage', block([0, 1], ONES(8), [0], info, GARBAGE(rest - 11))],
    ['8 bytes of it, followed by zeros', block([0, 1], ONES(8), [0], info, Buffer.alloc(rest - 11))],
    ['none of it, followed by garbage', block([0, 1, 0], info, GARBAGE(rest - 3))],
    ['one byte less, and one after the digest', block([0, 1], ONES(rest - 4), [0], info, [0])],
    ['garbage before it', block([0, 1], GARBAGE(rest - 11), ONES(8), [0], info)],
    ['its first byte changed', block([0, 1, 0xfe], ONES(rest - 4), [0], info)],
    ['its last byte changed', block([0, 1], ONES(rest - 4), [0xfe, 0], info)],
    ['a zero in the middle', block([0, 1], ONES(40), [0], ONES(rest - 44), [0], info)],
    ['of zeros', block([0, 1], Buffer.alloc(rest - 3), [0], info)],
    ['of block type 0', block([0, 0], Buffer.alloc(rest - 3), [0], info)],
    ['of block type 1 with zeros', block([0, 0], ONES(rest - 3), [0], info)],
    ['of block type 2, as for encryption', block([0, 2], GARBAGE(rest - 3), [0], info)],
    ['of block type 2, with the bytes of type 1', block([0, 2], ONES(rest - 3), [0], info)],
    ['of block type 255', block([0, 0xff], ONES(rest - 3), [0], info)],
    ['a first byte of 1', block([1, 1], ONES(rest - 3), [0], info)],
    ['no zero after it', block([0, 1], ONES(rest - 2), info)],
    ['a one instead of the zero after it', block([0, 1], ONES(rest - 3), [1], info)],
    ['two zeros after it', block([0, 1], ONES(rest - 4), [0, 0], info)],
    [
      'of another standard (ANSI X9.31)',
      block([0x6b], Buffer.alloc(length - digest.length - 4, 0xbb), [0xba], digest, [0x33, 0xcc]),
    ],
  ])('refuses padding: %s', async (_name, encoded) => {
    expect(encoded).toHaveLength(length)
    expect(await judge(token(encoded))).toEqual(FORGED)
  })

  test.each<[string, Buffer]>([
    ['only the digest', digest],
    ['the digest as an octet string', value],
    ['nothing', Buffer.alloc(0)],
    ['the digest twice', block(info, info)],
    ['trailing data', block(info, GARBAGE(4))],
    ['a trailing zero', block(info, [0])],
    ['no NULL', sequence(sequence(oid), value)],
    ['no algorithm', sequence(value)],
    ['no digest', sequence(algorithm)],
    ['an empty digest', sequence(algorithm, tlv(4))],
    ['a digest that is truncated', sequence(algorithm, tlv(4, digest.subarray(0, -1)))],
    ['a digest with an extra byte', sequence(algorithm, tlv(4, digest, [0]))],
    ['a digest of zeros', sequence(algorithm, tlv(4, Buffer.alloc(digest.length)))],
    ['the digest of the digest', digestInfoOf(digestOf(name, digest))],
    ['the digest before the algorithm', sequence(value, algorithm)],
    ['garbage after the digest, inside the sequence', sequence(algorithm, value, tlv(4, GARBAGE(20)))],
    ['garbage after NULL', sequence(sequence(oid, NULL, tlv(4, GARBAGE(20))), value)],
    ['garbage in NULL', sequence(sequence(oid, tlv(5, GARBAGE(20))), value)],
    ['garbage instead of NULL', sequence(sequence(oid, tlv(4, GARBAGE(20))), value)],
    ['an empty sequence instead of NULL', sequence(sequence(oid, sequence()), value)],
    ['NULL twice', sequence(sequence(oid, NULL, NULL), value)],
    ['NULL before the name', sequence(sequence(NULL, oid), value)],
    ['a sequence around it', sequence(info)],
    ['an octet string around it', tlv(4, info)],
  ])('refuses instead of DigestInfo: %s', async (_name, tail) => {
    expect(await judge(token(encode(tail, length)))).toEqual(FORGED)
  })

  test.each<[string, Buffer]>([
    ['of everything, in two bytes', long(0x30, block(algorithm, value))],
    ['of everything, in three bytes', long(0x30, block(algorithm, value), 2)],
    ['of the algorithm', sequence(long(0x30, block(oid, NULL)), value)],
    ['of the name', sequence(sequence(long(6, OIDS[name]), NULL), value)],
    ['of NULL', sequence(sequence(oid, long(5, Buffer.alloc(0))), value)],
    ['of the digest', sequence(algorithm, long(4, digest))],
    ['of the digest, in nine bytes', sequence(algorithm, long(4, digest, 8))],
    ['of all, not said', block([0x30, 0x80], algorithm, value, [0, 0])],
    ['of the algorithm, in indefinite form', sequence(block([0x30, 0x80], oid, NULL, [0, 0]), value)],
    ['of everything, one too many', block([0x30, algorithm.length + value.length + 1], algorithm, value)],
    ['of everything, one too few', block([0x30, algorithm.length + value.length - 1], algorithm, value)],
    [
      'of the digest, in segments',
      sequence(algorithm, tlv(0x24, tlv(4, digest.subarray(0, 9)), tlv(4, digest.subarray(9)))),
    ],
  ])('refuses a length: %s', async (_name, tail) => {
    expect(await judge(token(encode(tail, length)))).toEqual(FORGED)
  })

  test('refuses any other tag instead of a valid one', async () => {
    const places = [0, 2, 4, 4 + oid.length, 4 + oid.length + NULL.length]
    expect(places.map((place) => info[place])).toEqual([0x30, 0x30, 6, 5, 4])
    for (const place of places) {
      for (const tag of [0x00, 0x01, 0x02, 0x03, 0x0c, 0x24, 0x31, 0x80, 0xa0]) {
        const tail = Buffer.from(info)
        tail[place] = tag
        expect(await judge(token(encode(tail, length))), `tag ${tag} at ${place}`).toEqual(FORGED)
      }
    }
  })

  test('refuses any single flipped bit of the block', async () => {
    const encoded = encode(info, length)
    for (let bit = 0; bit < 8 * length; bit += 29) {
      const changed = Buffer.from(encoded)
      changed[bit >> 3]! ^= 0x80 >> (bit & 7)
      expect(await judge(token(changed)), `bit ${bit}`).toEqual(FORGED)
    }
  })

  const others = (Object.keys(OIDS) as DigestName[]).filter((other) => other !== name)
  test.each(others)('refuses %s, otherwise well formed', async (other) => {
    expect(await judge(token(encode(digestInfo(other, input), length)))).toEqual(FORGED)
  })

  test.each(others)(
    'refuses the name of %s with the right digest, and the right name with its digest',
    async (other) => {
      const named = sequence(sequence(tlv(6, OIDS[other]), NULL), value)
      const digested = digestInfoOf(digestOf(other, input))
      for (const tail of [named, digested]) expect(await judge(token(encode(tail, length)))).toEqual(FORGED)
    },
  )

  test.each([
    ['with an arc in more bytes than it needs', block(OIDS[name].subarray(0, -1), [0x80], OIDS[name].subarray(-1))],
    ['with an extra arc', block(OIDS[name], [0])],
    ['with a missing arc', OIDS[name].subarray(0, -1)],
    ['that is empty', Buffer.alloc(0)],
    ['of RSA with this digest', raw(`2a864886f70d01010${{ RS256: 'b', RS384: 'c', RS512: 'd' }[alg]}`)],
    ['of RSA', raw('2a864886f70d010101')],
  ])('refuses a name %s', async (_name, other) => {
    expect(await judge(token(encode(sequence(sequence(tlv(6, other), NULL), value), length)))).toEqual(FORGED)
  })

  function digestInfoOf(other: Buffer): Buffer {
    return sequence(algorithm, tlv(4, other))
  }
})

test('a signature opens to its block', () => {
  const encoded = block([0, 2], GARBAGE(254))
  const opened = publicDecrypt(
    { key: createPublicKey(KEYS[2048]), padding: constants.RSA_NO_PADDING },
    rawSignature(KEYS[2048], encoded),
  )
  expect(opened).toEqual(encoded)
})
