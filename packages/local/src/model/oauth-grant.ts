import { record, type Stored } from './record.js'
import { list, orNull, string, time, timeOrNull, withDefault } from './schema.js'

/** What a user has authorized a client to do, with the authorization code for it. */
export const OAuthGrant = record('oauth_grant', 'oag', {
  client_id: string(),
  /** id of the user */
  subject: string(),
  /** the organization that the user chose */
  organization_id: orNull(string()),
  scopes: withDefault(list(string()), []),
  /** the APIs that the tokens are for: RFC 8707 */
  resources: withDefault(list(string()), []),
  code: string(),
  code_expire_at: time(),
  code_used_at: timeOrNull(),
  /** SHA-256 of the code verifier; `null`: without PKCE */
  code_challenge: orNull(string()),
  /** as the client sent it; `null`: it did not */
  redirect_uri: orNull(string()),
  /** for the ID token */
  nonce: orNull(string()),
})

export type OAuthGrant = Stored<typeof OAuthGrant>

/** Gets new tokens of a grant, once: then it is replaced by another. */
export const OAuthRefreshToken = record('oauth_refresh_token', 'ort', {
  token: string(),
  grant_id: string(),
  used_at: timeOrNull(),
})

export type OAuthRefreshToken = Stored<typeof OAuthRefreshToken>
