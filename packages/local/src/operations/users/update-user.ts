import { Refusal, unknownReference } from '../../api/errors.js'
import { nullish, optional, strict, string, type Values } from '../../model/schema.js'
import type { User } from '../../model/user.js'
import { canSignInWithout, changeUser, notifyOfNewPrimary } from '../../people/identification.js'
import { revokeSessionsOf } from '../../people/session.js'
import type { World } from '../../state/world.js'
import { FLAG, METADATA } from '../fields.js'
import { refuseMetadata, replacedMetadata } from '../metadata.js'
import { user } from './user.js'
import { USER_FIELDS, userChanges } from './user-fields.js'

const ID = nullish(string())
const FIELDS = {
  ...USER_FIELDS,
  password_digest: optional(string()),
  primary_email_address_id: ID,
  primary_phone_number_id: ID,
  primary_web3_wallet_id: ID,
  notify_primary_email_address_changed: FLAG,
  profile_image_id: ID,
  sign_out_of_other_sessions: FLAG,
  public_metadata: METADATA,
  private_metadata: METADATA,
  unsafe_metadata: METADATA,
} as const

type Body = Values<typeof FIELDS>

export const updateUser = user.update('UpdateUser', {
  body: strict(FIELDS),
  run(before, call) {
    refuseMetadata(call)
    const { world, body } = call
    refuseRemovalOfLastIdentifier(world, before, body)
    const changes = userChanges(world, body, before.id)
    const primary = primaryIds(world, before, body)
    const email = world.email_addresses.byId(primary.primary_email_address_id ?? '')
    if (email && body.notify_primary_email_address_changed) notifyOfNewPrimary(world, before, email)
    const after = changeUser(world, before, () => ({
      ...changes,
      ...primary,
      ...replacedMetadata(before, body),
      image_id: imageId(world, before, body),
    }))
    if (changes.password && body.sign_out_of_other_sessions) revokeSessionsOf(world, before.id)
    return after
  },
})

/** @throws {Refusal} if the body removes the username of a user who has no other identifier */
function refuseRemovalOfLastIdentifier(world: World, user: User, { username }: Body): void {
  if (user.username === null || (username !== null && username !== '')) return
  if (!canSignInWithout(world, { ...user, username: null }, user.id))
    throw new Refusal('identification_deletion_failed', undefined, 'username')
}

/** The primary identifiers that the body sets; `null` leaves one as it is. */
function primaryIds({ email_addresses, phone_numbers, web3_wallets }: World, { id }: User, body: Body) {
  /** @throws {Refusal} unless it is verified and of the user */
  function primary(
    name: 'primary_email_address_id' | 'primary_phone_number_id' | 'primary_web3_wallet_id',
    table: { readonly byId: (id: string) => { readonly user_id: string; readonly verified: boolean } | undefined },
  ): string | undefined {
    const requested = body[name] ?? undefined
    if (requested === undefined) return undefined
    const found = table.byId(requested)
    if (found?.user_id !== id) throw unknownReference(name)
    if (!found.verified) throw new Refusal('form_param_value_invalid', `${name} must refer to a verified one.`, name)
    return requested
  }

  return {
    primary_email_address_id: primary('primary_email_address_id', email_addresses),
    primary_phone_number_id: primary('primary_phone_number_id', phone_numbers),
    primary_web3_wallet_id: primary('primary_web3_wallet_id', web3_wallets),
  }
}

/** @throws {Refusal} unless the image is one of the user */
function imageId({ images }: World, { id }: User, { profile_image_id: requested }: Body): string | undefined {
  if (typeof requested !== 'string') return undefined
  if (images.byId(requested)?.owner_id !== id) throw unknownReference('profile_image_id')
  return requested
}
