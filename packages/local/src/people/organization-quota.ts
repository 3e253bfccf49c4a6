import { Refusal } from '../api/errors.js'
import type { Organization } from '../model/organization.js'
import type { World } from '../state/world.js'
import { pendingInvitationsOf } from './organization-invitation.js'

/**
 * Pending invitations count as members.
 *
 * @throws {Refusal} if the organization cannot have another member
 */
export function refuseFullOrganization(world: World, { id, max_allowed_memberships: max }: Organization): void {
  const count = world.memberships.where('organization_id', id).length + pendingInvitationsOf(world, id).length
  if (max !== 0 && count >= max)
    throw new Refusal(
      'organization_membership_quota_exceeded',
      `You have reached your limit of ${max} organization memberships, including outstanding invitations.`,
    )
}
