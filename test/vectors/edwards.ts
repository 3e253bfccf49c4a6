import { createHash, type KeyObject } from 'node:crypto'
import { ORDERS, toBigInt, toBytes } from '../../packages/core/test/fixtures.js'

/** Ed25519 (RFC 8032 section 5.1): the prime of its field, and the order of its base point. */
export const P = 2n ** 255n - 19n
export const L = ORDERS.Ed25519

const SIGN = 2n ** 255n
/** All bits of a scalar except the lowest three and the highest (RFC 8032 section 5.1.5). */
const CLEARED = 2n ** 255n - 8n

/** An encoded point: y, with the lowest bit of x above it. */
export function encodePoint(y: bigint, sign: 0 | 1 = 0): Buffer {
  return littleEndian(sign ? y + SIGN : y)
}

export function littleEndian(value: bigint): Buffer {
  return Buffer.from(toBytes(value, 32).toReversed())
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return toBigInt(bytes.toReversed())
}

/** The y of the points whose order divides 8: each belongs to one or two x. */
export const SMALL_ORDERS: Readonly<Record<string, bigint>> = {
  'order 1': 1n,
  'order 2': P - 1n,
  'order 4': 0n,
  'order 8': fromLittleEndian(Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')),
  'order 8, the other y': fromLittleEndian(
    Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
  ),
}

/** The domain separators of the two variants of Ed25519 (RFC 8032 section 2). */
export const DOMAINS = {
  Ed25519: Buffer.alloc(0),
  Ed25519ctx: Buffer.from('SigEd25519 no Ed25519 collisions\x00\x01c', 'latin1'),
  Ed25519ph: Buffer.from('SigEd25519 no Ed25519 collisions\x01\x00', 'latin1'),
} as const

/**
 * The S for an R, computed with the private key (RFC 8032 section 5.1.6), if the scalar of R is 0: then R is the
 * neutral point, or a point of small order that a cofactored check cannot distinguish from it.
 */
export function scalarFor(
  encodedR: Uint8Array,
  privateKey: KeyObject,
  message: Uint8Array,
  domain: Uint8Array = DOMAINS.Ed25519,
): bigint {
  const { d, x } = privateKey.export({ format: 'jwk' })
  const expanded = createHash('sha512').update(Buffer.from(d!, 'base64url')).digest().subarray(0, 32)
  const scalar = (fromLittleEndian(expanded) & CLEARED) | (2n ** 254n)
  const k = createHash('sha512').update(domain).update(encodedR).update(Buffer.from(x!, 'base64url')).update(message)
  return (fromLittleEndian(k.digest()) * scalar) % L
}
