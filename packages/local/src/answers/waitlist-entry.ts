import type { WaitlistEntry } from '../model/waitlist-entry.js'
import type { World } from '../state/world.js'
import { invitationAnswer } from './invitation.js'

export function waitlistEntryAnswer({ id, email_address, status, ...entry }: WaitlistEntry, world: World) {
  const invitation = world.invitations.byId(entry.invitation_id ?? '')
  return {
    object: 'waitlist_entry',
    id,
    email_address,
    status,
    is_locked: false,
    created_at: entry.created_at,
    updated_at: entry.updated_at,
    invitation: invitation ? invitationAnswer(invitation, world) : null,
  }
}
