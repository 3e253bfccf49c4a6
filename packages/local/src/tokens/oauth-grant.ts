import type { OAuthGrant } from '../model/oauth-grant.js'
import type { World } from '../state/world.js'
import { revokeToken } from './opaque-token.js'

/** A refresh token or an opaque access token. */
export interface RevocableToken {
  readonly clientId: string
  /** Revokes it with all other tokens of its grant. */
  readonly revoke: () => void
}

/** Returns `undefined` if there is no such token, or it is a JWT. */
export function revocableToken(world: World, token: string): RevocableToken | undefined {
  const opaque = world.oauth_tokens.find('token', token)
  const grant = world.oauth_grants.byId((world.oauth_refresh_tokens.find('token', token) ?? opaque)?.grant_id ?? '')
  if (grant) return { clientId: grant.client_id, revoke: () => revokeGrant(world, grant) }
  return opaque && { clientId: opaque.client_id, revoke: () => void revokeToken(world.oauth_tokens, opaque, null) }
}

/** Ends a grant: its refresh tokens and opaque access tokens. JWTs are valid until they expire. */
export function revokeGrant(world: World, { id }: OAuthGrant): void {
  for (const token of world.oauth_tokens.where('grant_id', id)) revokeToken(world.oauth_tokens, token, null)
  for (const token of world.oauth_refresh_tokens.where('grant_id', id)) world.oauth_refresh_tokens.remove(token.id)
  world.oauth_grants.remove(id)
}
