import type { Endpoint } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { authorizeEndpoints } from './authorize.js'
import { metadataEndpoints } from './metadata.js'
import { registerEndpoint } from './register.js'
import { revokeEndpoint } from './revoke.js'
import { tokenEndpoint } from './token.js'
import { tokenInfoEndpoint } from './token-info.js'
import { userInfoEndpoints } from './userinfo.js'

/** The instance as an OAuth 2.1 authorization server, in the order in which a client uses it. */
export function authorizationServer(instance: Instance): readonly Endpoint[] {
  return [
    ...metadataEndpoints(instance),
    ...registerEndpoint(instance),
    ...authorizeEndpoints(instance),
    ...tokenEndpoint(instance),
    ...userInfoEndpoints(instance),
    ...tokenInfoEndpoint(instance),
    ...revokeEndpoint(instance),
  ]
}
