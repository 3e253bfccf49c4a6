import type { StoredToken, TokenStore } from './token-store.js'

/**
 * Revokes an opaque token or an API key.
 *
 * @throws {TypeError} when it is a JWT, or none of the stores knows it
 */
export function revokeIn(
  stores: readonly Pick<TokenStore<StoredToken>, 'byId' | 'byToken' | 'revoke'>[],
  tokenOrId: string,
  reason: string | null,
  now: number,
): void {
  if (tokenOrId.includes('.')) throw new TypeError('JWTs cannot be revoked: they stand until they expire')
  for (const store of stores) {
    const found = store.byToken(tokenOrId) ?? store.byId(tokenOrId)
    if (found) return void store.revoke(found.id, reason, now)
  }
  throw new TypeError('revoke() takes a token or key of this instance, or its id, and this is none')
}
