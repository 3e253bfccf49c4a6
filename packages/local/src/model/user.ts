import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { boolean, integer, json, list, orNull, string, timeOrNull, withDefault } from './schema.js'

export const User = record('user', 'user', {
  /** the name in code, as in `sessionToken({ user: 'alice' })` */
  local_name: string(),
  external_id: orNull(string({ min: 1, max: 256 })),
  username: orNull(string()),
  first_name: orNull(string({ max: 256 })),
  last_name: orNull(string({ max: 256 })),
  locale: orNull(string()),
  image_id: orNull(string()),
  primary_email_address_id: orNull(string()),
  primary_phone_number_id: orNull(string()),
  primary_web3_wallet_id: orNull(string()),
  public_metadata: withDefault(metadata(), {}),
  private_metadata: withDefault(metadata(), {}),
  unsafe_metadata: withDefault(metadata(), {}),
  /** as `credentials/password.ts` stores it; `null`: the user signs in without a password */
  password: orNull(json()),
  password_last_updated_at: timeOrNull(),
  totp_secret: orNull(string()),
  backup_codes: withDefault(list(string()), []),
  mfa_enabled_at: timeOrNull(),
  mfa_disabled_at: timeOrNull(),
  banned: withDefault(boolean(), false),
  /** when the lock ends; `null`: never locked */
  locked_until: timeOrNull(),
  delete_self_enabled: withDefault(boolean(), true),
  create_organization_enabled: withDefault(boolean(), true),
  create_organizations_limit: orNull(integer({ min: 0 })),
  legal_accepted_at: timeOrNull(),
  bypass_client_trust: withDefault(boolean(), false),
  /** the organization that is active by default */
  default_organization_id: orNull(string()),
})

export type User = Stored<typeof User>
