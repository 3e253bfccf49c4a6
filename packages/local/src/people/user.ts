import type { EmailAddress, PhoneNumber } from '../model/identification.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'

export function primaryEmailOf({ email_addresses }: World, user: User): EmailAddress | undefined {
  return email_addresses.byId(user.primary_email_address_id ?? '')
}

export function primaryPhoneOf({ phone_numbers }: World, user: User): PhoneNumber | undefined {
  return phone_numbers.byId(user.primary_phone_number_id ?? '')
}

/** The identifier that Clerk shows in a membership. */
export function identifierOf(world: World, user: User): string {
  return (
    primaryEmailOf(world, user)?.email_address ??
    user.username ??
    primaryPhoneOf(world, user)?.phone_number ??
    world.web3_wallets.byId(user.primary_web3_wallet_id ?? '')?.web3_wallet ??
    user.id
  )
}

/** Milliseconds until the user can sign in again; 0: not locked */
export function lockLeftInMs({ locked_until }: User, now: number): number {
  return locked_until === null ? 0 : Math.max(0, locked_until - now)
}

export function hasSecondFactor({ phone_numbers }: World, user: User): boolean {
  return (
    user.totp_secret !== null || phone_numbers.where('user_id', user.id).some((it) => it.reserved_for_second_factor)
  )
}
