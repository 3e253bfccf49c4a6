import type { World } from '../state/world.js'
import { pendingInvitationsOf } from './organization-invitation.js'

/** The keys of the roles that members of an organization have, or will have once they accept an invitation. */
export function rolesInUse(world: World, organizationId: string): ReadonlySet<string> {
  const members = world.memberships.where('organization_id', organizationId)
  return new Set([...members, ...pendingInvitationsOf(world, organizationId)].map(({ role }) => role))
}
