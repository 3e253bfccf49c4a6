import { record, type Stored } from './record.js'
import { boolean, list, nullable, string, withDefault } from './schema.js'

/** An application that acts for users with OAuth access tokens. */
export const OAuthApplication = record('oauth_application', 'oa', {
  /** the name in code, as in `oauthToken({ client: 'cli' })` */
  local_name: string(),
  name: string(),
  client_id: string(),
  client_secret: withDefault(nullable(string()), null),
  public: withDefault(boolean(), false),
  scopes: withDefault(list(string()), ['profile', 'email']),
  redirect_uris: withDefault(list(string()), []),
})

export type OAuthApplication = Stored<typeof OAuthApplication>
