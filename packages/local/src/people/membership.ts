import type { Membership } from '../model/membership.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { leaveOrganization } from './session.js'

export function membershipOf(world: World, organizationId: string, userId: string): Membership | undefined {
  return world.memberships.where('user_id', userId).find((it) => it.organization_id === organizationId)
}

/** The keys of the role's permissions, such as `org:invoices:read`. */
export function permissionsOf({ roles }: World, role: string): readonly string[] {
  return roles.find('key', role)?.permissions ?? []
}

/** The organization that is active by default; `null`: none, or the user is no longer a member. */
export function defaultOrganizationIdOf(world: World, { id, default_organization_id }: User): string | null {
  return default_organization_id !== null && membershipOf(world, default_organization_id, id)
    ? default_organization_id
    : null
}

/** Sessions in which the organization was active switch to the one that the user joined last. */
export function removeMembership(world: World, { id, user_id, organization_id }: Membership): void {
  world.memberships.remove(id)
  const rest = world.memberships.where('user_id', user_id)
  leaveOrganization(world, user_id, organization_id, rest.at(-1)?.organization_id ?? null)
}
