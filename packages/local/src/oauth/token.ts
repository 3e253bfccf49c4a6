import { jsonAnswer, type Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { oauthSettingsOf } from '../instance/oauth-settings.js'
import { newId, randomWord } from '../model/ids.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import type { OAuthGrant } from '../model/oauth-grant.js'
import type { World } from '../state/world.js'
import { signJwt, type JwtParts } from '../tokens/issuer.js'
import { OFFLINE_SCOPE } from '../tokens/oauth-scopes.js'
import { OAUTH_TTL_IN_SECONDS, oauthJwtParts, oauthRecord } from '../tokens/oauth-token.js'
import { authenticatedClient } from './client.js'
import { clientEndpoints } from './endpoint.js'
import { idTokenParts } from './id-token.js'
import { OAUTH_PATHS } from './metadata.js'
import { validForm } from './parameters.js'
import { redeem, type Redeemed } from './redeem.js'

/** Exchanges an authorization code or a refresh token for tokens. */
export function tokenEndpoint(instance: Instance): readonly Endpoint[] {
  return clientEndpoints(OAUTH_PATHS.token, { POST: 'getOAuthToken' }, (request) => answer(request, instance))
}

/** @throws {OAuthError} */
async function answer(request: EndpointRequest, instance: Instance): Promise<Answer> {
  const { world } = instance
  const parameters = await validForm(request)
  const client = authenticatedClient(request, parameters, world)
  const issued = world.transaction(() => {
    const redeemed = redeem(parameters, client, world)
    return 'error' in redeemed ? redeemed : issue(redeemed, client, instance)
  })
  if ('error' in issued) throw issued.error
  return jsonAnswer(await signed(issued, instance))
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
