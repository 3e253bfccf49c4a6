import { jsonAnswer, type Answer } from '../api/answer.js'
import type { Community } from '../people/community.js'
import { removeOrganization } from '../people/departures.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal, unknownReference } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import { refuseMetadata } from './metadata-by-version.js'
import { newMembership } from '../people/membership.js'
import { METADATA_FIELD, mergeMetadata, replaceMetadata, type MetadataChange } from '../people/metadata.js'
import { inOrder, orderField, type SortKeys } from './order.js'
import { newOrganization, organizationJson, type OrganizationRecord } from '../people/organization.js'
import { PAGE_FIELDS, pageAnswer } from './page.js'
import { instantOf } from './user-fields.js'
import { isIncluded } from './user-filter.js'
import { MAX_SLUG_LENGTH, SLUG, slugOf } from '../seed/slug.js'

/** The organizations of the instance, addressed by id or slug. */
export function organizationApi(community: Community): readonly Endpoint[] {
  const { directory, now } = community
  const { organizations, memberships, population } = directory
  const path = '/v1/organizations'

  /** Counts the members of all organizations in one pass. */
  function countMembers(): (organization: OrganizationRecord) => number {
    const counts = new Map<string, number>()
    for (const { organizationId: id } of memberships.all()) counts.set(id, (counts.get(id) ?? 0) + 1)
    return ({ id }) => counts.get(id) ?? 0
  }

  function membersOfEach(): ReadonlyMap<string, readonly string[]> {
    const members = new Map<string, string[]>()
    for (const { organizationId, userId } of memberships.all()) {
      const own = members.get(organizationId)
      if (own) own.push(userId)
      else members.set(organizationId, [userId])
    }
    return members
  }

  function answerOf(organization: OrganizationRecord, counted?: boolean): Answer {
    return jsonAnswer(organizationJson(organization, counted ? countMembers()(organization) : undefined))
  }

  /** @throws {Refusal} */
  function refuseTakenSlug(slug: string, id?: string): void {
    const other = organizations.all().find((organization) => organization.slug === slug)
    if (other && other.id !== id)
      throw new Refusal('form_identifier_exists', 'That slug is taken. Please try another.', 'slug')
  }

  /** Derives an unused slug from a name, with a number suffix if necessary. */
  function freeSlug(name: string): string {
    const stem = slugOf(name)
    const taken = new Set(organizations.all().flatMap(({ id, slug }) => [id, slug]))
    let slug = stem
    for (let i = 2; taken.has(slug); i++) slug = `${stem}-${i}`
    return slug
  }

  function metadataEndpoint(operation: string, method: Endpoint['method'], change: MetadataChange): Endpoint {
    return {
      operation,
      method,
      path: `${path}/:organization_id/metadata`,
      async answer(request) {
        const body = await readBodyFields(request, METADATA_FIELDS, { strict: true })
        const organization = organizationOf(request, community)
        return answerOf(
          organizations.set({
            ...organization,
            publicMetadata: change('public_metadata', organization.publicMetadata, body.public_metadata),
            privateMetadata: change('private_metadata', organization.privateMetadata, body.private_metadata),
            updatedAt: now(),
          }),
        )
      },
    }
  }

  return [
    {
      operation: 'ListOrganizations',
      method: 'GET',
      path,
      answer(request) {
        const asked = readQueryFields(request, LIST_FIELDS)
        const { user_id: userIds, organization_id: ids, query, include_members_count: counted } = asked
        const membersByOrganization = membersOfEach()
        const membersOf = countMembers()
        const found = organizations
          .all()
          .filter((it) => query === undefined || isFoundBy(query, it))
          .filter(({ id }) => isIncluded(ids, [id]))
          .filter(({ id }) => isIncluded(userIds, membersByOrganization.get(id) ?? []))
        return pageAnswer(inOrder(found, sortKeys(membersOf), asked.order_by), asked, (it) =>
          organizationJson(it, counted ? membersOf(it) : undefined),
        )
      },
    },
    {
      operation: 'CreateOrganization',
      method: 'POST',
      path,
      async answer(request) {
        const body = await readBodyFields(request, CREATE_FIELDS)
        const { name, slug, created_by: createdBy = null, max_allowed_memberships: maxAllowedMemberships } = body
        if (createdBy !== null && !directory.users.byId(createdBy)) throw unknownReference('created_by')
        if (typeof slug === 'string') refuseTakenSlug(slug)
        const organization = organizations.set({
          ...newOrganization(now()),
          name,
          slug: slug ?? freeSlug(name),
          createdBy,
          ...(typeof maxAllowedMemberships === 'number' && { maxAllowedMemberships }),
          ...(body.public_metadata && { publicMetadata: body.public_metadata }),
          ...(body.private_metadata && { privateMetadata: body.private_metadata }),
          ...createdAtOf(body),
        })
        const role = creatorRoleOf(population.roles)
        if (createdBy !== null && role !== undefined)
          memberships.set(newMembership({ userId: createdBy, organizationId: organization.id, role }, now()))
        return answerOf(organization)
      },
    },
    {
      operation: 'GetOrganization',
      method: 'GET',
      path: `${path}/:organization_id`,
      answer(request) {
        const { include_members_count: counted } = readQueryFields(request, COUNT_FIELDS)
        return answerOf(organizationOf(request, community), counted)
      },
    },
    {
      operation: 'UpdateOrganization',
      method: 'PATCH',
      path: `${path}/:organization_id`,
      async answer(request) {
        const body = await readBodyFields(request, UPDATE_FIELDS, { strict: true })
        refuseMetadata(request, body)
        const organization = organizationOf(request, community)
        if (typeof body.slug === 'string') refuseTakenSlug(body.slug, organization.id)
        return answerOf(
          organizations.set({
            ...organization,
            name: body.name ?? organization.name,
            slug: body.slug ?? organization.slug,
            maxAllowedMemberships: body.max_allowed_memberships ?? organization.maxAllowedMemberships,
            adminDeleteEnabled: body.admin_delete_enabled ?? organization.adminDeleteEnabled,
            publicMetadata: body.public_metadata ?? organization.publicMetadata,
            privateMetadata: body.private_metadata ?? organization.privateMetadata,
            ...createdAtOf(body),
            updatedAt: now(),
          }),
        )
      },
    },
    {
      operation: 'DeleteOrganization',
      method: 'DELETE',
      path: `${path}/:organization_id`,
      answer(request) {
        const { id, slug } = organizationOf(request, community)
        removeOrganization(community, id)
        return jsonAnswer({ object: 'organization', id, slug, deleted: true })
      },
    },
    metadataEndpoint('MergeOrganizationMetadata', 'PATCH', mergeMetadata),
    metadataEndpoint('ReplaceOrganizationMetadata', 'PUT', replaceMetadata),
  ]
}

