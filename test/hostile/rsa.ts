import { constants, createHash, privateEncrypt } from 'node:crypto'
import { RSA, type Signer } from './keys.js'
import { toBigInt, toBytes } from './numbers.js'

/** The length of the modulus, in bytes. */
export const K = 256
export const MODULUS = toBigInt(Buffer.from(RSA.jwk['n'] as string, 'base64url'))

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

/** The private-key operation alone, over any encoded message: RFC 8017 section 5.2.1. */
function signEncoded(encoded: Buffer): Buffer {
  return privateEncrypt({ key: RSA.privateKey, padding: constants.RSA_NO_PADDING }, encoded)
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const ones = (count: number) => Buffer.alloc(count, 0xff)
const zeros = (count: number) => Buffer.alloc(count)

/** The DER prefix of a SHA-256 digest: RFC 8017 section 9.2, note 1. */
const PREFIX = hex('30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20')

function padded(info: Buffer, { type = 1, filler = ones, first = 0, separator = Buffer.of(0) } = {}): Buffer {
  const head = Buffer.of(first, type)
  return Buffer.concat([head, filler(K - 2 - separator.length - info.length), separator, info])
}

/** EMSA-PKCS1-v1_5, and encodings that a lenient parser accepts as such. */
const ENCODINGS: Record<string, (digest: Buffer) => Buffer> = {
  'not: valid': (digest) => padded(Buffer.concat([PREFIX, digest])),
  'with garbage after the digest, and 8 bytes of padding': (digest) => garbageAfter(digest, 8),
  'with garbage after the digest, and no padding': (digest) => garbageAfter(digest, 0),
  'with garbage in the parameters': (digest) => garbageInParameters(digest),
  'with garbage before the digest': (digest) => padded(Buffer.concat([Buffer.alloc(64, 0x41), PREFIX, digest])),
  'without the NULL': (digest) =>
    padded(Buffer.concat([hex('30 2f 30 0b 06 09 60 86 48 01 65 03 04 02 01 04 20'), digest])),
  'with a longer NULL': (digest) =>
    padded(Buffer.concat([hex('30 32 30 0e 06 09 60 86 48 01 65 03 04 02 01 05 01 00 04 20'), digest])),
  'with a long length': (digest) =>
    padded(Buffer.concat([hex('30 81 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20'), digest])),
  'with long lengths within': (digest) =>
    padded(Buffer.concat([hex('30 34 30 81 0e 06 81 09 60 86 48 01 65 03 04 02 01 05 00 04 20'), digest])),
  'of indefinite length': (digest) =>
    padded(Buffer.concat([hex('30 80 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20'), digest, zeros(2)])),
  'with the digest in a constructed string': (digest) =>
    padded(Buffer.concat([hex('30 33 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 24 22 04 20'), digest])),
  'with the OID of SHA-1': (digest) =>
    padded(Buffer.concat([hex('30 2d 30 09 06 05 2b 0e 03 02 1a 05 00 04 20'), digest])),
  'with the OID of SHA-512': (digest) =>
    padded(Buffer.concat([hex('30 31 30 0d 06 09 60 86 48 01 65 03 04 02 03 05 00 04 20'), digest])),
  'with an unknown OID': (digest) =>
    padded(Buffer.concat([hex('30 31 30 0d 06 09 60 86 48 01 65 03 04 02 ff 05 00 04 20'), digest])),
  'of the digest alone': (digest) => padded(digest),
  'with a truncated digest': (digest) =>
    padded(Buffer.concat([hex('30 30 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 1f'), digest.subarray(0, 31)])),
  'without a digest': () => padded(hex('30 11 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 00')),
  empty: () => padded(zeros(0)),
  'padded with zeros': (digest) => padded(Buffer.concat([PREFIX, digest]), { filler: zeros }),
  'padded with one byte that is not ff': (digest) =>
    padded(Buffer.concat([PREFIX, digest]), { filler: (count) => Buffer.concat([ones(count - 1), Buffer.of(0xfe)]) }),
  'padded as for encryption': (digest) => padded(Buffer.concat([PREFIX, digest]), { type: 2 }),
  'of type 0': (digest) => padded(Buffer.concat([PREFIX, digest]), { type: 0, filler: zeros }),
  'without a zero after the padding': (digest) =>
    padded(Buffer.concat([PREFIX, digest]), { separator: Buffer.of(0xff) }),
  'with two zeros after the padding': (digest) => padded(Buffer.concat([PREFIX, digest]), { separator: zeros(2) }),
  'that begins with 01': (digest) => padded(Buffer.concat([PREFIX, digest]), { first: 1, type: 0xff }),
}

function garbageAfter(digest: Buffer, padding: number): Buffer {
  const start = Buffer.concat([Buffer.of(0, 1), ones(padding), Buffer.of(0), PREFIX, digest])
  return Buffer.concat([start, Buffer.alloc(K - start.length, 0x41)])
}

function garbageInParameters(digest: Buffer): Buffer {
  const garbage = Buffer.concat([Buffer.of(4, 100), Buffer.alloc(100, 0x41)])
  const oid = hex('06 09 60 86 48 01 65 03 04 02 01')
  const algorithm = Buffer.concat([Buffer.of(0x30, oid.length + garbage.length), oid, garbage])
  const content = Buffer.concat([algorithm, Buffer.of(4, 32), digest])
  return padded(Buffer.concat([Buffer.of(0x30, 0x81, content.length), content]))
}

export const PKCS1_SIGNERS: Readonly<Record<string, Signer>> = Object.fromEntries(
  Object.entries(ENCODINGS).map(([name, encode]) => [name, (input: Buffer) => signEncoded(encode(sha256(input)))]),
)

export interface PssParameters {
  readonly digest?: string
  readonly mask?: string
  readonly saltLength?: number
  readonly trailer?: number
  /** Bytes before the 01 that ends the padding. */
  readonly filler?: number
}

/** EMSA-PSS (RFC 8017 section 9.1.1) with any parameters. */
export function pss({
  digest = 'sha256',
  mask = 'sha256',
  saltLength = 32,
  trailer = 0xbc,
  filler = 0,
}: PssParameters): Signer {
  const hash = (...bytes: Buffer[]) => createHash(digest).update(Buffer.concat(bytes)).digest()
  return (signingInput) => {
    const salt = Buffer.alloc(saltLength, 0x5a)
    const h = hash(zeros(8), hash(signingInput), salt)
    const db = Buffer.concat([Buffer.alloc(K - saltLength - h.length - 2, filler), Buffer.of(1), salt])
    const maskedDb = xor(db, maskOf(h, db.length, mask))
    maskedDb[0]! &= 0x7f
    return signEncoded(Buffer.concat([maskedDb, h, Buffer.of(trailer)]))
  }
}

/** MGF1: RFC 8017 appendix B.2.1. */
function maskOf(seed: Buffer, length: number, digest: string): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0n; Buffer.concat(blocks).length < length; i++)
    blocks.push(
      createHash(digest)
        .update(Buffer.concat([seed, toBytes(i, 4)]))
        .digest(),
    )
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, i) => byte ^ other[i]!))
}
