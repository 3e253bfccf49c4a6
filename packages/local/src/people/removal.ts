import type { BaseRecord } from '../model/record.js'
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

interface OwnedRecord extends BaseRecord {
  readonly user_id: string
}

/** The tables whose records belong to a user or an organization that pays, and are removed with them. */
const OWNED_BY_PAYER = ['subscription_items', 'subscriptions', 'payment_attempts', 'statements'] as const
/** The tables whose records belong to an organization, besides memberships. */
const OWNED_BY_ORGANIZATION = ['organization_invitations', 'organization_domains'] as const

interface OrganizationRecord extends BaseRecord {
  readonly organization_id: string
}

/** Removes a user with everything that belongs to them. */
export function removeUser(world: World, userId: string): void {
  const clients = new Set(world.sessions.where('user_id', userId).map(({ client_id }) => client_id))
  for (const name of OWNED_BY_USER) {
    const table = world[name] as unknown as Table<OwnedRecord>
    for (const { id } of table.where('user_id', userId)) table.remove(id)
  }
  for (const id of clients) world.clients.remove(id)
  removeBillingOf(world, userId)
  removeImagesOf(world, userId)
  world.users.remove(userId)
}

/** Removes an organization with everything that belongs to it. */
export function removeOrganization(world: World, organizationId: string): void {
  for (const name of OWNED_BY_ORGANIZATION) {
    const table = world[name] as unknown as Table<OrganizationRecord>
    for (const { id } of table.where('organization_id', organizationId)) table.remove(id)
  }
  for (const membership of world.memberships.where('organization_id', organizationId))
    removeMembership(world, membership)
  for (const { id } of world.saml_connections.where('organization_id', organizationId))
    world.saml_connections.update(id, { organization_id: null })
  removeBillingOf(world, organizationId)
  removeImagesOf(world, organizationId)
  world.organizations.remove(organizationId)
}

export function removeImagesOf({ images }: World, ownerId: string): void {
  for (const { id } of images.where('owner_id', ownerId)) images.remove(id)
}

function removeBillingOf(world: World, ownerId: string): void {
  for (const name of OWNED_BY_PAYER) {
    const table = world[name] as unknown as Table<BaseRecord & { readonly owner_id: string }>
    for (const { id } of table.where('owner_id', ownerId)) table.remove(id)
  }
}
