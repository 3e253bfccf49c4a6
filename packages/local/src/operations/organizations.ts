import { membersCount, organizationAnswer } from '../answers/organization.js'
import { Refusal, unknownReference } from '../api/errors.js'
import { metadata } from '../model/metadata.js'
import { MAX_SLUG_LENGTH, Organization, SLUG, slugOf } from '../model/organization.js'
import { boolean, integer, nullable, object, optional, strict, string } from '../model/schema.js'
import { removeOrganization } from '../people/removal.js'
import type { World } from '../state/world.js'
import { given } from './changes.js'
import { SEVERAL, isIncluded } from './filter.js'
import { instantOf, isoTime } from './instant.js'
import { mergedMetadata, refuseMetadata, replacedMetadata } from './metadata.js'
import { resource } from './resource.js'

const COUNT = { include_members_count: optional(boolean()) } as const

/** The organizations of the instance, addressed by id or slug. */
const organization = resource('organizations', {
  path: '/v1/organizations',
  param: 'organization_id',
  find: ({ world, params: { organization_id: idOrSlug = '' } }) =>
    world.organizations.byId(idOrSlug) ?? world.organizations.find('slug', idOrSlug),
  missing: () => new Refusal('resource_not_found', 'Given organization not found.'),
  answer: (record, { world, query }) => ({
    ...organizationAnswer(record, world),
    ...((query as { include_members_count?: boolean }).include_members_count && {
      members_count: membersCount(world, record),
    }),
  }),
})

/** @throws {Refusal} if no organization has the id or slug in the path */
export const organizationOf = organization.recordOf

const NULLABLE_METADATA = optional(nullable(metadata()))
const METADATA = { public_metadata: NULLABLE_METADATA, private_metadata: NULLABLE_METADATA } as const

const SETTINGS = {
  slug: optional(nullable(string({ pattern: SLUG, max: MAX_SLUG_LENGTH }))),
  max_allowed_memberships: optional(nullable(integer({ min: 0 }))),
  created_at: isoTime(),
  // Accepted and ignored: there are no role sets here.
  role_set_key: optional(nullable(string())),
  ...METADATA,
} as const

export const organizations = [
  organization.list('ListOrganizations', {
    query: { ...COUNT, user_id: SEVERAL, organization_id: SEVERAL },
    search: ['id', 'name', 'slug'],
    order: {
      created_at: ({ created_at }) => created_at,
      name: ({ name }) => name,
      members_count: (record, world) => membersCount(world, record),
    },
    filter: ({ id }, { world, query }) =>
      isIncluded(query.organization_id, [id]) && isIncluded(query.user_id, memberIdsOf(world, id)),
    page: 'envelope',
  }),

  organization.create('CreateOrganization', {
    body: object({ ...SETTINGS, name: Organization.fields.name, created_by: optional(nullable(string())) }),
    run({ world, body }) {
      const { name, created_by = null, slug } = body
      if (created_by !== null && !world.users.byId(created_by)) throw unknownReference('created_by')
      if (slug) refuseTakenSlug(world, slug)
      const created = world.organizations.add({
        ...given(body),
        name,
        slug: slug ?? freeSlug(world, name),
        created_by,
        created_at: instantOf(body.created_at) ?? world.now(),
      })
      if (created_by !== null) addCreator(world, created.id, created_by)
      return created
    },
  }),

  organization.get('GetOrganization', COUNT),

  organization.update('UpdateOrganization', {
    body: strict({
      ...SETTINGS,
      name: optional(nullable(Organization.fields.name)),
      admin_delete_enabled: optional(nullable(boolean())),
    }),
    run({ id }, call) {
      refuseMetadata(call)
      const { world, body } = call
      const { created_at, role_set_key: _, ...changes } = given(body)
      if (changes.slug !== undefined) refuseTakenSlug(world, changes.slug, id)
      return world.organizations.update(id, { ...changes, created_at: instantOf(created_at) ?? undefined })
    },
  }),

  organization.remove('DeleteOrganization', ({ id }, { world }) => removeOrganization(world, id)),

  organization.act('MergeOrganizationMetadata', 'PATCH', '/metadata', {
    body: strict(METADATA),
    run: (record, { world, body }) => world.organizations.update(record.id, mergedMetadata(record, body)),
  }),

  organization.act('ReplaceOrganizationMetadata', 'PUT', '/metadata', {
    body: strict(METADATA),
    run: (record, { world, body }) => world.organizations.update(record.id, replacedMetadata(record, body)),
  }),
]

/** @throws {Refusal} if another organization has the slug */
function refuseTakenSlug({ organizations }: World, slug: string, ownId?: string): void {
  const other = organizations.find('slug', slug)
  if (other && other.id !== ownId)
    throw new Refusal('form_identifier_exists', 'That slug is taken. Please try another.', 'slug')
}

/** Derives an unused slug from a name, with a number suffix if necessary. */
function freeSlug({ organizations }: World, name: string): string {
  const stem = slugOf(name)
  let slug = stem
  for (let i = 2; organizations.find('slug', slug) ?? organizations.byId(slug); i++) slug = `${stem}-${i}`
  return slug
}

/** The creator becomes an admin, or gets the first role if there is no `org:admin`. */
function addCreator({ roles, memberships }: World, organization_id: string, user_id: string): void {
  const role = roles.find('key', 'org:admin') ?? roles.all()[0]
  if (role) memberships.add({ user_id, organization_id, role: role.key })
}

function memberIdsOf({ memberships }: World, organizationId: string): readonly string[] {
  return memberships.where('organization_id', organizationId).map(({ user_id }) => user_id)
}
