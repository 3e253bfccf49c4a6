import { membershipAnswer } from '../../answers/membership.js'
import { Refusal } from '../../api/errors.js'
import type { Membership } from '../../model/membership.js'
import { metadata } from '../../model/metadata.js'
import { object, optional, strict, string } from '../../model/schema.js'
import type { Organization } from '../../model/organization.js'
import type { User } from '../../model/user.js'
import { membershipOf, removeMembership } from '../../people/membership.js'
import { refuseFullOrganization } from '../../people/organization-quota.js'
import { identifierOf } from '../../people/user.js'
import type { World } from '../../state/world.js'
import { METADATA } from '../fields.js'
import { SEVERAL } from '../filter.js'
import { mergedMetadata } from '../metadata.js'
import { operation } from '../operation.js'
import { refuseUnknownRole } from './invite-to-organization.js'
import { ofOrganizations } from './organization-feature.js'
import { organizationOf } from './organizations.js'
import { PAGE, enveloped, inOrder, orderBy, type SortKeys } from '../page.js'
import { resource } from '../resource.js'
import { PERSON_FILTERS, PERSON_ORDER, fieldsOf, matching } from '../users/user-filter.js'
import { userOf, userWithId } from '../users/user.js'

/** The members of an organization, by user. */
const membership = resource('memberships', {
  path: '/v1/organizations/{organization_id}/memberships',
  param: 'user_id',
  find: (call) => membershipOf(call.world, organizationOf(call).id, call.params['user_id'] ?? ''),
  missing: () => new Refusal('resource_not_found', 'Given membership not found.'),
  answer: (record, { world }) => membershipAnswer(record, world),
})

const ORDER = {
  created_at: ({ created_at }) => created_at,
  email_address: ofUser(PERSON_ORDER.email_address),
  phone_number: ofUser(PERSON_ORDER.phone_number),
  username: ofUser(PERSON_ORDER.username),
  first_name: ofUser(PERSON_ORDER.first_name),
  last_name: ofUser(PERSON_ORDER.last_name),
} as const satisfies SortKeys<Membership>

export const memberships = ofOrganizations([
  membership.create('CreateOrganizationMembership', {
    body: object({ user_id: string(), role: string(), public_metadata: METADATA, private_metadata: METADATA }),
    run(call) {
      const { world, body } = call
      const organization = organizationOf(call)
      const user = userWithId(world, body.user_id)
      refuseUnknownRole(world, organization, body.role)
      refuseMember(world, organization, user)
      return world.memberships.add({
        user_id: user.id,
        organization_id: organization.id,
        role: body.role,
        public_metadata: body.public_metadata ?? {},
        private_metadata: body.private_metadata ?? {},
      })
    },
  }),

  membership.list('ListOrganizationMemberships', {
    query: { ...fieldsOf(PERSON_FILTERS), role: SEVERAL },
    order: ORDER,
    of(call) {
      const { world, query } = call
      const match = matching(PERSON_FILTERS, query)
      return world.memberships
        .where('organization_id', organizationOf(call).id)
        .filter(({ role }) => query.role?.includes(role) ?? true)
        .filter(({ user_id, created_at }) => {
          const user = world.users.byId(user_id)
          return user !== undefined && match({ user, created_at }, world)
        })
    },
    page: 'envelope',
  }),

  membership.update('UpdateOrganizationMembership', {
    body: object({ role: string() }),
    run({ id }, call) {
      const { world, body } = call
      const { role } = body
      refuseUnknownRole(world, organizationOf(call), role)
      return world.memberships.update(id, { role })
    },
  }),

  operation('DeleteOrganizationMembership', 'DELETE /v1/organizations/{organization_id}/memberships/{user_id}', {
    run(call) {
      const record = membership.recordOf(call)
      const answer = membershipAnswer(record, call.world)
      removeMembership(call.world, record)
      return answer
    },
  }),

  membership.act('UpdateOrganizationMembershipMetadata', 'PATCH', '/metadata', {
    body: strict({ public_metadata: optional(metadata()), private_metadata: optional(metadata()) }),
    run: (record, { world, body }) => world.memberships.update(record.id, mergedMetadata(record, body)),
  }),

  operation('InstanceGetOrganizationMemberships', 'GET /v1/organization_memberships', {
    query: { ...PAGE, order_by: orderBy(ORDER) },
    run: ({ world, query }) =>
      enveloped(inOrder(world, world.memberships.all(), ORDER, query.order_by), query, (one) =>
        membershipAnswer(one, world),
      ),
  }),

  operation('UsersGetOrganizationMemberships', 'GET /v1/users/{user_id}/organization_memberships', {
    query: PAGE,
    run(call) {
      const { world, query } = call
      const own = world.memberships.where('user_id', userOf(call).id)
      return enveloped(inOrder(world, own, ORDER), query, (one) => membershipAnswer(one, world))
    },
  }),
])

/** Sorts memberships by their users. */
function ofUser(keyOf: SortKeys<User>[string]): SortKeys<Membership>[string] {
  return ({ user_id }, world) => {
    const user = world.users.byId(user_id)
    return user ? keyOf(user, world) : null
  }
}

/** @throws {Refusal} if the user is a member, or the organization has no room for another */
function refuseMember(world: World, organization: Organization, user: User): void {
  if (membershipOf(world, organization.id, user.id))
    throw new Refusal(
      'already_a_member_in_organization',
      `${identifierOf(world, user)} is already a member of the organization.`,
      'user_id',
    )
  refuseFullOrganization(world, organization)
}
