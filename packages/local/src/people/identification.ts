import { Refusal } from '../api/errors.js'
import type { EmailAddress, Web3Wallet } from '../model/identification.js'
import type { User } from '../model/user.js'
import { sendEmail } from '../outbox/send.js'
import type { Changes, Table } from '../state/table.js'
import type { World } from '../state/world.js'
import { hasSecondFactor, primaryEmailOf } from './user.js'

/**
 * Changes a user, or a record that belongs to the user, and sets the times at which this enabled or disabled the second
 * factor. `updated_at` of the user changes in any case.
 *
 * @param change changes the other records, and returns the changes of the user
 */
export function changeUser(world: World, user: User, change: () => Changes<User>): User {
  const before = hasSecondFactor(world, user)
  const changed = world.users.update(user.id, change())
  const after = hasSecondFactor(world, changed)
  if (before === after) return changed
  return world.users.update(user.id, after ? { mfa_enabled_at: world.now() } : { mfa_disabled_at: world.now() })
}

/** The field of the user with the id of the primary record, by table. */
const PRIMARY = {
  email_addresses: 'primary_email_address_id',
  phone_numbers: 'primary_phone_number_id',
  web3_wallets: 'primary_web3_wallet_id',
} as const

/**
 * Removes an identification. Another one replaces it as the primary one, preferably one that is verified.
 *
 * @throws {Refusal} if the user has no other
 */
export function removeIdentification(
  world: World,
  user: User,
  table: keyof typeof PRIMARY | 'external_accounts',
  id: string,
): void {
  if (!canSignInWithout(world, user, id)) throw new Refusal('identification_deletion_failed')
  changeUser(world, user, () => {
    world[table].remove(id)
    if (table === 'external_accounts' || user[PRIMARY[table]] !== id) return {}
    const rest = (world[table] as unknown as Table<Web3Wallet>).where('user_id', user.id)
    return { [PRIMARY[table]]: (rest.find(({ verified }) => verified) ?? rest[0])?.id ?? null }
  })
}

/** Whether the user has another identification, which is not only a second factor. */
export function canSignInWithout(world: World, user: User, id: string): boolean {
  const { email_addresses, phone_numbers, web3_wallets, external_accounts } = world
  const others = [
    ...email_addresses.where('user_id', user.id),
    ...phone_numbers.where('user_id', user.id).filter((number) => !number.reserved_for_second_factor),
    ...web3_wallets.where('user_id', user.id),
    ...external_accounts.where('user_id', user.id),
  ].filter((identification) => identification.id !== id)
  return others.length > 0 || user.username !== null
}

/** If there is a reserved phone number, one of them is the default second factor. */
export function chooseDefaultSecondFactor({ phone_numbers }: World, userId: string): void {
  const reserved = phone_numbers.where('user_id', userId).filter((number) => number.reserved_for_second_factor)
  const [first] = reserved
  if (first && !reserved.some((number) => number.default_second_factor))
    phone_numbers.update(first.id, { default_second_factor: true })
}

/** Sends an email to the previous primary address. */
export function notifyOfNewPrimary(world: World, user: User, primary: EmailAddress): void {
  const before = primaryEmailOf(world, user)
  if (!before || before.id === primary.id) return
  sendEmail(world, {
    slug: 'primary_email_address_changed',
    to_email_address: before.email_address,
    email_address_id: before.id,
    user_id: user.id,
    data: { primary_email_address: primary.email_address, greeting_name: user.first_name },
  })
}
