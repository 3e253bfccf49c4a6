import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { boolean, integer, json, list, nullable, string, timeOrNull, withDefault } from './schema.js'

export const User = record('user', 'user', {
  /** the name in code, as in `sessionToken({ user: 'alice' })` */
  local_name: string(),
  external_id: withDefault(nullable(string({ min: 1, max: 256 })), null),
  username: withDefault(nullable(string()), null),
  first_name: withDefault(nullable(string({ max: 256 })), null),
  last_name: withDefault(nullable(string({ max: 256 })), null),
  locale: withDefault(nullable(string()), null),
  image_id: withDefault(nullable(string()), null),
  primary_email_address_id: withDefault(nullable(string()), null),
  primary_phone_number_id: withDefault(nullable(string()), null),
  primary_web3_wallet_id: withDefault(nullable(string()), null),
  public_metadata: withDefault(metadata(), {}),
  private_metadata: withDefault(metadata(), {}),
  unsafe_metadata: withDefault(metadata(), {}),
  /** as `credentials/password.ts` stores it; `null`: the user signs in without a password */
  password: withDefault(nullable(json()), null),
  password_last_updated_at: timeOrNull(),
  totp_secret: withDefault(nullable(string()), null),
  backup_codes: withDefault(list(string()), []),
  mfa_enabled_at: timeOrNull(),
  mfa_disabled_at: timeOrNull(),
  banned: withDefault(boolean(), false),
  /** when the lock ends; `null`: never locked */
  locked_until: timeOrNull(),
  delete_self_enabled: withDefault(boolean(), true),
  create_organization_enabled: withDefault(boolean(), true),
  create_organizations_limit: withDefault(nullable(integer({ min: 0 })), null),
  legal_accepted_at: timeOrNull(),
  bypass_client_trust: withDefault(boolean(), false),
  /** the organization that is active by default */
  default_organization_id: withDefault(nullable(string()), null),
})

export type User = Stored<typeof User>
