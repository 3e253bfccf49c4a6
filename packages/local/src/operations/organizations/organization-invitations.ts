import { organizationInvitationAnswer, publicOrganizationData } from '../../answers/organization-invitation.js'
import { Refusal } from '../../api/errors.js'
import type { OrganizationInvitation } from '../../model/organization-invitation.js'
import { list, nullish, object, oneOf, optional, string } from '../../model/schema.js'
import { INVITATION_STATUSES, invitationStatus } from '../../people/invitation.js'
import { pendingInvitationsOf } from '../../people/organization-invitation.js'
import type { World } from '../../state/world.js'
import { INVITATION_FIELDS, inviteToOrganization, refuseNoAdministrator } from './invite-to-organization.js'
import { operation } from '../operation.js'
import { ofOrganizations } from './organization-feature.js'
import { organizationOf } from './organizations.js'
import { PAGE, enveloped, type SortKeys } from '../page.js'
import { resource } from '../resource.js'
import { userOf } from '../users/user.js'

const ORDER: SortKeys<OrganizationInvitation> = {
  created_at: ({ created_at }) => created_at,
  email_address: ({ email_address }) => email_address,
}

const STATUS = { status: optional(list(oneOf(...INVITATION_STATUSES), { max: 100 })) } as const

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
    run: (call) => inviteToOrganization(call.world, organizationOf(call), call.body),
  }),

  invitation.list('ListOrganizationInvitations', {
    query: { ...STATUS, email_address: optional(string()) },
    order: ORDER,
    of: (call) => call.world.organization_invitations.where('organization_id', organizationOf(call).id),
    filter: (record, { world, query }) =>
      (query.status?.includes(invitationStatus(record, world.now())) ?? true) &&
      (query.email_address === undefined || record.email_address === query.email_address.toLowerCase()),
    page: 'envelope',
  }),

  operation('CreateOrganizationInvitationBulk', 'POST /v1/organizations/{organization_id}/invitations/bulk', {
    body: list(object(INVITATION_FIELDS), { min: 1, max: 10 }),
    run(call) {
      const { world, body } = call
      const organization = organizationOf(call)
      const created = body.map((fields) => inviteToOrganization(world, organization, fields))
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
    body: object({ requesting_user_id: nullish(string()) }),
    run(record, call) {
      const { world, body } = call
      refuseNoAdministrator(world, organizationOf(call), body.requesting_user_id ?? null)
      if (invitationStatus(record, world.now()) !== 'pending')
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
    filter: (record, { world, query }) => query.status?.includes(invitationStatus(record, world.now())) ?? true,
    page: 'envelope',
  }),

  operation('UsersGetOrganizationInvitations', 'GET /v1/users/{user_id}/organization_invitations', {
    query: { ...PAGE, ...STATUS },
    run(call) {
      const { world, query } = call
      const own = world.email_addresses
        .where('user_id', userOf(call).id)
        .flatMap(({ email_address }) => world.organization_invitations.where('email_address', email_address))
        .filter((record) => query.status?.includes(invitationStatus(record, world.now())) ?? true)
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
