import type { OAuthApplication } from '../model/oauth-application.js'
import type { World } from '../state/world.js'
import { available, defaultScopes, isScope, scopeList } from '../tokens/oauth-scopes.js'
import { OAuthError } from './oauth-error.js'

/**
 * The scopes that a client requests, or the default ones that it may have.
 *
 * @throws {OAuthError} if it may not have one of them
 */
export function requestedScopes(scope: string | undefined, client: OAuthApplication, world: World): readonly string[] {
  const allowed = available(scopeList(client.scopes), world)
  if (scope === undefined) return defaultScopes(world).filter((one) => allowed.includes(one))
  return onlyAllowed(scopeList(scope), allowed)
}

/**
 * Returns the requested scopes.
 *
 * @throws {OAuthError} in Clerk's words, if one is not allowed
 */
export function onlyAllowed(requested: readonly string[], allowed: readonly string[]): readonly string[] {
  const wrong = requested.find((scope) => !allowed.includes(scope))
  if (wrong === undefined) return requested
  const name = isScope(wrong) ? ` The OAuth 2.0 Client is not allowed to request scope '${wrong}'.` : ''
  throw new OAuthError('invalid_scope', `The requested scope is invalid, unknown, or malformed.${name}`)
}
