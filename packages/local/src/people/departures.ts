import type { Community } from './community.js'
import type { Membership } from './membership.js'

/** Removes a user with their memberships and sessions. */
export function removeUser({ directory, sessions }: Community, userId: string): void {
  for (const membership of directory.memberships.all())
    if (membership.userId === userId) directory.memberships.remove(membership.id)
  sessions.removeByUser(userId)
  directory.users.remove(userId)
}

export function removeOrganization(community: Community, organizationId: string): void {
  const { memberships, organizations } = community.directory
  for (const membership of memberships.all())
    if (membership.organizationId === organizationId) removeMembership(community, membership)
  organizations.remove(organizationId)
}

/** Sessions in which the organization was active switch to the one that the user joined last. */
export function removeMembership({ directory, sessions }: Community, membership: Membership): void {
  const { userId, organizationId } = membership
  directory.memberships.remove(membership.id)
  const rest = directory.memberships.all().filter((other) => other.userId === userId)
  sessions.leave(userId, organizationId, rest.at(-1)?.organizationId ?? null)
}
