import { record, type Stored } from './record.js'
import { boolean, json, list, orNull, string, timeOrNull, withDefault } from './schema.js'

const OWNED = {
  user_id: string(),
  verified: withDefault(boolean(), true),
} as const

export const EmailAddress = record('email_address', 'idn', { ...OWNED, email_address: string() })

export type EmailAddress = Stored<typeof EmailAddress>

export const PhoneNumber = record('phone_number', 'idn', {
  ...OWNED,
  phone_number: string(),
  reserved_for_second_factor: withDefault(boolean(), false),
  default_second_factor: withDefault(boolean(), false),
  backup_codes: orNull(list(string())),
})

export type PhoneNumber = Stored<typeof PhoneNumber>

export const Web3Wallet = record('web3_wallet', 'idn', { ...OWNED, web3_wallet: string() })

export type Web3Wallet = Stored<typeof Web3Wallet>

export const Passkey = record('passkey', 'idn', { ...OWNED, name: string() })

export type Passkey = Stored<typeof Passkey>

/** An account of another provider, such as Google, that the user signs in with. */
export const ExternalAccount = record('external_account', 'eac', {
  ...OWNED,
  /** such as `oauth_google` */
  provider: string(),
  provider_user_id: string(),
  email_address: withDefault(string(), ''),
  first_name: withDefault(string(), ''),
  last_name: withDefault(string(), ''),
  username: orNull(string()),
  approved_scopes: withDefault(list(string()), []),
  public_metadata: withDefault(json(), {}),
  /** of the provider; `null`: the user must sign in again */
  token: orNull(string()),
  token_expires_at: timeOrNull(),
})

export type ExternalAccount = Stored<typeof ExternalAccount>
