import { constants, createHash, privateEncrypt, type KeyObject } from 'node:crypto'
import { block, sequence, tlv } from './der.js'

export const NULL = tlv(5)

/** Object identifiers of digests (RFC 8017 appendix B.1), without their tag. */
export const OIDS = {
  md5: Buffer.from('2a864886f70d0205', 'hex'),
  sha1: Buffer.from('2b0e03021a', 'hex'),
  sha224: Buffer.from('608648016503040204', 'hex'),
  sha256: Buffer.from('608648016503040201', 'hex'),
  sha384: Buffer.from('608648016503040202', 'hex'),
  sha512: Buffer.from('608648016503040203', 'hex'),
  'sha512-256': Buffer.from('608648016503040206', 'hex'),
  'sha3-256': Buffer.from('608648016503040208', 'hex'),
} as const

export type DigestName = keyof typeof OIDS

export function digestOf(name: DigestName, message: string | Uint8Array): Buffer {
  return createHash(name).update(message).digest()
}

/** `DigestInfo` of RFC 8017 section 9.2. */
export function digestInfo(name: DigestName, message: string): Buffer {
  return sequence(sequence(tlv(6, OIDS[name]), NULL), tlv(4, digestOf(name, message)))
}

/** EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): `00 01`, as many `ff` as fit, `00`, and `tail`. */
export function encode(tail: Buffer, length: number): Buffer {
  return block([0, 1], Buffer.alloc(length - 3 - tail.length, 0xff), [0], tail)
}

/** RSASP1 (RFC 8017 section 5.2.1): the signature that opens to `encoded`, whatever that is. */
export function rawSignature(key: KeyObject, encoded: Uint8Array): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}
