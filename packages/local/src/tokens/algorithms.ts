/** An algorithm that the instance can sign with. Clerk's own instances use RS256. */
export type Algorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA'

const RSA = { name: 'RSASSA-PKCS1-v1_5' }

/** WebCrypto's parameters for each algorithm: RFC 7518 section 3, RFC 8037. */
export const SIGNING_PARAMETERS: Readonly<Record<Algorithm, AlgorithmIdentifier | RsaPssParams | EcdsaParams>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  PS384: { name: 'RSA-PSS', saltLength: 48 },
  PS512: { name: 'RSA-PSS', saltLength: 64 },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', hash: 'SHA-384' },
  ES512: { name: 'ECDSA', hash: 'SHA-512' },
  EdDSA: { name: 'Ed25519' },
}

export const ALGORITHMS = Object.keys(SIGNING_PARAMETERS)

export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === 'string' && ALGORITHMS.includes(value)
}
