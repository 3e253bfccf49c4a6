import { Refusal } from '../api/errors.js'
import type { OrganizationInvitation } from '../model/organization-invitation.js'
import type { World } from '../state/world.js'
import { refuseBlocked } from './blocklist.js'
import { invitationStatus, invitedUser } from './invitation.js'
import { membershipOf } from './membership.js'
import { roleOf } from './role.js'

export function pendingInvitationsOf(world: World, organizationId: string): readonly OrganizationInvitation[] {
  return world.organization_invitations
    .where('organization_id', organizationId)
    .filter((invitation) => invitationStatus(invitation, world.now()) === 'pending')
}

/**
 * Makes the owner of the email address a member. Creates a user if it has none.
 *
 * @param ticket from the link
 * @returns the accepted invitation; `undefined`: none has this ticket
 * @throws {Refusal} if the invitation is no longer valid, its email address is blocked, or its role no longer exists
 */
export function acceptOrganizationInvitation(world: World, ticket: string): AcceptedInvitation | undefined {
  return world.transaction(() => {
    const invitation = world.organization_invitations.find('token', ticket)
    if (!invitation) return undefined
    refuseUnlessPending(invitation, world)
    const { id, email_address, organization_id, role, public_metadata, private_metadata } = invitation
    refuseBlocked(world, email_address)
    // Once it had expired, the role could be deleted; and the clock can be set back.
    const organization = world.organizations.byId(organization_id)
    if (!organization || !roleOf(world, organization, role))
      throw new Refusal('resource_not_found', 'Organization role not found')
    const { id: user_id } = invitedUser(world, { email_address })
    const accepted = world.organization_invitations.update(id, { status: 'accepted', user_id })
    if (!membershipOf(world, organization_id, user_id))
      world.memberships.add({ user_id, organization_id, role, public_metadata, private_metadata })
    return { ...accepted, user_id }
  })
}

/** An invitation with the new member. */
type AcceptedInvitation = OrganizationInvitation & { readonly user_id: string }

function refuseUnlessPending(invitation: OrganizationInvitation, world: World): void {
  const status = invitationStatus(invitation, world.now())
  if (status === 'accepted') throw new Refusal('organization_invitation_already_accepted')
  if (status === 'revoked') throw new Refusal('organization_invitation_revoked_code')
  if (status === 'expired') throw new Refusal('ticket_expired_code')
}
