import type { Organization } from '../model/organization.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'

/** A user or an organization, as a customer. */
export type Payer =
  { readonly type: 'user'; readonly owner: User } | { readonly type: 'org'; readonly owner: Organization }

export function payerOf({ users, organizations }: World, ownerId: string): Payer | undefined {
  const user = users.byId(ownerId)
  if (user) return { type: 'user', owner: user }
  const organization = organizations.byId(ownerId)
  return organization && { type: 'org', owner: organization }
}

/** Every user and organization, oldest first. */
export function allPayers({ users, organizations }: World): readonly Payer[] {
  const payers: readonly Payer[] = [
    ...users.all().map((owner) => ({ type: 'user', owner }) as const),
    ...organizations.all().map((owner) => ({ type: 'org', owner }) as const),
  ]
  return payers.toSorted((one, other) => one.owner.created_at - other.owner.created_at)
}

/** The id of something that every payer has one of: `cpayer_…`, with the characters of the owner's id. */
export function ownId(prefix: 'cpayer' | 'cpm' | 'csub' | 'csub_item', ownerId: string): string {
  return `${prefix}_${ownerId.slice(ownerId.indexOf('_') + 1)}`
}

/** The payer whose {@link ownId} it is. */
export function payerOfOwnId(world: World, id: string): Payer | undefined {
  const word = id.slice(id.lastIndexOf('_') + 1)
  return payerOf(world, `user_${word}`) ?? payerOf(world, `org_${word}`)
}
