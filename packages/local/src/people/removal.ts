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
  removeImagesOf(world, organizationId)
  world.organizations.remove(organizationId)
}

export function removeImagesOf({ images }: World, ownerId: string): void {
  for (const { id } of images.where('owner_id', ownerId)) images.remove(id)
}
