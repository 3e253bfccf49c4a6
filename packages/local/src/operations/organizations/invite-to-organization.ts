import { Refusal } from '../../api/errors.js'
import { randomWord } from '../../model/ids.js'
import type { Organization } from '../../model/organization.js'
import type { OrganizationInvitation } from '../../model/organization-invitation.js'
import { integer, nullish, string, type Values } from '../../model/schema.js'
import { sendEmail } from '../../outbox/send.js'
import { membershipOf } from '../../people/membership.js'
import { pendingInvitationsOf } from '../../people/organization-invitation.js'
import { refuseFullOrganization } from '../../people/organization-quota.js'
import { isAdministrative, roleOf } from '../../people/role.js'
import { ticketUrl } from '../../people/ticket.js'
import type { World } from '../../state/world.js'
import { DAY_IN_MS } from '../../support/durations.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG, METADATA } from '../fields.js'
import { roleNotFound } from './organization-roles.js'
import { emailAddressField } from '../users/identifier-fields.js'

const DEFAULT_DAYS = 30

export const INVITATION_FIELDS = {
  email_address: emailAddressField(),
  inviter_user_id: nullish(string()),
  role: string(),
  public_metadata: METADATA,
  private_metadata: METADATA,
  redirect_url: nullish(string({ max: 2048 })),
  expires_in_days: nullish(integer({ min: 1, max: 365 })),
  notify: FLAG,
} as const

/**
 * Invites the owner of an email address, who gets an email unless `notify` is `false`.
 *
 * @throws {Refusal} if the invitation is not allowed, or the address has one already
 */
export function inviteToOrganization(
  world: World,
  organization: Organization,
  fields: Values<typeof INVITATION_FIELDS>,
): OrganizationInvitation {
  const { email_address, role, inviter_user_id = null, public_metadata, private_metadata, redirect_url } = fields
  const days = fields.expires_in_days ?? DEFAULT_DAYS
  refuseUnknownRole(world, organization, role)
  refuseNoAdministrator(world, organization, inviter_user_id)
  refuseMember(world, organization.id, email_address)
  if (pendingInvitationsOf(world, organization.id).some((it) => it.email_address === email_address))
    throw new Refusal('organization_invitation_not_unique')
  refuseFullOrganization(world, organization)

  const created = world.organization_invitations.add({
    ...withoutNulls({ public_metadata, private_metadata, redirect_url }),
    organization_id: organization.id,
    email_address,
    role,
    inviter_id: inviter_user_id,
    token: randomWord(42),
    expires_at: world.now() + days * DAY_IN_MS,
  })
  if (fields.notify !== false) sendInvitation(world, organization, created, days)
  return created
}

/** @throws {Refusal} if members of the organization cannot have the role */
export function refuseUnknownRole(world: World, organization: Organization, role: string): void {
  if (!roleOf(world, organization, role)) throw roleNotFound('role')
}

/** @throws {Refusal} if this user may not manage the invitations of the organization */
export function refuseNoAdministrator(world: World, organization: Organization, userId: string | null): void {
  if (userId === null) return
  const membership = membershipOf(world, organization.id, userId)
  if (!membership) throw new Refusal('not_a_member_in_organization')
  if (!isAdministrative(world, organization, membership.role)) throw new Refusal('missing_organization_permission')
}

/** @throws {Refusal} if the address belongs to a member */
function refuseMember(world: World, organizationId: string, email_address: string): void {
  const owner = world.email_addresses.find('email_address', email_address)
  if (owner && membershipOf(world, organizationId, owner.user_id))
    throw new Refusal(
      'already_a_member_in_organization',
      `${email_address} is already a member of the organization.`,
      'email_address',
    )
}

function sendInvitation(
  world: World,
  { name }: Organization,
  { email_address, token, inviter_id, public_metadata }: OrganizationInvitation,
  expires_in_days: number,
): void {
  const owner = world.email_addresses.find('email_address', email_address)
  const inviter = world.users.byId(inviter_id ?? '')
  const inviterName = [inviter?.first_name, inviter?.last_name].filter(Boolean).join(' ')
  sendEmail(world, {
    slug: 'organization_invitation',
    to_email_address: email_address,
    user_id: owner?.user_id ?? null,
    email_address_id: owner?.id ?? null,
    data: {
      action_url: ticketUrl(world, token),
      org: { name },
      invitation: { expires_in_days, public_metadata },
      ...(inviterName !== '' && { inviter_name: inviterName }),
    },
  })
}
