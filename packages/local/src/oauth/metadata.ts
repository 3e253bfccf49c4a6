import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { ORGANIZATION_SCOPE } from '../tokens/oauth-token.js'
import { clientEndpoints } from './endpoint.js'
import { supportedScopes } from '../tokens/oauth-scopes.js'
import { oauthSettingsOf } from '../instance/oauth-settings.js'

/** Where Clerk's Frontend API has the endpoints of OAuth. */
export const OAUTH_PATHS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  revoke: '/oauth/token/revoke',
  tokenInfo: '/oauth/token_info',
  userInfo: '/oauth/userinfo',
  register: '/oauth/register',
} as const

/** In ID tokens, with all scopes but that of organizations. */
const CLAIMS: readonly string[] = [
  'sub',
  'iss',
  'aud',
  'exp',
  'iat',
  'nonce',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'picture',
  'email',
  'email_verified',
  'public_metadata',
  'private_metadata',
  'unsafe_metadata',
]

/** What clients find out first: RFC 8414, and OpenID Connect Discovery. */
export function metadataEndpoints(instance: Instance): readonly Endpoint[] {
  const answer = () => jsonAnswer(metadataOf(instance))
  return [
    ...clientEndpoints(
      '/.well-known/oauth-authorization-server',
      { GET: 'getOAuth2AuthorizationServerMetadata' },
      answer,
    ),
    ...clientEndpoints('/.well-known/openid-configuration', { GET: 'getOpenIDConfiguration' }, answer),
  ]
}

function metadataOf(instance: Instance) {
  const { world, identity } = instance
  const { dynamic_oauth_client_registration: mayRegister, client_id_metadata_documents_advertised: hasDocuments } =
    oauthSettingsOf(instance)
  const url = world.url()
  const at = (path: string) => `${url}${path}`
  const scopes = supportedScopes(world)
  const withSecret = ['client_secret_basic', 'client_secret_post']
  return {
    issuer: url,
    authorization_endpoint: at(OAUTH_PATHS.authorize),
    token_endpoint: at(OAUTH_PATHS.token),
    revocation_endpoint: at(OAUTH_PATHS.revoke),
    introspection_endpoint: at(OAUTH_PATHS.tokenInfo),
    userinfo_endpoint: at(OAUTH_PATHS.userInfo),
    ...(mayRegister && { registration_endpoint: at(OAUTH_PATHS.register) }),
    jwks_uri: at('/.well-known/jwks.json'),
    scopes_supported: scopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: [...withSecret, 'none'],
    revocation_endpoint_auth_methods_supported: [...withSecret, 'none'],
    introspection_endpoint_auth_methods_supported: withSecret,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    ...(hasDocuments && { client_id_metadata_document_supported: true }),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [identity.algorithm],
    claims_supported: [...CLAIMS, ...(scopes.includes(ORGANIZATION_SCOPE) ? ['org_id'] : [])],
    request_parameter_supported: false,
    // Without it, clients would assume that it is: OpenID Connect Discovery section 3.
    request_uri_parameter_supported: false,
  }
}
