import type { Invitation } from '../model/invitation.js'
import { invitationStatus } from '../people/invitation.js'
import { ticketUrl } from '../people/ticket.js'
import type { World } from '../state/world.js'

export function invitationAnswer(invitation: Invitation, world: World) {
  const { id, email_address, public_metadata, expires_at, created_at, updated_at } = invitation
  const status = invitationStatus(invitation, world.now())
  return {
    object: 'invitation',
    id,
    email_address,
    public_metadata,
    revoked: status === 'revoked',
    status,
    url: ticketUrl(world, invitation.token),
    expires_at,
    created_at,
    updated_at,
  }
}
