import { Refusal } from '../api/errors.js'
import type { Invitation } from '../model/invitation.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { refuseBlocked } from './blocklist.js'

/** The status that Clerk shows: a pending invitation expires. */
export function invitationStatus({ status, expires_at }: Invitation, now: number): Invitation['status'] | 'expired' {
  return status === 'pending' && now >= expires_at ? 'expired' : status
}

/**
 * Accepts the invitation whose link was followed. Creates the user with its metadata, unless somebody signed up with the
 * email address in the meantime.
 *
 * @param token the `ticket` in the link
 * @throws {Refusal} if no invitation has the token, it is no longer valid, or its email address is blocked
 */
export function acceptInvitation(
  world: World,
  token: string,
): { readonly user: User; readonly redirectUrl: string | null } {
  return world.transaction(() => {
    const invitation = world.invitations.find('token', token)
    if (!invitation) throw new Refusal('ticket_invalid_code')
    refuseUnlessPending(invitation, world.now())
    const { id, email_address, redirect_url } = invitation
    refuseBlocked(world, email_address)
    world.invitations.update(id, { status: 'accepted' })
    const entry = world.waitlist_entries.find('invitation_id', id)
    if (entry) world.waitlist_entries.update(entry.id, { status: 'completed' })
    return { user: userOf(world, email_address) ?? addUser(world, invitation), redirectUrl: redirect_url }
  })
}

/** The user who has an email address. */
export function userOf({ users, email_addresses }: World, emailAddress: string): User | undefined {
  return users.byId(email_addresses.find('email_address', emailAddress)?.user_id ?? '')
}

function refuseUnlessPending(invitation: Invitation, now: number): void {
  switch (invitationStatus(invitation, now)) {
    case 'accepted':
      throw new Refusal('invitation_already_accepted')
    case 'revoked':
      throw new Refusal('invitation_already_revoked')
    case 'expired':
      throw new Refusal('ticket_expired_code')
    case 'pending':
  }
}

function addUser({ users, email_addresses }: World, { email_address, public_metadata }: Invitation): User {
  const { id } = users.add({ local_name: email_address, public_metadata })
  const address = email_addresses.add({ user_id: id, email_address })
  return users.update(id, { primary_email_address_id: address.id })
}
