import { Refusal } from '../../api/errors.js'
import { refuseBlocked } from '../../people/blocklist.js'
import type { World } from '../../state/world.js'

/** How identifiers are stored, so that other spellings of the same are found. */
export const stored = {
  email_address: (value: string) => value.toLowerCase(),
  phone_number: (value: string) => value.replaceAll(/[\s()-]/g, ''),
  // Ethereum ignores case; base58, as in Solana, does not.
  web3_wallet: (value: string) => (/^0x/i.test(value) ? value.toLowerCase() : value),
} as const

/** Finds the user who has an identifier. */
const OWNER_OF = {
  email_address: ({ email_addresses }: World, value: string) => email_addresses.find('email_address', value)?.user_id,
  phone_number: ({ phone_numbers }: World, value: string) => phone_numbers.find('phone_number', value)?.user_id,
  web3_wallet: ({ web3_wallets }: World, value: string) => web3_wallets.find('web3_wallet', value)?.user_id,
  username: ({ users }: World, value: string) => users.find('username', value)?.id,
  external_id: ({ users }: World, value: string) => users.find('external_id', value)?.id,
} as const

/**
 * Returns an identifier of a new user as it is stored.
 *
 * @throws {Refusal} if it is blocked or taken
 */
export function newIdentifier(world: World, name: keyof typeof stored, given: string): string {
  const value = stored[name](given)
  refuseBlocked(world, value)
  refuseTaken(world, name, value)
  return value
}

/**
 * @param value as it is stored
 * @param ownId of the user who may already have it
 * @throws {Refusal} if it belongs to another user
 */
export function refuseTaken(world: World, name: keyof typeof OWNER_OF, value: string, ownId?: string): void {
  const owner = OWNER_OF[name](world, value)
  if (owner === undefined || owner === ownId) return
  throw new Refusal('form_identifier_exists', `That ${name.replaceAll('_', ' ')} is taken. Please try another.`, name)
}
