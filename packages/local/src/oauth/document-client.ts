import type { Instance } from '../instance/instance.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import { isObject } from '../support/input.js'
import { isLoopback } from '../support/loopback.js'
import { fetchClientDocument } from './client-document.js'
import { OAuthError } from './oauth-error.js'
import { isListOfRedirectUris } from '../tokens/redirect-uri.js'
import { OFFLINE_SCOPE, defaultScopes } from '../tokens/oauth-scopes.js'
import { oauthSettingsOf } from '../instance/oauth-settings.js'

/**
 * Reads the document of a client, and records the client as it is now.
 *
 * @param known as it was recorded the last time
 * @throws {OAuthError} if it may not connect, or its document cannot be used
 */
export async function documentClient(
  id: string,
  known: OAuthApplication | undefined,
  instance: Instance,
): Promise<OAuthApplication> {
  refuseUnadmitted(known, instance)
  if (!isLoopback(new URL(id).hostname))
    throw new OAuthError('invalid_client', 'Documents are only read from loopback: add this client to the seed.')
  const ca = instance.clientDocuments?.ca
  if (ca === undefined)
    throw new OAuthError('invalid_client', 'Documents are not read: start the instance with clientDocuments.')

  const metadata = checkedMetadata(id, await fetchClientDocument(id, ca))
  const { world } = instance
  return world.transaction(() => {
    const recorded = world.oauth_applications.find('client_id', id)
    const fields = { ...metadata, scopes: [...new Set([...defaultScopes(world), OFFLINE_SCOPE])].join(' ') }
    if (recorded) return world.oauth_applications.update(recorded.id, fields)
    return world.oauth_applications.add({
      ...fields,
      local_name: metadata.name,
      client_id: id,
      public: true,
      pkce_required: true,
      admission: 'implicit',
    })
  })
}

/** @throws {OAuthError} if the settings of the instance exclude the client */
function refuseUnadmitted(known: OAuthApplication | undefined, instance: Instance): void {
  const settings = oauthSettingsOf(instance)
  const isBlocked = known
    ? settings.client_id_metadata_documents_block_implicitly_allowed_clients
    : settings.client_id_metadata_documents_only_allow_pre_registered_clients ||
      !settings.client_id_metadata_documents_advertised
  if (isBlocked) throw new OAuthError('invalid_client', 'The settings of the instance do not allow this client.')
}

/** @throws {OAuthError} if the document does not describe a public client with this id */
function checkedMetadata(id: string, document: unknown) {
  const { client_id, client_name, redirect_uris, client_uri, logo_uri, ...rest } = isObject(document)
    ? (document as Readonly<Record<string, unknown>>)
    : {}
  const wrong = (problem: string) => new OAuthError('invalid_client', `The document of the client ${problem}.`)

  if (client_id !== id) throw wrong('has another client_id than its URL')
  if (typeof client_name !== 'string' || client_name === '' || client_name.length > 256)
    throw wrong('has no client_name')
  const method = rest['token_endpoint_auth_method'] ?? 'none'
  if (method !== 'none' || rest['client_secret'] !== undefined || rest['client_secret_expires_at'] !== undefined)
    throw wrong('is not that of a public client')
  if (!isListOfRedirectUris(redirect_uris)) throw wrong('has no redirect_uris, or invalid ones')
  return { name: client_name, redirect_uris, client_uri: urlOrNull(client_uri), client_image_url: urlOrNull(logo_uri) }
}

function urlOrNull(text: unknown): string | null {
  return typeof text === 'string' && text.length <= 1024 && URL.canParse(text) ? text : null
}
