import { createHash } from 'node:crypto'
import type { OAuthApplication } from '../model/oauth-application.js'
import type { OAuthGrant } from '../model/oauth-grant.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { revokeGrant } from '../tokens/oauth-grant.js'
import { available, scopeList } from '../tokens/oauth-scopes.js'
import { resourcesOf } from './authorization-request.js'
import { OAuthError } from './oauth-error.js'
import { required, type OAuthParameters } from './parameters.js'
import { onlyAllowed } from './scopes.js'

/** What a client may get tokens for. */
export interface Redeemed {
  readonly grant: OAuthGrant
  readonly user: User
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
}

/** An error after which the changes stay: a code or token was used again, and its grant has ended. */
export interface Reused {
  readonly error: OAuthError
}

/**
 * Redeems an authorization code or a refresh token, in a transaction of the caller.
 *
 * @throws {OAuthError} if it cannot be redeemed, and the changes must be undone
 */
export function redeem(parameters: OAuthParameters, client: OAuthApplication, world: World): Redeemed | Reused {
  switch (required(parameters, 'grant_type')) {
    case 'authorization_code':
      return redeemCode(parameters, client, world)
    case 'refresh_token':
      return redeemRefreshToken(parameters, client, world)
    default:
      throw new OAuthError('unsupported_grant_type', 'The grant_type is neither authorization_code nor refresh_token.')
  }
}

/** @throws {OAuthError} if the code is not for this client, or not proven to be; then it can still be used */
function redeemCode(parameters: OAuthParameters, client: OAuthApplication, world: World): Redeemed | Reused {
  const grant = world.oauth_grants.find('code', required(parameters, 'code'))
  if (grant?.client_id !== client.client_id) throw invalidCode('unknown')
  if (grant.code_used_at !== null) return reused(world, grant)
  if (world.now() >= grant.code_expire_at) throw invalidCode('expired')
  if (grant.redirect_uri !== null && parameters.get('redirect_uri') !== grant.redirect_uri)
    throw invalidCode('for another redirect_uri')
  checkVerifier(parameters.get('code_verifier'), grant)
  const redeemed = {
    grant,
    user: userOf(grant, world),
    scopes: grant.scopes,
    resources: narrowedResources(parameters, grant),
  }
  world.oauth_grants.update(grant.id, { code_used_at: world.now() })
  return redeemed
}

/** @throws {OAuthError} if the token is not for this client, or more is requested than it gives */
function redeemRefreshToken(parameters: OAuthParameters, client: OAuthApplication, world: World): Redeemed | Reused {
  const token = world.oauth_refresh_tokens.find('token', required(parameters, 'refresh_token'))
  const grant = world.oauth_grants.byId(token?.grant_id ?? '')
  if (!token || grant?.client_id !== client.client_id)
    throw new OAuthError('invalid_grant', 'The refresh token is unknown.')
  if (token.used_at !== null) return reused(world, grant)
  // A scope that the application has lost since is no longer granted.
  const scopes = onlyAllowed(grant.scopes, available(scopeList(client.scopes), world))
  const requested = parameters.get('scope')
  const redeemed = {
    grant,
    user: userOf(grant, world),
    scopes: requested === undefined ? scopes : onlyAllowed(scopeList(requested), scopes),
    resources: narrowedResources(parameters, grant),
  }
  world.oauth_refresh_tokens.update(token.id, { used_at: world.now() })
  return redeemed
}

/** The code or token may have been stolen, and used by an attacker: RFC 6749 section 4.1.2, RFC 9700 section 4.14.2. */
function reused(world: World, grant: OAuthGrant): Reused {
  revokeGrant(world, grant)
  return { error: new OAuthError('invalid_grant', 'It was used before: the tokens issued for it are revoked.') }
}

/** @throws {OAuthError} if the client cannot prove that it started the authorization: RFC 7636 section 4.6 */
function checkVerifier(verifier: string | undefined, { code_challenge }: OAuthGrant): void {
  // A verifier without a challenge: an attacker may have removed the challenge from the authorization request.
  const isProven =
    code_challenge === null
      ? verifier === undefined
      : verifier !== undefined && /^[\w.~-]{43,128}$/.test(verifier) && challengeOf(verifier) === code_challenge
  if (!isProven) throw invalidCode('not for this code_verifier')
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** @throws {OAuthError} if the user can no longer sign in */
function userOf({ subject }: OAuthGrant, { users }: World): User {
  const user = users.byId(subject)
  if (user && !user.banned) return user
  throw new OAuthError('invalid_grant', 'The user was deleted or banned.')
}

/** @throws {OAuthError} if a requested resource was not granted: RFC 8707 section 2.2 */
function narrowedResources(parameters: OAuthParameters, { resources }: OAuthGrant): readonly string[] {
  const requested = resourcesOf(parameters)
  if (requested.length === 0) return resources
  if (requested.every((resource) => resources.includes(resource))) return requested
  throw new OAuthError('invalid_target', 'The authorization is not for this resource.')
}

function invalidCode(what: string): OAuthError {
  return new OAuthError('invalid_grant', `The authorization code is ${what}.`)
}
