// Separate from minting, so that a server under test does not load it.

export const ISSUER = 'https://clerk.example.com'

/** @param {'RS256' | 'ES256' | 'EdDSA'} algorithm */
export function headerOf(algorithm) {
  return { alg: algorithm, cat: 'cl_B7d4PD111AAA', kid: 'ins_2cVQxYkE9zZ1mPq7RtW3aBnL5dJ', typ: 'JWT' }
}

/**
 * The same token with another subject and the old signature.
 *
 * @param {string} token
 */
export function tamper(token) {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'user_mallory' })).toString('base64url')
  return [header, forged, signature].join('.')
}
