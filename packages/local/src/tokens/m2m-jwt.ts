import { CATEGORIES } from './token-kind.js'
import type { KeyRing } from './keys.js'
import type { StoredM2MToken } from './m2m-token.js'
import { verifyOwnJwt } from './own-jwt.js'

/** Of tokens of another kind, which the same keys sign. A header without a category is that of an older token. */
const OTHER_CATEGORIES: readonly unknown[] = [CATEGORIES.session_token, CATEGORIES.jwt_template]

/**
 * What an M2M JWT says, as if it had been kept. Its custom claims are all those that the instance did not put there.
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` when the token is no M2M JWT of this instance, or does not stand at that moment
 */
export async function m2mTokenOfJwt(token: string, keys: KeyRing, now: number): Promise<StoredM2MToken | undefined> {
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
    revocationReason: null,
    expiration: exp * 1000,
    lastUsedAt: null,
    createdAt: iat * 1000,
    updatedAt: iat * 1000,
  }
}
