import type { World } from '../state/world.js'
import { revokeGrant } from './oauth-grant.js'

/** Removes an OAuth application with what was granted to it: authorizations, refresh tokens and opaque access tokens. */
export function removeOAuthApplication(world: World, id: string): void {
  const { oauth_applications, oauth_grants, oauth_tokens } = world
  const clientId = oauth_applications.byId(id)?.client_id
  if (clientId === undefined) return
  for (const grant of oauth_grants.where('client_id', clientId)) revokeGrant(world, grant)
  for (const token of oauth_tokens.where('client_id', clientId)) oauth_tokens.remove(token.id)
  oauth_applications.remove(id)
}
