import { Refusal } from '../api/errors.js'
import type { BlocklistIdentifier } from '../model/identifier-list.js'
import type { World } from '../state/world.js'
import { isDomain, isEmailAddress, isPhoneNumber, isWalletAddress } from './identifiers.js'
import { instanceSettingsOf } from './instance-settings.js'

/** Returns what an entry of the allowlist or blocklist is; `undefined`: none of these. `*@example.com` is all of a domain. */
export function identifierTypeOf(identifier: string): BlocklistIdentifier['identifier_type'] | undefined {
  if (isEmailAddress(identifier)) return 'email_address'
  if (identifier.startsWith('*@') && isDomain(identifier.slice(2))) return 'email_address'
  if (isPhoneNumber(identifier)) return 'phone_number'
  return isWalletAddress(identifier) ? 'web3_wallet' : undefined
}

/** Email addresses and Ethereum addresses are equal in any case, unlike Solana addresses. */
export function comparable(identifier: string): string {
  return identifier.includes('@') || identifier.startsWith('0x') ? identifier.toLowerCase() : identifier
}

/** Whether an email address, its domain, a phone number or a wallet address is on the blocklist, if that is enabled. */
export function isBlocked(world: World, identifier: string): boolean {
  const isListed = (entry: string) => world.blocklist_identifiers.find('identifier', entry) !== undefined
  return instanceSettingsOf(world).blocklist && entriesFor(identifier).some(isListed)
}

/** The entries of an allowlist or blocklist that concern an identifier: itself, and the domain of an email address. */
export function entriesFor(identifier: string): readonly string[] {
  const own = comparable(identifier)
  return own.includes('@') ? [own, `*${own.slice(own.lastIndexOf('@'))}`] : [own]
}

/** @throws {Refusal} if one of the email addresses, phone numbers and wallet addresses is blocked */
export function refuseBlocked(world: World, ...identifiers: readonly string[]): void {
  const blocked = identifiers.find((identifier) => isBlocked(world, identifier))
  if (blocked !== undefined)
    throw new Refusal('not_allowed_access', `${blocked} is not allowed to access this application.`)
}
