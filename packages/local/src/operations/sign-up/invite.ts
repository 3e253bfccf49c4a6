import { Refusal } from '../../api/errors.js'
import { randomWord } from '../../model/ids.js'
import type { Invitation } from '../../model/invitation.js'
import type { JsonObject } from '../../model/schema.js'
import { sendEmail } from '../../outbox/send.js'
import { refuseBlocked } from '../../people/blocklist.js'
import { invitationStatus, userWithEmail } from '../../people/invitation.js'
import { ticketUrl } from '../../people/ticket.js'
import type { World } from '../../state/world.js'
import { DAY_IN_MS } from '../../support/durations.js'

export interface InvitationInput {
  /** in lower case */
  readonly email_address: string
  readonly public_metadata?: JsonObject | null | undefined
  readonly redirect_url?: string | null | undefined
  /** default `true` */
  readonly notify?: boolean | null | undefined
  /** default 30 */
  readonly expires_in_days?: number | null | undefined
  readonly template_slug?: 'invitation' | 'waitlist_invitation' | undefined
}

/**
 * Adds an invitation, and sends its email.
 *
 * @throws {Refusal} if the email address is blocked
 */
export function invite(world: World, input: InvitationInput): Invitation {
  const { email_address, redirect_url = null, template_slug = 'invitation' } = input
  refuseBlocked(world, email_address)
  const expires_in_days = input.expires_in_days ?? 30
  const invitation = world.invitations.add({
    email_address,
    public_metadata: input.public_metadata ?? {},
    redirect_url,
    token: randomWord(42),
    expires_at: world.now() + expires_in_days * DAY_IN_MS,
  })
  if (input.notify ?? true)
    sendEmail(world, {
      slug: template_slug,
      to_email_address: email_address,
      data: {
        action_url: ticketUrl(world, invitation.token),
        invitation: { expires_in_days, public_metadata: invitation.public_metadata },
      },
    })
  return invitation
}

/** @throws {Refusal} if a user has the email address */
export function refuseUser(world: World, emailAddress: string): void {
  if (userWithEmail(world, emailAddress))
    throw new Refusal('form_identifier_exists', 'That email address is taken. Please try another.', 'email_address')
}

/** @throws {Refusal} if the email address has a pending invitation */
export function refuseInvited(world: World, emailAddress: string): void {
  const invitations = world.invitations.where('email_address', emailAddress)
  if (invitations.some((invitation) => invitationStatus(invitation, world.now()) === 'pending'))
    throw new Refusal(
      'duplicate_record',
      `There are already pending invitations for the following email addresses: ${emailAddress}`,
    )
}
