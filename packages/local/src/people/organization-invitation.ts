import { Refusal } from '../api/errors.js'
import type { Membership } from '../model/membership.js'
import type { OrganizationInvitation } from '../model/organization-invitation.js'
import type { World } from '../state/world.js'
import { membershipOf } from './membership.js'

export const DAY_IN_MS = 86_400_000

export type InvitationStatus = OrganizationInvitation['status'] | 'expired'

export const INVITATION_STATUSES = ['pending', 'accepted', 'revoked', 'expired'] as const

export function statusOf({ status, expires_at }: OrganizationInvitation, { now }: World): InvitationStatus {
  return status === 'pending' && now() >= expires_at ? 'expired' : status
}

export function pendingInvitationsOf(world: World, organizationId: string): readonly OrganizationInvitation[] {
  return world.organization_invitations
    .where('organization_id', organizationId)
    .filter((invitation) => statusOf(invitation, world) === 'pending')
}

/**
 * Makes the owner of the email address a member, as whom a user is created if it has none.
 *
 * @returns the membership; `undefined`: no invitation has this ticket
 * @throws {Refusal} if the invitation cannot be accepted any more
 */
export function acceptOrganizationInvitation(world: World, ticket: string): Membership | undefined {
  const invitation = world.organization_invitations.find('ticket', ticket)
  if (!invitation) return undefined
  refuseUnlessPending(invitation, world)
  const { id, organization_id, role, public_metadata, private_metadata } = invitation
  const user_id = ownerOf(world, invitation.email_address)
  const membership =
    membershipOf(world, organization_id, user_id) ??
    world.memberships.add({ user_id, organization_id, role, public_metadata, private_metadata })
  world.organization_invitations.update(id, { status: 'accepted', user_id })
  return membership
}

function refuseUnlessPending(invitation: OrganizationInvitation, world: World): void {
  const status = statusOf(invitation, world)
  if (status === 'accepted') throw new Refusal('organization_invitation_already_accepted')
  if (status === 'revoked') throw new Refusal('organization_invitation_revoked_code')
  if (status === 'expired') throw new Refusal('ticket_expired_code')
}

/** Following the link proves that the address belongs to the user. */
function ownerOf(world: World, email_address: string): string {
  const known = world.email_addresses.find('email_address', email_address)
  if (!known) return createUser(world, email_address)
  if (!known.verified) world.email_addresses.update(known.id, { verified: true })
  return known.user_id
}

function createUser(world: World, email_address: string): string {
  const { id } = world.users.add({ local_name: email_address })
  const { id: emailId } = world.email_addresses.add({ user_id: id, email_address })
  world.users.update(id, { primary_email_address_id: emailId })
  return id
}
