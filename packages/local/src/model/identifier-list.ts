import { record, type Stored } from './record.js'
import { oneOf, orNull, string } from './schema.js'

const LISTED = {
  /** an email address, all of a domain (`*@example.com`), a phone number or a wallet address */
  identifier: string(),
  identifier_type: oneOf('email_address', 'phone_number', 'web3_wallet'),
} as const

export const AllowlistIdentifier = record('allowlist_identifier', 'alid', {
  ...LISTED,
  /** the invitation that was sent to the identifier */
  invitation_id: orNull(string()),
})

export type AllowlistIdentifier = Stored<typeof AllowlistIdentifier>

export const BlocklistIdentifier = record('blocklist_identifier', 'blid', LISTED)

export type BlocklistIdentifier = Stored<typeof BlocklistIdentifier>
