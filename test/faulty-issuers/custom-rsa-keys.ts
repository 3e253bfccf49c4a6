import { createHash, generatePrimeSync } from 'node:crypto'
import type { Jwk } from './signer.js'

/** An RSA key with chosen numbers, which no library would generate. */
export interface RsaByHand {
  readonly jwk: Jwk
  /** RSASSA-PKCS1-v1_5 with SHA-256: RFC 8017 section 8.2.1. */
  readonly sign: (input: string) => Buffer
}

export function rsaByHand(primes: readonly bigint[], e: bigint): RsaByHand {
  const n = primes.reduce((product, prime) => product * prime)
  const d = inverseOf(
    e,
    primes.reduce((product, prime) => product * (prime - 1n), 1n),
  )
  const size = encodeRequest(n).length
  return {
    jwk: { kty: 'RSA', n: encodeRequest(n).toString('base64url'), e: encodeRequest(e).toString('base64url') },
    sign: (input) => {
      const signature = encodeRequest(power(numberOf(encodedMessage(input, size)), d, n))
      return Buffer.concat([Buffer.alloc(size - signature.length), signature])
    },
  }
}

/** Primes with which each of `exponents` gives a key. */
export function primesOf(bits: number, count: number, exponents: readonly bigint[]): bigint[] {
  const primes: bigint[] = []
  while (primes.length < count) {
    const prime = generatePrimeSync(bits, { bigint: true })
    if (exponents.every((e) => gcd(e, prime - 1n) === 1n)) primes.push(prime)
  }
  return primes
}

/** EMSA-PKCS1-v1_5: RFC 8017 section 9.2. */
function encodedMessage(input: string, size: number): Buffer {
  const sha256 = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const hash = Buffer.concat([sha256, createHash('sha256').update(input).digest()])
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size - hash.length - 3, 0xff), Buffer.alloc(1), hash])
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (bit === '1') result = (result * base) % modulus
  }
  return result
}

function inverseOf(value: bigint, modulus: bigint): bigint {
  let [a, b] = [value, modulus]
  let [x, y] = [1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b] = [b, a - quotient * b]
    ;[x, y] = [y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b)
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}

function encodeRequest(number: bigint): Buffer {
  const digits = number.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}
