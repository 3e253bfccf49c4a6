import { Refusal } from '../api/errors.js'
import type { Invitation } from '../model/invitation.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { refuseBlocked } from './blocklist.js'

export const INVITATION_STATUSES = ['pending', 'accepted', 'revoked', 'expired'] as const

/** The status that Clerk shows of an invitation to the application or an organization: a pending one expires. */
export function invitationStatus(
  { status, expires_at }: Pick<Invitation, 'status' | 'expires_at'>,
  now: number,
): (typeof INVITATION_STATUSES)[number] {
  return status === 'pending' && now >= expires_at ? 'expired' : status
}

/**
 * Accepts the invitation whose link was followed. Creates a user with its metadata, unless a user already has the
 * email address.
 *
 * @param ticket from the link
 * @returns the user; `undefined`: no invitation has this ticket
 * @throws {Refusal} if the invitation is no longer valid, or its email address is blocked
 */
export function acceptInvitation(world: World, ticket: string): User | undefined {
  return world.transaction(() => {
    const invitation = world.invitations.find('token', ticket)
    if (!invitation) return undefined
    refuseUnlessPending(invitation, world.now())
    const { id, email_address } = invitation
    refuseBlocked(world, email_address)
    const user = invitedUser(world, invitation)
    world.invitations.update(id, { status: 'accepted' })
    const entry = world.waitlist_entries.find('invitation_id', id)
    if (entry) world.waitlist_entries.update(entry.id, { status: 'completed' })
    return user
  })
}

export function userWithEmail({ users, email_addresses }: World, emailAddress: string): User | undefined {
  return users.byId(email_addresses.find('email_address', emailAddress)?.user_id ?? '')
}

/** The user who has the email address of an invitation, whose link was followed; a new one if there is none. */
export function invitedUser(world: World, invited: Invited): User {
  return knownUser(world, invited.email_address) ?? addUser(world, invited)
}

type Invited = Pick<Invitation, 'email_address'> & Partial<Pick<Invitation, 'public_metadata'>>

/** Following the link proves that the email address belongs to the user. */
function knownUser(world: World, emailAddress: string): User | undefined {
  const address = world.email_addresses.find('email_address', emailAddress)
  if (address?.verified === false) world.email_addresses.update(address.id, { verified: true })
  return userWithEmail(world, emailAddress)
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

function addUser({ users, email_addresses }: World, { email_address, public_metadata }: Invited): User {
  const { id } = users.add({ local_name: email_address, public_metadata })
  const address = email_addresses.add({ user_id: id, email_address })
  return users.update(id, { primary_email_address_id: address.id })
}
