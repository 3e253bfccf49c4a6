import { createECDH, createHash } from 'node:crypto'
import { ORDERS, toBigInt, toBytes } from '../../packages/core/test/fixtures.js'

/** A curve of FIPS 186-4 appendix D.1.2: y² = x³ - 3x + b over the integers modulo p, with n points. */
export interface Curve {
  readonly crv: 'P-256' | 'P-384' | 'P-521'
  readonly p: bigint
  readonly n: bigint
  /** Bytes of a coordinate, and of each half of a signature. */
  readonly length: number
}

export const CURVES = {
  ES256: { crv: 'P-256', p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n, n: ORDERS['P-256'], length: 32 },
  ES384: { crv: 'P-384', p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n, n: ORDERS['P-384'], length: 48 },
  ES512: { crv: 'P-521', p: 2n ** 521n - 1n, n: ORDERS['P-521'], length: 66 },
} as const satisfies Record<string, Curve>

export type EcdsaName = keyof typeof CURVES

export interface Point {
  readonly x: bigint
  readonly y: bigint
}

const ECDH_NAMES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' } as const

/** k·G, for any k except a multiple of n. */
export function multipleOfG({ crv, n, length }: Curve, k: bigint): Point {
  const ecdh = createECDH(ECDH_NAMES[crv])
  ecdh.setPrivateKey(toBytes(mod(k, n), length))
  const bytes = ecdh.getPublicKey().subarray(1)
  return { x: toBigInt(bytes.subarray(0, length)), y: toBigInt(bytes.subarray(length)) }
}

/** The point with this x, if there is one. Each p is 3 modulo 4, so a square root is one exponentiation. */
export function pointAt(curve: Curve, x: bigint): Point | undefined {
  const { p } = curve
  const g = multipleOfG(curve, 1n)
  const b = g.y ** 2n - g.x ** 3n + 3n * g.x
  const square = mod(x ** 3n - 3n * x + b, p)
  const y = power(square, (p + 1n) / 4n, p)
  return mod(y * y, p) === square ? { x, y } : undefined
}

/** The sum of two points that are neither equal nor opposite. */
export function sum({ p }: Curve, one: Point, other: Point): Point {
  const slope = mod((other.y - one.y) * inverse(other.x - one.x, p), p)
  const x = mod(slope * slope - one.x - other.x, p)
  return { x, y: mod(slope * (one.x - x) - one.y, p) }
}

export function jwkOf({ crv, length }: Curve, { x, y }: Point): { kty: 'EC'; crv: string; x: string; y: string } {
  const encode = (coordinate: bigint) => toBytes(coordinate, length).toString('base64url')
  return { kty: 'EC', crv, x: encode(x), y: encode(y) }
}

/** The number that ECDSA signs for a message (FIPS 186-4 section 6.4): no digest here is longer than n. */
export function digestOf(alg: EcdsaName, message: string): bigint {
  return toBigInt(
    createHash(`sha${alg.slice(2)}`)
      .update(message)
      .digest(),
  )
}

export function mod(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus
}

/** By Fermat's little theorem: p and n are prime. */
export function inverse(value: bigint, prime: bigint): bigint {
  return power(mod(value, prime), prime - 2n, prime)
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = mod(base, modulus)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square, modulus)
    square = mod(square * square, modulus)
  }
  return result
}
