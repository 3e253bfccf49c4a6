import { createHash } from 'node:crypto'
import { jsonAnswer, type Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { oauthSettingsOf } from '../instance/oauth-settings.js'
import { newId, randomWord } from '../model/ids.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import type { OAuthGrant } from '../model/oauth-grant.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { signJwt, type JwtParts } from '../tokens/issuer.js'
import { revokeGrant } from '../tokens/oauth-grant.js'
import { OFFLINE_SCOPE, available, scopeList } from '../tokens/oauth-scopes.js'
import { OAUTH_TTL_IN_SECONDS, oauthJwtParts, oauthRecord } from '../tokens/oauth-token.js'
import { resourcesOf } from './authorization-request.js'
import { authenticatedClient } from './client.js'
import { clientEndpoints } from './endpoint.js'
import { idTokenParts } from './id-token.js'
import { OAUTH_PATHS } from './metadata.js'
import { OAuthError } from './oauth-error.js'
import { required, validForm, type OAuthParameters } from './parameters.js'
import { onlyAllowed } from './scopes.js'

/** Exchanges an authorization code or a refresh token for tokens. */
export function tokenEndpoint(instance: Instance): readonly Endpoint[] {
  return clientEndpoints(OAUTH_PATHS.token, { POST: 'getOAuthToken' }, (request) => answer(request, instance))
}

/** @throws {OAuthError} */
async function answer(request: EndpointRequest, instance: Instance): Promise<Answer> {
  const parameters = await validForm(request)
  const client = authenticatedClient(request, parameters, instance.world)
  const redeem = GRANT_TYPES.get(required(parameters, 'grant_type'))
  if (!redeem)
    throw new OAuthError('unsupported_grant_type', 'The grant_type is neither authorization_code nor refresh_token.')

  const redeemed = instance.world.transaction(() => {
    const outcome = redeem(parameters, client, instance.world)
    return 'error' in outcome ? outcome : issue(outcome, client, instance)
  })
  if ('error' in redeemed) throw redeemed.error
  return jsonAnswer(await signed(redeemed, instance))
}

/** What a client may get tokens for. */
interface Redeemed {
  readonly grant: OAuthGrant
  readonly user: User
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
}

/** An error after which the changes stay: a code or token was used again, and its grant has ended. */
interface Reused {
  readonly error: OAuthError
}

type Redeem = (parameters: OAuthParameters, client: OAuthApplication, world: World) => Redeemed | Reused

const GRANT_TYPES: ReadonlyMap<string, Redeem> = new Map([
  ['authorization_code', redeemCode],
  ['refresh_token', redeemRefreshToken],
])

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

/** @throws {OAuthError} if the token is not for this client, or asked for more than it gives */
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

/** It may have been stolen and used by an attacker: RFC 6749 section 4.1.2, RFC 9700 section 4.14.2. */
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

/** What a client gets, before JWTs are signed. */
interface Issued {
  readonly accessToken: string | JwtParts
  readonly refreshToken: string | undefined
  readonly idToken: JwtParts | undefined
  readonly scopes: readonly string[]
}

function issue({ grant, user, scopes, resources }: Redeemed, client: OAuthApplication, instance: Instance): Issued {
  const { world, mint } = instance
  const issuer = mint.issuer()
  const token = {
    person: user,
    client: { id: client.client_id },
    scopes,
    audience: resources.length === 0 ? undefined : resources,
    orgId: grant.organization_id ?? undefined,
    actor: undefined,
    ttlInSeconds: OAUTH_TTL_IN_SECONDS,
  }
  return {
    accessToken: issuesJwts(client, instance)
      ? oauthJwtParts(token, issuer)
      : world.oauth_tokens.add({ ...oauthRecord(token, world.now()), grant_id: grant.id }).token,
    refreshToken: grant.scopes.includes(OFFLINE_SCOPE) ? newRefreshToken(grant, world) : undefined,
    idToken: scopes.includes('openid') ? idTokenParts(user, grant, scopes, world, issuer) : undefined,
    scopes,
  }
}

function issuesJwts({ access_token_format }: OAuthApplication, instance: Instance): boolean {
  if (access_token_format !== undefined) return access_token_format === 'jwt'
  return oauthSettingsOf(instance).oauth_jwt_access_tokens
}

function newRefreshToken({ id }: OAuthGrant, world: World): string {
  return world.oauth_refresh_tokens.add({ id: newId('ort'), token: `ort_${randomWord(42)}`, grant_id: id }).token
}

/** RFC 6749 section 5.1. */
async function signed({ accessToken, refreshToken, idToken, scopes }: Issued, { keys }: Instance) {
  const { current } = keys
  return {
    access_token: typeof accessToken === 'string' ? accessToken : await signJwt(accessToken, current),
    token_type: 'Bearer',
    expires_in: OAUTH_TTL_IN_SECONDS,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    scope: scopes.join(' '),
    ...(idToken && { id_token: await signJwt(idToken, current) }),
  }
}
