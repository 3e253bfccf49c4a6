import { record, type Stored } from './record.js'
import { boolean, json, list, optional, orNull, string, timeOrNull, withDefault } from './schema.js'

const TOKEN = {
  token: string(),
  /** id of the user, organization or machine that it authenticates */
  subject: string(),
  scopes: withDefault(list(string()), []),
  revoked: withDefault(boolean(), false),
  revocation_reason: orNull(string()),
  expiration: timeOrNull(),
  last_used_at: timeOrNull(),
} as const

export const M2MToken = record('machine_to_machine_token', 'mt', {
  ...TOKEN,
  claims: orNull(json()),
})

export type M2MToken = Stored<typeof M2MToken>

export const OAuthToken = record('clerk_idp_oauth_access_token', 'oat', {
  ...TOKEN,
  client_id: string(),
  audience: optional(list(string())),
  actor: optional(json()),
  /** the authorization that it was issued for; default: none, it was minted in code */
  grant_id: optional(string()),
})

export type OAuthToken = Stored<typeof OAuthToken>

export const ApiKey = record('api_key', 'ak', {
  ...TOKEN,
  type: withDefault(string(), 'api_key'),
  name: string(),
  description: orNull(string()),
  claims: orNull(json()),
  created_by: orNull(string()),
})

export type ApiKey = Stored<typeof ApiKey>

/** An opaque token or an API key. */
export type OpaqueToken = M2MToken | OAuthToken | ApiKey
