import { organizationInvitationAnswer, publicOrganizationData } from '../answers/organization-invitation.js'
import { Refusal } from '../api/errors.js'
import { randomWord } from '../model/ids.js'
import { metadata } from '../model/metadata.js'
import type { Organization } from '../model/organization.js'
import type { OrganizationInvitation } from '../model/organization-invitation.js'
import { boolean, integer, list, nullable, object, oneOf, optional, string, type Values } from '../model/schema.js'
import { sendEmail } from '../outbox/send.js'
import { membershipOf } from '../people/membership.js'
import { DAY_IN_MS, INVITATION_STATUSES, pendingInvitationsOf, statusOf } from '../people/organization-invitation.js'
import { refuseFullOrganization } from '../people/organization-quota.js'
import { isAdministrative, roleOf } from '../people/role.js'
import { ticketUrl } from '../people/ticket.js'
import type { World } from '../state/world.js'
import { given } from './changes.js'
import { emailAddress } from './email-address.js'
import { operation } from './operation.js'
import { ofOrganizations } from './organization-feature.js'
import { organizationOf } from './organizations.js'
import { PAGE, enveloped, type SortKeys } from './page.js'
import { resource } from './resource.js'

const MAX_IN_BULK = 10
const DEFAULT_DAYS = 30

const ORDER: SortKeys<OrganizationInvitation> = {
  created_at: ({ created_at }) => created_at,
  email_address: ({ email_address }) => email_address,
}

const STATUS = { status: optional(list(oneOf(...INVITATION_STATUSES), { max: 100 })) } as const

const INVITATION_FIELDS = {
  email_address: emailAddress(),
  inviter_user_id: optional(nullable(string())),
  role: string(),
  public_metadata: optional(nullable(metadata())),
  private_metadata: optional(nullable(metadata())),
  redirect_url: optional(nullable(string({ max: 2048 }))),
  expires_in_days: optional(nullable(integer({ min: 1, max: 365 }))),
  notify: optional(nullable(boolean())),
} as const

/** The invitations of one organization. */
const invitation = resource('organization_invitations', {
  path: '/v1/organizations/{organization_id}/invitations',
  param: 'invitation_id',
  find(call) {
    const { id } = organizationOf(call)
    const found = call.world.organization_invitations.byId(call.params.invitation_id ?? '')
    return found?.organization_id === id ? found : undefined
  },
  missing: (id) => new Refusal('resource_not_found', `No organization invitation was found with id ${id}`),
  answer: (record, { world }) => organizationInvitationAnswer(record, world),
})

/** Those of all organizations. */
const ofInstance = resource('organization_invitations', {
  path: '/v1/organization_invitations',
  param: 'invitation_id',
  missing: (id) => new Refusal('resource_not_found', `No organization invitation was found with id ${id}`),
  answer: (record, { world }) => answerWithOrganization(record, world),
})

