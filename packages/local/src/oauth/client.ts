import { timingSafeEqual, createHash } from 'node:crypto'
import type { EndpointRequest } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import type { World } from '../state/world.js'
import { isDocumentUrl } from '../tokens/client-id.js'
import { documentClient } from './document-client.js'
import { OAuthError } from './oauth-error.js'
import type { OAuthParameters } from './parameters.js'

/**
 * The client that sends a user to the authorization endpoint.
 *
 * @throws {OAuthError} if there is none with this id
 */
export async function clientWithId(id: string, instance: Instance): Promise<OAuthApplication> {
  const known = instance.world.oauth_applications.find('client_id', id)
  if (known?.admission !== 'explicit' && isDocumentUrl(id)) return documentClient(id, known, instance)
  if (known) return known
  throw new OAuthError('invalid_client', 'There is no OAuth application with this client_id.')
}

/**
 * The client that sends a request itself, with its secret if it has one.
 *
 * @throws {OAuthError} if it is not who it says
 */
export function authenticatedClient(
  { headers }: EndpointRequest,
  parameters: OAuthParameters,
  { oauth_applications }: World,
): OAuthApplication {
  const basic = headers.authorization === undefined ? undefined : basicCredentials(headers.authorization)
  const isBasic = basic !== undefined
  const [id, secret] = basic ?? [parameters.get('client_id'), parameters.get('client_secret')]
  if (isBasic && parameters.get('client_secret') !== undefined)
    throw new OAuthError('invalid_request', 'The client must authenticate in one way only.')
  if (isBasic && ![undefined, id].includes(parameters.get('client_id')))
    throw new OAuthError('invalid_request', 'The client_id differs from the Authorization header.')

  const client = id === undefined ? undefined : oauth_applications.find('client_id', id)
  if (client && isAuthentic(client, secret)) return client
  throw new OAuthError('invalid_client', 'The client is unknown, or its secret is missing or wrong.', { isBasic })
}

/** Like {@link authenticatedClient}, but not for public clients, which anyone could be. */
export function confidentialClient(request: EndpointRequest, parameters: OAuthParameters, world: World) {
  const client = authenticatedClient(request, parameters, world)
  if (!client.public) return client
  throw new OAuthError('invalid_client', 'A public client cannot authenticate.')
}

/** A public client has no secret, and must not send one. */
function isAuthentic({ public: isPublic, client_secret }: OAuthApplication, secret: string | undefined): boolean {
  if (isPublic) return secret === undefined
  if (client_secret === null || secret === undefined) return false
  return timingSafeEqual(digestOf(client_secret), digestOf(secret))
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/**
 * Id and secret are form-encoded before they are joined: RFC 6749 section 2.3.1.
 *
 * @throws {OAuthError} if the header has another form
 */
function basicCredentials(authorization: string): readonly [id: string, secret: string] {
  const [, encoded = ''] = /^Basic +([\w+/]+={0,2}) *$/i.exec(authorization) ?? []
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  try {
    if (id !== undefined && secret !== undefined) return [formDecoded(id), formDecoded(secret)]
  } catch {
    // not form-encoded
  }
  throw new OAuthError('invalid_client', 'The Authorization header must have Basic credentials.', { isBasic: true })
}

/** @throws {URIError} */
function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
