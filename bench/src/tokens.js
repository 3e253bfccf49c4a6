import { progress } from './report.js'

/** @typedef {import('@clerk-auth/local').LocalClerk} LocalClerk */

const HOUR_IN_SECONDS = 3600

/**
 * Session tokens of an admin, no two alike, with issuer and key id as a real instance has them: those of a local one
 * are known by their form, so they would save the verifier a look.
 *
 * @param {LocalClerk} local
 * @param {number} count
 */
export async function mintTokens(local, count) {
  progress(`minting ${count} tokens`)
  /** @type {Parameters<LocalClerk['sessionToken']>[0]} */
  const input = {
    ttlInSeconds: HOUR_IN_SECONDS,
    claims: { iss: 'https://clerk.example.com' },
    header: { kid: 'ins_2cVQxYkE9zZ1mPq7RtW3aBnL5dJ' },
  }
  return Promise.all(Array.from({ length: count }, () => local.sessionToken(input)))
}

/**
 * The same token for somebody else, under the old signature.
 *
 * @param {string} token
 */
export function tamper(token) {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'user_mallory' })).toString('base64url')
  return [header, forged, signature].join('.')
}
