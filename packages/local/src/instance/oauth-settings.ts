import type { Instance } from './instance.js'
import { instanceSettingsOf } from '../people/instance-settings.js'

/** The settings for OAuth, with Clerk's names and defaults. */
export function oauthSettingsOf({ world, clientDocuments }: Pick<Instance, 'world' | 'clientDocuments'>) {
  const settings = instanceSettingsOf(world)
  return {
    dynamic_oauth_client_registration: settings.dynamic_oauth_client_registration ?? false,
    default_scopes: settings.default_scopes ?? null,
    oauth_jwt_access_tokens: settings.oauth_jwt_access_tokens ?? true,
    // Clerk's default is `false`. But an instance that is started with `clientDocuments` is meant to accept them.
    client_id_metadata_documents_advertised:
      settings.client_id_metadata_documents_advertised ?? clientDocuments !== undefined,
    client_id_metadata_documents_only_allow_pre_registered_clients:
      settings.client_id_metadata_documents_only_allow_pre_registered_clients ?? false,
    client_id_metadata_documents_block_implicitly_allowed_clients:
      settings.client_id_metadata_documents_block_implicitly_allowed_clients ?? false,
  }
}
