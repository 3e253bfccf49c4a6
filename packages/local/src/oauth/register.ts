import * as v from 'valibot'
import { jsonAnswer, type Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { errorAnswer } from '../api/errors.js'
import { isJsonRequest, parseRequestJson } from '../api/request-json.js'
import type { Instance } from '../instance/instance.js'
import { oauthSettingsOf } from '../instance/oauth-settings.js'
import { newClientSecret, newId } from '../model/ids.js'
import { nullish, object, oneOf, optional, refined, rule, string } from '../model/schema.js'
import { defaultScopes, scopeList, supportedScopes } from '../tokens/oauth-scopes.js'
import { REDIRECT_URI_RULE, isListOfRedirectUris } from '../tokens/redirect-uri.js'
import { clientEndpoints } from './endpoint.js'
import { OAUTH_PATHS } from './metadata.js'
import { OAuthError } from './oauth-error.js'

/** Dynamic client registration (RFC 7591), which the settings of the instance must allow. */
export function registerEndpoint(instance: Instance): readonly Endpoint[] {
  return clientEndpoints(OAUTH_PATHS.register, { POST: 'registerOAuthClient' }, (request) =>
    register(request, instance),
  )
}

const A_URL = nullish(
  refined(
    string({ max: 1024 }),
    rule('form_param_format_invalid', 'must be a valid URL.', (text) => URL.canParse(text)),
  ),
)

/** Of the metadata of RFC 7591 what the instance uses. The rest is ignored, as the RFC says. */
const METADATA = object({
  token_endpoint_auth_method: optional(oneOf('client_secret_basic', 'client_secret_post', 'none')),
  client_name: nullish(string({ max: 256 })),
  client_uri: A_URL,
  logo_uri: A_URL,
  scope: nullish(string({ max: 1024 })),
})

/** @throws {OAuthError} */
async function register(request: EndpointRequest, instance: Instance): Promise<Answer> {
  const { world } = instance
  if (!oauthSettingsOf(instance).dynamic_oauth_client_registration)
    return errorAnswer('feature_not_enabled', 'Dynamic client registration is not enabled for this instance.')
  const { redirect_uris, metadata } = await readMetadata(request)
  const { token_endpoint_auth_method: method = 'client_secret_basic', client_name, client_uri, logo_uri } = metadata
  const scopes = metadata.scope ? scopeList(metadata.scope) : defaultScopes(world)
  const supported = supportedScopes(world)
  if (!scopes.every((scope) => supported.includes(scope)))
    throw new OAuthError('invalid_client_metadata', 'The instance does not have one of the scopes.')

  const id = newId('client')
  const client = world.oauth_applications.add({
    local_name: client_name || id,
    name: client_name || id,
    client_id: id,
    client_secret: method === 'none' ? null : newClientSecret(),
    client_uri,
    client_image_url: logo_uri,
    dynamically_registered: true,
    public: method === 'none',
    scopes: scopes.join(' '),
    redirect_uris,
  })
  const answer = {
    client_id: id,
    ...(client.client_secret !== null && { client_secret: client.client_secret }),
    client_id_issued_at: Math.floor(client.created_at / 1000),
    client_secret_expires_at: 0,
    client_name: client.name,
    ...(client_uri && { client_uri }),
    ...(logo_uri && { logo_uri }),
    redirect_uris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: client.scopes,
    token_endpoint_auth_method: method,
  }
  return jsonAnswer(answer, 201)
}

/** @throws {OAuthError} */
async function readMetadata(request: EndpointRequest) {
  if (!isJsonRequest(request)) throw new OAuthError('invalid_client_metadata', 'The Content-Type must be JSON.')
  const body = parseRequestJson(await request.readText())
  const { success, output, issues } = v.safeParse(METADATA, body, { abortEarly: true })
  if (!success) {
    const [{ key } = { key: 'body' }] = issues[0].path ?? []
    throw new OAuthError('invalid_client_metadata', `The value of ${String(key)} is invalid.`)
  }
  const { redirect_uris } = body as { readonly redirect_uris?: unknown }
  if (!isListOfRedirectUris(redirect_uris))
    throw new OAuthError(
      'invalid_redirect_uri',
      `The redirect_uris must be a list of 1 to 100, each ${REDIRECT_URI_RULE}.`,
    )
  return { metadata: output, redirect_uris }
}
