import type { World } from '../state/world.js'

/** Removes an OAuth application with the opaque tokens that were granted to it. */
export function removeOAuthApplication({ oauth_applications, oauth_tokens }: World, id: string): void {
  const clientId = oauth_applications.byId(id)?.client_id
  if (clientId === undefined) return
  for (const token of oauth_tokens.where('client_id', clientId)) oauth_tokens.remove(token.id)
  oauth_applications.remove(id)
}
