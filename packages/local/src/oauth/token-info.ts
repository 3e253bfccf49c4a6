import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { scopeList } from '../tokens/oauth-scopes.js'
import { activeAccessToken, activeRefreshToken } from './active-token.js'
import { confidentialClient } from './client.js'
import { clientEndpoints } from './endpoint.js'
import { OAUTH_PATHS } from './metadata.js'
import { required, validForm } from './parameters.js'

/** Introspection (RFC 7662), with what Clerk tells: neither audience nor expiry. */
export function tokenInfoEndpoint(instance: Instance): readonly Endpoint[] {
  return clientEndpoints(OAUTH_PATHS.tokenInfo, { POST: 'getOAuthTokenInfo' }, async (request) => {
    const parameters = await validForm(request)
    confidentialClient(request, parameters, instance.world)
    const token = required(parameters, 'token')
    const found = activeRefreshToken(token, instance) ?? (await activeAccessToken(token, instance))
    const isGranted = scopeList(parameters.get('scope') ?? '').every((scope) => found?.scopes.includes(scope))
    if (!found || !isGranted) return jsonAnswer({ active: false })
    return jsonAnswer({
      active: true,
      client_id: found.clientId,
      iat: found.issuedAt,
      scope: found.scopes.join(' '),
      sub: found.userId,
      ...(found.organizationId !== null && { org_id: found.organizationId }),
    })
  })
}
