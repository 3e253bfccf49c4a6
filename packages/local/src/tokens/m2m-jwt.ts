import { CATEGORIES } from './token-kind.js'
import type { KeyRing } from './keys.js'
import type { M2MToken } from '../model/token.js'
import { verifyOwnJwt } from './own-jwt.js'

/** The categories of other kinds of tokens, which the same keys sign. Older tokens have no category. */
const OTHER_CATEGORIES: readonly unknown[] = [CATEGORIES.session_token, CATEGORIES.jwt_template]

/**
 * The record of an M2M JWT, which is not stored. All claims that the instance does not set are custom claims.
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` if the token is not an M2M JWT of this instance, or not valid at that time
 */
export async function m2mTokenOfJwt(token: string, keys: KeyRing, now: number): Promise<M2MToken | undefined> {
  const jwt = await verifyOwnJwt(token, keys)
  if (!jwt || OTHER_CATEGORIES.includes(jwt.header['cat']) || (jwt.header.typ ?? 'JWT') !== 'JWT') return undefined
  const { iss: _iss, aud: _aud, sub, jti, iat, exp, nbf, scopes, ...custom } = jwt.claims
  if (typeof sub !== 'string' || typeof jti !== 'string') return undefined
  if (typeof exp !== 'number' || typeof iat !== 'number' || exp * 1000 <= now) return undefined
  if (typeof nbf === 'number' && nbf * 1000 > now) return undefined
  return {
    id: jti,
    token,
    subject: sub,
    scopes: typeof scopes === 'string' ? scopes.split(' ').filter(Boolean) : [],
    claims: Object.keys(custom).length > 0 ? custom : null,
    revoked: false,
    revocation_reason: null,
    expiration: exp * 1000,
    last_used_at: null,
    created_at: iat * 1000,
    updated_at: iat * 1000,
  }
}
