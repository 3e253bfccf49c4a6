import { ALGORITHMS, type Algorithm, type PublicJwk, type VerifySignature } from './algorithms.js'

export { decodeBase64url } from './base64url.js'

/** SHA-256 of a text, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** SHA-1 of a text, in base64url: for names, never for a proof. */
export async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}

/**
 * Builds the verifying function of each of `algorithms`, for the key that `jwk` describes.
 *
 * @throws where the members of `jwk` are no key, such as a point that is not on its curve
 */
export async function importKey(
  jwk: PublicJwk,
  algorithms: readonly Algorithm[],
): Promise<ReadonlyMap<Algorithm, VerifySignature>> {
  const pairs = algorithms.map(async (algorithm) => [algorithm, await verifierOf(algorithm, jwk)] as const)
  return new Map(await Promise.all(pairs))
}

/** Reads a public key in PEM (SPKI: RFC 7468 section 13), as a JSON Web Key. */
export async function jwkOfPem(pem: string): Promise<unknown> {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0))
  // SPKI names the algorithm inside; WebCrypto wants it named outside too, and refuses the ones that differ.
  const attempts = (['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const).map(async (algorithm) =>
    crypto.subtle.exportKey(
      'jwk',
      await crypto.subtle.importKey('spki', der, parametersOf(algorithm), true, ['verify']),
    ),
  )
  return Promise.any(attempts)
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
