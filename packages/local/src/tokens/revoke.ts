import type { StoredToken, TokenStore } from './token-store.js'

/**
 * Revokes an opaque token or an API key.
 *
 * @throws {TypeError} if it is a JWT, or not in any of the stores
 */
export function revokeIn(
  stores: readonly Pick<TokenStore<StoredToken>, 'byId' | 'byToken' | 'revoke'>[],
  tokenOrId: string,
  reason: string | null,
  now: number,
): void {
  if (tokenOrId.includes('.')) throw new TypeError('JWTs cannot be revoked: they are valid until they expire')
  for (const store of stores) {
    const found = store.byToken(tokenOrId) ?? store.byId(tokenOrId)
    if (found) return void store.revoke(found.id, reason, now)
  }
  throw new TypeError('revoke() takes a token or API key of this instance, or its id')
}
