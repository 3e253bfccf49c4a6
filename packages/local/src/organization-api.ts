import { jsonAnswer, type Answer } from './answer.js'
import type { Community } from './community.js'
import { removeOrganization } from './departures.js'
import type { Endpoint, EndpointRequest } from './endpoint.js'
import { Refusal, unknownReference } from './errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import { newMembership } from './membership.js'
import { METADATA_FIELD, mergeMetadata, replaceMetadata, type MetadataChange } from './metadata.js'
import { inOrder, orderField, type SortKeys } from './order.js'
import { newOrganization, organizationJson, type OrganizationRecord } from './organization.js'
import { PAGE_FIELDS, pageAnswer } from './page.js'

/** The organizations of the instance, at their ids and their slugs. */
export function organizationApi(community: Community): readonly Endpoint[] {
  const { directory, now } = community
  const { organizations, memberships, population } = directory
  const path = '/v1/organizations'
  const membersOf = ({ id }: OrganizationRecord) =>
    memberships.all().filter(({ organizationId }) => organizationId === id).length

  const sortKeys: SortKeys<OrganizationRecord> = {
    created_at: ({ createdAt }) => createdAt,
    name: ({ name }) => name,
    members_count: membersOf,
  }
  const listFields = {
    ...COUNT_FIELDS,
    query: { type: 'string' },
    user_id: { type: 'strings', max: 100 },
    organization_id: { type: 'strings', max: 100 },
    ...PAGE_FIELDS,
    order_by: orderField(sortKeys),
  } as const

  function json(organization: OrganizationRecord, counted?: boolean) {
    return organizationJson(organization, counted ? membersOf(organization) : undefined)
  }

  function answerOf(organization: OrganizationRecord, counted?: boolean): Answer {
    return jsonAnswer(json(organization, counted))
  }

  /** @throws {Refusal} */
  function refuseTakenSlug(slug: string, id?: string): void {
    const other = organizations.all().find((organization) => organization.slug === slug)
    if (other && other.id !== id)
      throw new Refusal('form_identifier_exists', 'That slug is taken. Please try another.', 'slug')
  }

  /** Of a name, with a number after it when another organization has that one. */
  function freeSlug(name: string): string {
    const stem =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-|-$/g, '') || 'organization'
    let slug = stem
    for (let i = 2; directory.organizationOf(slug); i++) slug = `${stem}-${i}`
    return slug
  }

  function metadataEndpoint(operation: string, method: Endpoint['method'], change: MetadataChange): Endpoint {
    return {
      operation,
      method,
      path: `${path}/:organization_id/metadata`,
      async answer(request) {
        const body = await readBodyFields(request, METADATA_FIELDS)
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
        const asked = readQueryFields(request, listFields)
        const isOfUser = ({ id }: OrganizationRecord) =>
          asked.user_id === undefined || asked.user_id.some((userId) => directory.membershipOf(id, userId))
        const found = organizations
          .all()
          .filter((it) => asked.query === undefined || isFoundBy(asked.query, it))
          .filter((it) => asked.organization_id === undefined || asked.organization_id.includes(it.id))
          .filter(isOfUser)
        return pageAnswer(inOrder(found, sortKeys, asked.order_by), asked, (it) =>
          json(it, asked.include_members_count),
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
        const body = await readBodyFields(request, UPDATE_FIELDS)
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

/** @throws {Refusal} when there is none of that id or slug */
export function organizationOf(
  { params: { organization_id: idOrSlug = '' } }: EndpointRequest,
  { directory }: Community,
): OrganizationRecord {
  const organization = directory.organizationOf(idOrSlug)
  if (!organization) throw new Refusal('resource_not_found', 'Given organization not found.')
  return organization
}

function isFoundBy(query: string, { id, name, slug }: OrganizationRecord): boolean {
  return id === query || [name, slug].some((text) => text.toLowerCase().includes(query.toLowerCase()))
}

/** Whoever creates an organization is its admin, or has the first role that there is. */
function creatorRoleOf(roles: ReadonlyMap<string, unknown>): string | undefined {
  return roles.has('org:admin') ? 'org:admin' : roles.keys().next().value
}

const METADATA_FIELDS = {
  public_metadata: METADATA_FIELD,
  private_metadata: METADATA_FIELD,
} as const

const NAME = { type: 'string', min: 1, max: 256 } as const

const SETTINGS = {
  slug: { type: 'string', nullable: true, pattern: /^[a-z0-9][a-z0-9_-]*$/, max: 256 },
  max_allowed_memberships: { type: 'integer', nullable: true, min: 0 },
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
