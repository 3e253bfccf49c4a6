import { toBigInt, toBytes } from './numbers.js'

/** A curve's prime and the order of its group: FIPS 186-4, appendix D.1.2. */
export const CURVES = {
  'P-256': {
    length: 32,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    length: 48,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  'P-521': {
    length: 66,
    prime: 2n ** 521n - 1n,
    order:
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
} as const

export interface EcdsaSignature {
  readonly r: bigint
  readonly s: bigint
}

export function readRaw(signature: Buffer): EcdsaSignature {
  const half = signature.length / 2
  return { r: toBigInt(signature.subarray(0, half)), s: toBigInt(signature.subarray(half)) }
}

/** RFC 7518 section 3.4. */
export function raw({ r, s }: EcdsaSignature, length: number): Buffer {
  return Buffer.concat([toBytes(r, length), toBytes(s, length)])
}

/** Values at the edge of the range of `r` and `s`. No pair of them is a valid signature. */
export function edges(curve: keyof typeof CURVES): Record<string, bigint> {
  const { length, prime, order } = CURVES[curve]
  return {
    '0': 0n,
    '1': 1n,
    'n - 1': order - 1n,
    n: order,
    'n + 1': order + 1n,
    p: prime,
    'p + 1': prime + 1n,
    'all ones': 2n ** BigInt(8 * length) - 1n,
  }
}

type LengthBytes = (length: number) => readonly number[]

const shortest: LengthBytes = (length) => (length < 128 ? [length] : [0x81, length])
const long: LengthBytes = (length) => [0x81, length]
const longer: LengthBytes = (length) => [0x82, 0, length]

function der(tag: number, content: Buffer, lengthOf: LengthBytes): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

/** A DER INTEGER. A number whose first bit is set gets a leading zero unless `signed`; `zeros` adds more of them. */
export function integer(value: bigint, { zeros = 0, signed = false, lengthOf = shortest } = {}): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  const sign = bytes[0]! >= 0x80 && !signed ? 1 : 0
  return der(2, Buffer.concat([Buffer.alloc(sign + zeros), bytes]), lengthOf)
}

export function sequence(content: readonly Buffer[], lengthOf: LengthBytes = shortest): Buffer {
  return der(0x30, Buffer.concat(content), lengthOf)
}

/** SEQUENCE { r, s } in DER, in BER, and malformed. */
export function encodings({ r, s }: EcdsaSignature): Record<string, Buffer> {
  const pair = [integer(r), integer(s)]
  const good = sequence(pair)
  return {
    valid: good,
    'with a long length': sequence(pair, long),
    'with a longer length': sequence(pair, longer),
    'with a zero before r': sequence([integer(r, { zeros: 1 }), integer(s)]),
    'with a zero before s': sequence([integer(r), integer(s, { zeros: 1 })]),
    'with long lengths within': sequence([integer(r, { lengthOf: long }), integer(s, { lengthOf: long })]),
    'with a negative r': sequence([integer(r, { signed: true }), integer(s)]),
    'of indefinite length': Buffer.concat([Buffer.of(0x30, 0x80), ...pair, Buffer.of(0, 0)]),
    'with trailing data': Buffer.concat([good, Buffer.of(0)]),
    'with an additional element': sequence([...pair, Buffer.of(5, 0)]),
    truncated: good.subarray(0, -1),
    'without s': sequence([integer(r)]),
    empty: sequence([]),
    'of octet strings': sequence(pair.map((one) => Buffer.concat([Buffer.of(4), one.subarray(1)]))),
    'in a bit string': der(3, Buffer.concat([Buffer.of(0), good]), shortest),
  }
}
