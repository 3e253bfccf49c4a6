import type { MaybePromise } from '../support/maybe-promise.js'

/** The requirements of each JWS algorithm (RFC 7518 section 3.1, RFC 8037, RFC 9864) for keys and signatures. */
export const ALGORITHMS = {
  RS256: { kty: 'RSA', hash: 256, padding: 'pkcs1' },
  RS384: { kty: 'RSA', hash: 384, padding: 'pkcs1' },
  RS512: { kty: 'RSA', hash: 512, padding: 'pkcs1' },
  PS256: { kty: 'RSA', hash: 256, padding: 'pss' },
  PS384: { kty: 'RSA', hash: 384, padding: 'pss' },
  PS512: { kty: 'RSA', hash: 512, padding: 'pss' },
  ES256: { kty: 'EC', crv: 'P-256', hash: 256 },
  ES384: { kty: 'EC', crv: 'P-384', hash: 384 },
  ES512: { kty: 'EC', crv: 'P-521', hash: 512 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
} as const

// Chosen here, never by the token: RFC 8725 section 3.1. No HMAC, no `none`.
export type Algorithm = keyof typeof ALGORITHMS

export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === 'string' && Object.hasOwn(ALGORITHMS, value)
}

/** The public members of a JSON Web Key that define the key (RFC 7638 section 3.2). */
export type PublicJwk =
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }

/**
 * Whether `signature` is a valid signature of `signingInput` by the key of this function; `undefined` if it cannot be
 * verified now, because too many others are waiting.
 */
export type VerifySignature = (
  signingInput: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => MaybePromise<boolean | undefined>