/** @throws {Refusal} if no organization has that id or slug */
export function organizationOf(
  { params: { organization_id: idOrSlug = '' } }: EndpointRequest,
  { directory }: Community,
): OrganizationRecord {
  const organization = directory.organizationOf(idOrSlug)
  if (!organization) throw new Refusal('resource_not_found', 'Given organization not found.')
  return organization
}

/** @throws {Refusal} if `created_at` is not a valid date */
function createdAtOf({ created_at: text }: { readonly created_at?: string | null | undefined }) {
  const createdAt = instantOf('created_at', text)
  return typeof createdAt === 'number' ? { createdAt } : {}
}

function isFoundBy(query: string, { id, name, slug }: OrganizationRecord): boolean {
  return id === query || [name, slug].some((text) => text.toLowerCase().includes(query.toLowerCase()))
}

/** The creator of an organization becomes its admin, or gets the first role if there is no `org:admin`. */
function creatorRoleOf(roles: ReadonlyMap<string, unknown>): string | undefined {
  return roles.has('org:admin') ? 'org:admin' : roles.keys().next().value
}

function sortKeys(membersOf: (organization: OrganizationRecord) => number): SortKeys<OrganizationRecord> {
  return { created_at: ({ createdAt }) => createdAt, name: ({ name }) => name, members_count: membersOf }
}

const METADATA_FIELDS = {
  public_metadata: METADATA_FIELD,
  private_metadata: METADATA_FIELD,
} as const

const NAME = { type: 'string', min: 1, max: 256 } as const

const SETTINGS = {
  slug: { type: 'string', nullable: true, pattern: SLUG, max: MAX_SLUG_LENGTH },
  max_allowed_memberships: { type: 'integer', nullable: true, min: 0 },
  created_at: { type: 'string', nullable: true },
  // Accepted and ignored: there are no role sets here.
  role_set_key: { type: 'string', nullable: true },
  ...METADATA_FIELDS,
} as const

const CREATE_FIELDS = {
  ...SETTINGS,
  name: { ...NAME, required: true },
  created_by: { type: 'string', nullable: true },
} as const

const UPDATE_FIELDS = {
  ...SETTINGS,
  name: { ...NAME, nullable: true },
  admin_delete_enabled: { type: 'boolean', nullable: true },
} as const

const COUNT_FIELDS = { include_members_count: { type: 'boolean' } } as const

const LIST_FIELDS = {
  ...COUNT_FIELDS,
  query: { type: 'string' },
  user_id: { type: 'strings', max: 100 },
  organization_id: { type: 'strings', max: 100 },
  ...PAGE_FIELDS,
  order_by: orderField(sortKeys(() => 0)),
} as const
