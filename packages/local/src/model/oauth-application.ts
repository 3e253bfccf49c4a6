import { record, type Stored } from './record.js'
import { boolean, list, oneOf, optional, orNull, string, withDefault } from './schema.js'

/** An application that acts for users with OAuth access tokens. */
export const OAuthApplication = record('oauth_application', 'oa', {
  /** the name in code, as in `oauthToken({ client: 'cli' })` */
  local_name: string(),
  name: string({ min: 1, max: 256 }),
  client_id: string(),
  /** `null`: an application of the seed, or a public one */
  client_secret: orNull(string()),
  client_uri: orNull(string()),
  client_image_url: orNull(string()),
  dynamically_registered: withDefault(boolean(), false),
  consent_screen_enabled: withDefault(boolean(), true),
  pkce_required: withDefault(boolean(), false),
  public: withDefault(boolean(), false),
  /** separated by spaces */
  scopes: withDefault(string({ max: 1024 }), 'profile email'),
  redirect_uris: withDefault(list(string()), []),
  /** default: by the settings of the instance */
  access_token_format: optional(oneOf('jwt', 'opaque')),
  /** of a client whose id is the URL of its metadata: whether the seed has it, or it was recorded when it first came */
  admission: optional(oneOf('explicit', 'implicit')),
})

export type OAuthApplication = Stored<typeof OAuthApplication>
