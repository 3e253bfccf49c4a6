import { ownId, type Payer } from '../billing/payer.js'
import { primaryEmailOf } from '../people/user.js'
import type { World } from '../state/world.js'
import { imageFields } from './image.js'

/** A payer, with `null` for fields that it does not have. */
export function payerAnswer({ type, owner }: Payer, world: World) {
  const { id, created_at, updated_at } = owner
  return {
    object: 'commerce_payer',
    id: ownId('cpayer', id),
    instance_id: instanceIdOf(world),
    user_id: type === 'user' ? id : null,
    first_name: type === 'user' ? owner.first_name : null,
    last_name: type === 'user' ? owner.last_name : null,
    email: type === 'user' ? (primaryEmailOf(world, owner)?.email_address ?? null) : null,
    organization_id: type === 'org' ? id : null,
    organization_name: type === 'org' ? owner.name : null,
    image_url: imageFields(world, owner).image_url,
    created_at,
    updated_at,
  }
}

/** A payer as webhooks and some operations show it: with empty strings instead of `null`. */
export function payerAnswerWithoutNulls(payer: Payer, world: World) {
  const { user_id, first_name, last_name, email, organization_id, organization_name, ...rest } = payerAnswer(
    payer,
    world,
  )
  return {
    ...rest,
    user_id: user_id ?? '',
    first_name: first_name ?? '',
    last_name: last_name ?? '',
    email: email ?? '',
    organization_id: organization_id ?? '',
    organization_name: organization_name ?? '',
  }
}

/** The id of the instance is that of its first key. */
export function instanceIdOf({ signing_keys }: World): string {
  return signing_keys.all()[0]!.id
}
