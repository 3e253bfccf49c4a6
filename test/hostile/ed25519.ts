import { createHash } from 'node:crypto'
import type { KeyPair } from './keys.js'
import { littleEndian, toLittleEndian } from './numbers.js'

/** Order of the group: RFC 8032 section 5.1. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n

/** Points of small order, in canonical and in non-canonical encodings: the last bit is the sign of x. */
export const SMALL_POINTS = {
  'the neutral element': point('0100000000000000000000000000000000000000000000000000000000000000'),
  'the neutral element, with a sign': point('0100000000000000000000000000000000000000000000000000000000000080'),
  'the neutral element, not reduced': point('eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
  'a point of order 2': point('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
  'a point of order 4': point('0000000000000000000000000000000000000000000000000000000000000000'),
  'a point of order 4, not reduced': point('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
  'a point of order 8': point('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
} as const

function point(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

export function split(signature: Buffer): { readonly r: Buffer; readonly s: bigint } {
  return { r: signature.subarray(0, 32), s: littleEndian(signature.subarray(32)) }
}

export function joined(r: Buffer, s: bigint): Buffer {
  return Buffer.concat([r, toLittleEndian(s, 32)])
}

/**
 * Signs with the nonce 0 (RFC 8032 section 5.1.6), and writes `r` instead of the neutral element. Only a verifier
 * that multiplies by the cofactor, or accepts another encoding of the same point, accepts that.
 */
export function withNonceZero({ privateKey, jwk }: KeyPair, r: Buffer): (signingInput: Buffer) => Buffer {
  const { d } = privateKey.export({ format: 'jwk' })
  const secret = createHash('sha512').update(Buffer.from(d!, 'base64url')).digest().subarray(0, 32)
  secret[0]! &= 248
  secret[31] = (secret[31]! & 127) | 64
  return (signingInput) => {
    const publicKey = Buffer.from(jwk['x'] as string, 'base64url')
    const k = littleEndian(createHash('sha512').update(r).update(publicKey).update(signingInput).digest())
    return joined(r, (k * littleEndian(secret)) % L)
  }
}
