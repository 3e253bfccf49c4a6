import type { Algorithm } from '../model/signing-key.js'

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
