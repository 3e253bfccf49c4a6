import { createHash } from 'node:crypto'
import { toBytes } from '../../packages/core/test/fixtures.js'
import { block } from './der.js'

/** The steps of EMSA-PSS-ENCODE (RFC 8017 section 9.1.1), each of which can be replaced. */
export interface PssOptions {
  readonly message: string
  /** Bytes of the block: those of the modulus, if its length is a multiple of 8. */
  readonly length: number
  readonly digest: string
  readonly maskDigest?: string
  readonly salt?: Buffer
  /** What is hashed into H. */
  readonly hashed?: (messageDigest: Buffer, salt: Buffer) => Buffer
  /** DB: padding, a one, the salt. */
  readonly data?: (padding: Buffer, salt: Buffer) => Buffer
  /** MGF1's counter: from 0, big-endian. */
  readonly counter?: (i: number) => Buffer
  readonly trailer?: readonly number[]
  /** The bits above the length of the modulus minus one are 0. */
  readonly highestBit?: 0 | 1
}

export function encodePss(options: PssOptions): Buffer {
  const { message, length, digest, maskDigest = digest, trailer = [0xbc], highestBit = 0 } = options
  const { counter = (i) => toBytes(BigInt(i), 4) } = options
  const hash = (name: string, data: Uint8Array) => createHash(name).update(data).digest()
  const messageDigest = hash(digest, Buffer.from(message))
  const salt = options.salt ?? Buffer.alloc(Number(digest.slice(-3)) / 8, 7)

  const hashed = options.hashed ?? ((digested, salt) => block(Buffer.alloc(8), digested, salt))
  const h = hash(digest, hashed(messageDigest, salt))
  const padding = Buffer.alloc(length - salt.length - h.length - trailer.length - 1)
  const data = options.data ? options.data(padding, salt) : block(padding, [1], salt)

  let mask = Buffer.alloc(0)
  for (let i = 0; mask.length < data.length; i++) mask = Buffer.concat([mask, hash(maskDigest, block(h, counter(i)))])
  const masked = data.map((byte, i) => byte ^ mask[i]!)
  masked[0] = (masked[0]! & 0x7f) | (highestBit << 7)
  return block(masked, h, trailer)
}
