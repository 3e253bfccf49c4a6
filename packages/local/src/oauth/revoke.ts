import type { Endpoint } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { revocableToken } from '../tokens/oauth-grant.js'
import { authenticatedClient } from './client.js'
import { clientEndpoints } from './endpoint.js'
import { OAUTH_PATHS } from './metadata.js'
import { OAuthError } from './oauth-error.js'
import { required, validForm } from './parameters.js'

/** Revocation (RFC 7009): either token ends the whole grant, as in Clerk. */
export function revokeEndpoint({ world }: Instance): readonly Endpoint[] {
  return clientEndpoints(OAUTH_PATHS.revoke, { POST: 'revokeOAuthToken' }, async (request) => {
    const parameters = await validForm(request)
    const client = authenticatedClient(request, parameters, world)
    const token = required(parameters, 'token')
    if (token.includes('.'))
      throw new OAuthError('unsupported_token_type', 'JWTs cannot be revoked: they are valid until they expire.')
    const found = revocableToken(world, token)
    if (found && found.clientId !== client.client_id)
      throw new OAuthError('unauthorized_client', 'The token was issued to another client.')
    if (found) world.transaction(found.revoke)
    return { status: 200, body: '' }
  })
}
