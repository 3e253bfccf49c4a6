import type { OAuthGrant } from '../model/oauth-grant.js'
import type { World } from '../state/world.js'
import { revokeToken } from './opaque-token.js'

/** The grant that a refresh token or an opaque access token belongs to. */
export function grantOfToken(world: World, token: string): OAuthGrant | undefined {
  const found = world.oauth_refresh_tokens.find('token', token) ?? world.oauth_tokens.find('token', token)
  return world.oauth_grants.byId(found?.grant_id ?? '')
}

/** Ends a grant: its refresh tokens and opaque access tokens. JWTs are valid until they expire. */
export function revokeGrant(world: World, { id }: OAuthGrant): void {
  for (const token of world.oauth_tokens.where('grant_id', id)) revokeToken(world.oauth_tokens, token, null)
  for (const token of world.oauth_refresh_tokens.where('grant_id', id)) world.oauth_refresh_tokens.remove(token.id)
  world.oauth_grants.remove(id)
}
