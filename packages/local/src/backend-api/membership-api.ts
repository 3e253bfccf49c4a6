import { activitiesOf } from '../people/activity.js'
import { jsonAnswer } from '../api/answer.js'
import type { Community } from '../people/community.js'
import { removeMembership } from '../people/departures.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields, readQueryFields, type FieldValues } from './fields.js'
import { membershipJson, newMembership, type Membership, type MembershipParts } from '../people/membership.js'
import { METADATA_FIELD, mergeMetadata } from '../people/metadata.js'
import { inOrder, orderField, type SortKeys } from './order.js'
import { organizationOf } from './organization-api.js'
import { PAGE_FIELDS, pageAnswer } from './page.js'
import { userNotFound } from './user-api.js'
import { PERSON_FILTER_FIELDS, PERSON_SORT_KEYS, matches, type Candidate } from './user-filter.js'

/** The memberships of organizations, with their roles. */
export function membershipApi(community: Community): readonly Endpoint[] {
  const { directory, sessions, now } = community
  const { memberships, users, population } = directory
  const path = '/v1/organizations/:organization_id/memberships'
  const json = (membership: Membership) => membershipJson(directory.partsOf(membership))

  function candidatesOf(found: readonly Membership[]): readonly Member[] {
    const activityOf = activitiesOf(sessions.all())
    return found.map((membership) => {
      const parts = directory.partsOf(membership)
      const { createdAt, organizationId } = membership
      const { user } = parts
      return { parts, user, activity: activityOf(user.id), createdAt, organizationIds: [organizationId] }
    })
  }

  function listOf(found: readonly Member[], asked: FieldValues<typeof SORTED_PAGE_FIELDS>) {
    return pageAnswer(inOrder(found, SORT_KEYS, asked.order_by), asked, ({ parts }) => membershipJson(parts))
  }

  /** @throws {Refusal} */
  function membershipOf(request: EndpointRequest): Membership {
    const membership = directory.membershipOf(organizationOf(request, community).id, request.params['user_id'] ?? '')
    if (!membership) throw new Refusal('resource_not_found', 'Given membership not found.')
    return membership
  }

  /** @throws {Refusal} */
  function refuseUnknownRole(role: string): void {
    if (!population.roles.has(role)) throw new Refusal('resource_not_found', 'Organization role not found', 'role')
  }

  return [
    {
      operation: 'CreateOrganizationMembership',
      method: 'POST',
      path,
      async answer(request) {
        const { user_id: userId, role, ...metadata } = await readBodyFields(request, CREATE_FIELDS)
        const { id: organizationId, maxAllowedMemberships: max } = organizationOf(request, community)
        const user = users.byId(userId)
        if (!user) throw userNotFound(userId)
        refuseUnknownRole(role)
        if (directory.membershipOf(organizationId, userId))
          throw new Refusal(
            'already_a_member_in_organization',
            `${user.name} is already a member of the organization.`,
            'user_id',
          )
        const members = memberships.all().filter((other) => other.organizationId === organizationId)
        if (max > 0 && members.length >= max)
          throw new Refusal(
            'organization_membership_quota_exceeded',
            `You have reached your limit of ${max} organization memberships, including outstanding invitations.`,
          )
        const fields = {
          userId,
          organizationId,
          role,
          publicMetadata: metadata.public_metadata ?? {},
          privateMetadata: metadata.private_metadata ?? {},
        }
        return jsonAnswer(json(memberships.set(newMembership(fields, now()))))
      },
    },
    {
      operation: 'ListOrganizationMemberships',
      method: 'GET',
      path,
      answer(request) {
        const { id } = organizationOf(request, community)
        const { role: roles, ...asked } = readQueryFields(request, LIST_FIELDS)
        const members = memberships
          .all()
          .filter(({ organizationId, role }) => organizationId === id && (roles?.includes(role) ?? true))
        return listOf(
          candidatesOf(members).filter((candidate) => matches(asked, candidate)),
          asked,
        )
      },
    },
    {
      operation: 'UpdateOrganizationMembership',
      method: 'PATCH',
      path: `${path}/:user_id`,
      async answer(request) {
        const { role } = await readBodyFields(request, UPDATE_FIELDS)
        const membership = membershipOf(request)
        refuseUnknownRole(role)
        return jsonAnswer(json(memberships.set({ ...membership, role, updatedAt: now() })))
      },
    },
    {
      operation: 'DeleteOrganizationMembership',
      method: 'DELETE',
      path: `${path}/:user_id`,
      answer(request) {
        const membership = membershipOf(request)
        const answer = jsonAnswer(json(membership))
        removeMembership(community, membership)
        return answer
      },
    },
    {
      operation: 'UpdateOrganizationMembershipMetadata',
      method: 'PATCH',
      path: `${path}/:user_id/metadata`,
      async answer(request) {
        const body = await readBodyFields(request, METADATA_FIELDS, { strict: true })
        const membership = membershipOf(request)
        const changed = memberships.set({
          ...membership,
          publicMetadata: mergeMetadata('public_metadata', membership.publicMetadata, body.public_metadata),
          privateMetadata: mergeMetadata('private_metadata', membership.privateMetadata, body.private_metadata),
          updatedAt: now(),
        })
        return jsonAnswer(json(changed))
      },
    },
    {
      operation: 'InstanceGetOrganizationMemberships',
      method: 'GET',
      path: '/v1/organization_memberships',
      answer: (request) => listOf(candidatesOf(memberships.all()), readQueryFields(request, SORTED_PAGE_FIELDS)),
    },
    {
      operation: 'UsersGetOrganizationMemberships',
      method: 'GET',
      path: '/v1/users/:user_id/organization_memberships',
      answer(request) {
        const { user_id: id = '' } = request.params
        if (!users.byId(id)) throw userNotFound(id)
        const own = memberships.all().filter(({ userId }) => userId === id)
        return listOf(candidatesOf(own), readQueryFields(request, SORTED_PAGE_FIELDS))
      },
    },
  ]
}

interface Member extends Candidate {
  readonly parts: MembershipParts
}

const SORT_KEYS: SortKeys<Member> = PERSON_SORT_KEYS

const SORTED_PAGE_FIELDS = { ...PAGE_FIELDS, order_by: orderField(SORT_KEYS) } as const

const LIST_FIELDS = { ...PERSON_FILTER_FIELDS, ...SORTED_PAGE_FIELDS, role: { type: 'strings', max: 100 } } as const
const UPDATE_FIELDS = { role: { type: 'string', required: true } } as const

const CREATE_FIELDS = {
  user_id: { type: 'string', required: true },
  role: { type: 'string', required: true },
  public_metadata: METADATA_FIELD,
  private_metadata: METADATA_FIELD,
} as const

const NOT_NULL = { type: 'object', max: METADATA_FIELD.max } as const

const METADATA_FIELDS = {
  public_metadata: NOT_NULL,
  private_metadata: NOT_NULL,
} as const
