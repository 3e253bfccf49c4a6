import { decodeBase64url, importKey, sha256 } from '#signature'
import { ALGORITHMS, type Algorithm, type PublicJwk, type VerifySignature } from '../crypto/algorithms.js'
import { andThen, rescue, type MaybePromise } from '../support/maybe-promise.js'

/** A public key, ready to verify. */
export interface VerificationKey {
  /** Identifies the key independently of its `kid`: RFC 7638. */
  readonly thumbprint: string
  /** Bytes. Signatures of any other length are refused without verification. */
  readonly signatureLength: number
  /** By algorithm. Algorithms not listed here must not be used with this key. */
  readonly verifiers: ReadonlyMap<Algorithm, VerifySignature>
}

/**
 * Imports a JSON Web Key (RFC 7517). Private members are ignored.
 *
 * @returns `undefined` for an unsuitable key: symmetric, for a different use, too weak, too large or invalid
 */
export function importJwk(jwk: unknown): MaybePromise<VerificationKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const candidate = jwk as Readonly<Record<string, unknown>>
  if (!isMeantToVerify(candidate)) return undefined
  const shape = checkShape(candidate)
  if (!shape) return undefined
  const algorithms = algorithmsOf(shape.publicJwk, candidate['alg'])
  if (algorithms.length === 0) return undefined

  const { publicJwk, signatureLength } = shape
  // Import fails, for example, for a point that is not on its curve.
  return rescue(
    () =>
      andThen(importKey(publicJwk, algorithms), (verifiers) =>
        andThen(thumbprintOf(publicJwk), (thumbprint) => ({ thumbprint, signatureLength, verifiers })),
      ),
    () => undefined,
  )
}

function isMeantToVerify({ use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

/** A key with an `alg` is used with that one only. A key without is used with all algorithms of its type except PS*. */
function algorithmsOf(jwk: PublicJwk, alg: unknown): Algorithm[] {
  const fitting = (Object.keys(ALGORITHMS) as Algorithm[]).filter((name) => {
    const rule = ALGORITHMS[name]
    return rule.kty === jwk.kty && (!('crv' in rule) || ('crv' in jwk && rule.crv === jwk.crv))
  })
  if (alg === undefined) return fitting.filter((name) => !name.startsWith('PS'))
  const named = fitting.filter((name) => name === alg)
  return jwk.kty === 'OKP' && named.length > 0 ? fitting : named // EdDSA and Ed25519 are one algorithm: RFC 9864
}

interface KeyShape {
  readonly publicJwk: PublicJwk
  readonly signatureLength: number
}

function checkShape({ kty, n, e, crv, x, y }: Readonly<Record<string, unknown>>): KeyShape | undefined {
  switch (kty) {
    case 'RSA':
      return rsaShape(n, e)
    case 'EC':
      return ecShape(crv, x, y)
    case 'OKP':
      return okpShape(crv, x)
    default:
      return undefined // in particular `oct`: a secret in a public key set is not secret
  }
}

const MIN_RSA_BITS = 2048 // RFC 7518 section 3.3
const MAX_RSA_BITS = 8192 // verification with larger keys takes too long

function rsaShape(n: unknown, e: unknown): KeyShape | undefined {
  const modulus = unsigned(n)
  const exponent = unsigned(e)
  if (!modulus || !exponent) return undefined
  const bits = bitLength(modulus)
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || isEven(modulus)) return undefined
  // The exponent must be odd, at least 3, and small: large ones make verification slow.
  if (bitLength(exponent) < 2 || bitLength(exponent) > 33 || isEven(exponent)) return undefined
  return { publicJwk: { kty: 'RSA', n: n as string, e: e as string }, signatureLength: Math.ceil(bits / 8) }
}

const COORDINATE_LENGTHS: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
])

function ecShape(crv: unknown, x: unknown, y: unknown): KeyShape | undefined {
  const length = COORDINATE_LENGTHS.get(crv)
  if (!length || octets(x)?.length !== length || octets(y)?.length !== length) return undefined
  const publicJwk: PublicJwk = { kty: 'EC', crv: crv as string, x: x as string, y: y as string }
  return { publicJwk, signatureLength: 2 * length }
}

function okpShape(crv: unknown, x: unknown): KeyShape | undefined {
  const point = octets(x)
  if (crv !== 'Ed25519' || point?.length !== 32 || !isReduced(point) || isSmallOrder(point)) return undefined
  return { publicJwk: { kty: 'OKP', crv: 'Ed25519', x: x as string }, signatureLength: 64 }
}

/** Whether y is below p = 2^255 - 19, so that each key has one encoding: RFC 8032 section 5.1.3. */
function isReduced(point: Uint8Array): boolean {
  return point[0]! < 0xed || point.subarray(1, 31).some((octet) => octet !== 0xff) || (point[31]! & 0x7f) !== 0x7f
}

// The y coordinates of the points of order 1, 2, 4 and 8, as Ed25519 encodes them (RFC 8032 section 5.1.2). With such a
// key, one signature is valid for many messages.
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

function isSmallOrder(point: Uint8Array): boolean {
  const withoutSign = point.map((octet, i) => (i === 31 ? octet & 0x7f : octet))
  return SMALL_ORDER.has(Array.from(withoutSign, (octet) => octet.toString(16).padStart(2, '0')).join(''))
}

/** RFC 7638: the required members in lexicographic order, without whitespace. */
function thumbprintOf(jwk: PublicJwk): MaybePromise<string> {
  return sha256(JSON.stringify(jwk, Object.keys(jwk).sort()))
}

function octets(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? decodeBase64url(value) : undefined
}

/** The bytes of a Base64urlUInt (RFC 7518 section 2), which has no leading zero. */
function unsigned(value: unknown): Uint8Array | undefined {
  const number = octets(value)
  return number?.[0] ? number : undefined
}

function bitLength(number: Uint8Array): number {
  return number.length * 8 - (Math.clz32(number[0]!) - 24)
}

function isEven(number: Uint8Array): boolean {
  return (number.at(-1)! & 1) === 0
}
