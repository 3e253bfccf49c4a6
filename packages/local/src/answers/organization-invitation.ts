import type { OrganizationInvitation } from '../model/organization-invitation.js'
import { ticketUrl } from '../people/ticket.js'
import { invitationStatus } from '../people/invitation.js'
import { identifierOf } from '../people/user.js'
import type { World } from '../state/world.js'
import { imageFields } from './image.js'

export function organizationInvitationAnswer(invitation: OrganizationInvitation, world: World) {
  const { id, email_address, role, organization_id, inviter_id, public_metadata, private_metadata } = invitation
  const status = invitationStatus(invitation, world.now())
  return {
    object: 'organization_invitation',
    id,
    email_address,
    role,
    role_name: world.roles.find('key', role)?.name ?? role,
    organization_id,
    inviter_id,
    public_inviter_data: inviterData(world, inviter_id),
    status,
    public_metadata,
    private_metadata,
    url: status === 'pending' ? ticketUrl(world, invitation.token) : null,
    expires_at: invitation.expires_at,
    created_at: invitation.created_at,
    updated_at: invitation.updated_at,
  }
}

/** What anyone may know about an organization. */
export function publicOrganizationData(world: World, organizationId: string) {
  const organization = world.organizations.byId(organizationId)
  if (!organization) throw new Error('a record outlived its organization')
  const { id, name, slug } = organization
  return { id, name, slug, ...imageFields(world, organization) }
}

function inviterData(world: World, inviterId: string | null) {
  const inviter = world.users.byId(inviterId ?? '')
  if (!inviter) return null
  return {
    user_id: inviter.id,
    first_name: inviter.first_name,
    last_name: inviter.last_name,
    ...imageFields(world, inviter),
    identifier: identifierOf(world, inviter),
  }
}