export const organizationInvitations = ofOrganizations([
  invitation.create('CreateOrganizationInvitation', {
    body: object(INVITATION_FIELDS),
    run: (call) => invite(call.world, organizationOf(call), call.body),
  }),

  invitation.list('ListOrganizationInvitations', {
    query: { ...STATUS, email_address: optional(string()) },
    order: ORDER,
    of: (call) => call.world.organization_invitations.where('organization_id', organizationOf(call).id),
    filter: (record, { world, query }) =>
      (query.status?.includes(statusOf(record, world)) ?? true) &&
      (query.email_address === undefined || record.email_address === query.email_address.toLowerCase()),
    page: 'envelope',
  }),

  operation('CreateOrganizationInvitationBulk', 'POST /v1/organizations/{organization_id}/invitations/bulk', {
    body: list(object(INVITATION_FIELDS), { min: 1 }),
    run(call) {
      const { world, body } = call
      if (body.length > MAX_IN_BULK)
        throw new Refusal(
          'bulk_size_exceeded',
          `Parameters exceed the maximum allowed bulk processing size of ${MAX_IN_BULK}.`,
        )
      const organization = organizationOf(call)
      const created = body.map((fields) => invite(world, organization, fields))
      return {
        data: created.map((record) => organizationInvitationAnswer(record, world)),
        total_count: created.length,
      }
    },
  }),

  operation('ListPendingOrganizationInvitations', 'GET /v1/organizations/{organization_id}/invitations/pending', {
    query: PAGE,
    run(call) {
      const pending = pendingInvitationsOf(call.world, organizationOf(call).id).toReversed()
      return enveloped(pending, call.query, (record) => organizationInvitationAnswer(record, call.world))
    },
  }),

  invitation.get('GetOrganizationInvitation'),

  invitation.act('RevokeOrganizationInvitation', 'POST', '/revoke', {
    body: object({ requesting_user_id: optional(nullable(string())) }),
    run(record, call) {
      const { world, body } = call
      refuseNoAdministrator(world, organizationOf(call), body.requesting_user_id)
      if (statusOf(record, world) !== 'pending')
        throw new Refusal(
          'organization_invitation_not_pending',
          "The organization invitation is not in the 'pending' status.",
        )
      return world.organization_invitations.update(record.id, { status: 'revoked' })
    },
  }),

  ofInstance.list('ListInstanceOrganizationInvitations', {
    query: STATUS,
    search: ['email_address'],
    order: ORDER,
    filter: (record, { world, query }) => query.status?.includes(statusOf(record, world)) ?? true,
    page: 'envelope',
  }),

  operation('UsersGetOrganizationInvitations', 'GET /v1/users/{user_id}/organization_invitations', {
    query: { ...PAGE, ...STATUS },
    run({ world, params: { user_id = '' }, query }) {
      if (!world.users.byId(user_id)) throw new Refusal('resource_not_found', `No user was found with id ${user_id}`)
      const own = world.email_addresses
        .where('user_id', user_id)
        .flatMap(({ email_address }) => world.organization_invitations.where('email_address', email_address))
        .filter((record) => query.status?.includes(statusOf(record, world)) ?? true)
        .toSorted((one, other) => other.created_at - one.created_at)
      return enveloped(own, query, (record) => answerWithOrganization(record, world))
    },
  }),
])

function answerWithOrganization(record: OrganizationInvitation, world: World) {
  return {
    ...organizationInvitationAnswer(record, world),
    public_organization_data: publicOrganizationData(world, record.organization_id),
  }
}

/** @throws {Refusal} if the invitation is not allowed, or the address has one already */
function invite(
  world: World,
  organization: Organization,
  fields: Values<typeof INVITATION_FIELDS>,
): OrganizationInvitation {
  const { inviter_user_id, expires_in_days, notify, role, ...rest } = given(fields)
  const { email_address } = fields
  if (!roleOf(world, organization, fields.role))
    throw new Refusal('resource_not_found', 'Organization role not found', 'role')
  refuseNoAdministrator(world, organization, inviter_user_id)
  refuseMember(world, organization.id, email_address)
  if (pendingInvitationsOf(world, organization.id).some((it) => it.email_address === email_address))
    throw new Refusal('organization_invitation_not_unique')
  refuseFullOrganization(world, organization)

  const days = expires_in_days ?? DEFAULT_DAYS
  const created = world.organization_invitations.add({
    ...rest,
    organization_id: organization.id,
    email_address,
    role: fields.role,
    inviter_id: inviter_user_id ?? null,
    token: randomWord(42),
    expires_at: world.now() + days * DAY_IN_MS,
  })
  if (notify !== false) sendInvitation(world, organization, created, days)
  return created
}

/** @throws {Refusal} if this user may not manage the invitations of the organization */
function refuseNoAdministrator(world: World, organization: Organization, userId: string | null | undefined): void {
  if (userId === null || userId === undefined) return
  const membership = membershipOf(world, organization.id, userId)
  if (!membership) throw new Refusal('not_a_member_in_organization')
  if (!isAdministrative(world, organization, membership.role)) throw new Refusal('missing_organization_permission')
}

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
