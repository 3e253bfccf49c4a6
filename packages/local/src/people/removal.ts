import type { BaseRecord } from '../model/record.js'
import type { TableName } from '../model/tables.js'
import type { Table } from '../state/table.js'
import type { World } from '../state/world.js'
import { removeMembership } from './membership.js'

/** The tables whose records belong to a user and are removed with them. The user's tokens stay, and are invalid. */
const OWNED_BY_USER = [
  'memberships',
  'sessions',
  'email_addresses',
  'phone_numbers',
  'web3_wallets',
  'passkeys',
  'external_accounts',
  'actor_tokens',
  'sign_in_tokens',
] as const

/** The tables whose records belong to a user or an organization that pays, and are removed with them. */
const OWNED_BY_PAYER = ['subscription_items', 'subscriptions', 'payment_attempts', 'statements'] as const

/** The tables whose records belong to an organization, besides memberships. */
const OWNED_BY_ORGANIZATION = ['organization_invitations', 'organization_domains'] as const

/** Removes a user with everything that belongs to them. */
export function removeUser(world: World, userId: string): void {
  const clients = new Set(world.sessions.where('user_id', userId).map(({ client_id }) => client_id))
  removeOwned(world, OWNED_BY_USER, 'user_id', userId)
  for (const id of clients) world.clients.remove(id)
  removeOwned(world, OWNED_BY_PAYER, 'owner_id', userId)
  removeImagesOf(world, userId)
  world.users.remove(userId)
}

/** Removes an organization with everything that belongs to it. */
export function removeOrganization(world: World, organizationId: string): void {
  removeOwned(world, OWNED_BY_ORGANIZATION, 'organization_id', organizationId)
  for (const membership of world.memberships.where('organization_id', organizationId))
    removeMembership(world, membership)
  for (const { id } of world.saml_connections.where('organization_id', organizationId))
    world.saml_connections.update(id, { organization_id: null })
  removeOwned(world, OWNED_BY_PAYER, 'owner_id', organizationId)
  removeImagesOf(world, organizationId)
  world.organizations.remove(organizationId)
}

export function removeImagesOf({ images }: World, ownerId: string): void {
  for (const { id } of images.where('owner_id', ownerId)) images.remove(id)
}

type OwnerField = 'user_id' | 'organization_id' | 'owner_id'

/** Removes what an owner has in these tables. */
function removeOwned(world: World, tables: readonly TableName[], field: OwnerField, ownerId: string): void {
  for (const name of tables) {
    const table = world[name] as unknown as Table<BaseRecord & Readonly<Record<OwnerField, string>>>
    for (const { id } of table.where(field, ownerId)) table.remove(id)
  }
}
