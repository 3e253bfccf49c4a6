import { ALGORITHMS, type Algorithm, type PublicJwk, type VerifySignature } from './algorithms.js'

export { decodeBase64url } from '../support/base64url.js'

const encoder = new TextEncoder()

/** UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** SHA-256 of a string, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encodeUtf8(text))
  return hexOf(new Uint8Array(digest))
}

/** SHA-1 of a string, in base64url. For names only, never for security. */
export async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', encodeUtf8(text))
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}

/**
 * Creates a verify function for each of `algorithms` from the key in `jwk`.
 *
 * @throws if `jwk` is not a valid key, such as a point that is not on its curve
 */
export async function importKey(
  jwk: PublicJwk,
  algorithms: readonly Algorithm[],
): Promise<ReadonlyMap<Algorithm, VerifySignature>> {
  const pairs = algorithms.map(async (algorithm) => [algorithm, await verifierOf(algorithm, jwk)] as const)
  return new Map(await Promise.all(pairs))
}

/**
 * Converts a public key from PEM (SPKI: RFC 7468 section 13) to a JSON Web Key.
 *
 * @throws {TypeError} synchronously if its algorithm is not in {@link SPKI_ALGORITHMS}; rejects if the key is invalid
 */
export function jwkOfPem(pem: string): Promise<unknown> {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0))
  // SPKI contains the algorithm, but WebCrypto also needs it as a parameter.
  const algorithm = algorithmOf(der)
  if (!algorithm) throw new TypeError('the key is not one of RSA, P-256, P-384, P-521 or Ed25519')
  return crypto.subtle
    .importKey('spki', der, parametersOf(algorithm), true, ['verify'])
    .then((key) => crypto.subtle.exportKey('jwk', key))
}

// The object identifiers in DER: rsaEncryption (RFC 3279 section 2.3.1), id-ecPublicKey with its curve (RFC 5480 section
// 2.1.1), id-Ed25519 (RFC 8410 section 3).
const SPKI_ALGORITHMS = {
  '06092a864886f70d010101': 'RS256',
  '06072a8648ce3d020106082a8648ce3d030107': 'ES256',
  '06072a8648ce3d020106052b81040022': 'ES384',
  '06072a8648ce3d020106052b81040023': 'ES512',
  '06032b6570': 'EdDSA',
} as const satisfies Record<string, Algorithm>

/** SubjectPublicKeyInfo (RFC 5280 section 4.1) is a SEQUENCE that starts with another one, for the algorithm. */
function algorithmOf(der: Uint8Array): Algorithm | undefined {
  const [, length = 0] = der
  const algorithm = 2 + (length < 0x80 ? 0 : length & 0x7f)
  const identifiers = hexOf(der.subarray(algorithm + 2, algorithm + 32))
  return Object.entries(SPKI_ALGORITHMS).find(([identifier]) => identifiers.startsWith(identifier))?.[1]
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}

async function verifierOf(algorithm: Algorithm, jwk: PublicJwk): Promise<VerifySignature> {
  const parameters = parametersOf(algorithm)
  const key = await crypto.subtle.importKey('jwk', { ...jwk }, parameters, false, ['verify'])
  return (signingInput, signature) => crypto.subtle.verify(parameters, key, signature, signingInput)
}

function parametersOf(algorithm: Algorithm) {
  const rule = ALGORITHMS[algorithm]
  switch (rule.kty) {
    case 'RSA':
      return rule.padding === 'pss'
        ? { name: 'RSA-PSS', hash: `SHA-${rule.hash}`, saltLength: rule.hash / 8 }
        : { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${rule.hash}` }
    case 'EC':
      return { name: 'ECDSA', namedCurve: rule.crv, hash: `SHA-${rule.hash}` }
    case 'OKP':
      return { name: 'Ed25519' }
  }
}
