// Settings for the guards of all frameworks.
import { ISSUER } from './token-parts.js'

export const JWT_KEY = process.env['BENCH_JWT_KEY'] ?? ''
/** The response of the route without a guard, which does not read the token. */
export const USER_ID = process.env['BENCH_USER_ID'] ?? ''

const KEY = { jwtKey: JWT_KEY, issuer: ISSUER }
export const OURS = KEY
/** Without a cache, every token is new. */
export const OURS_NEW = { ...OURS, cache: { maxEntries: 0 } }
export const OFFICIAL = {
  ...KEY,
  publishableKey: `pk_live_${Buffer.from(`${new URL(ISSUER).host}$`).toString('base64')}`,
  secretKey: 'sk_live_no_request_is_made_with_it',
}
