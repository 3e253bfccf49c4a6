import { membersCount, organizationAnswer } from '../../answers/organization.js'
import { Refusal, unknownReference } from '../../api/errors.js'
import { metadata } from '../../model/metadata.js'
import { MAX_SLUG_LENGTH, Organization, SLUG, slugOf } from '../../model/organization.js'
import type { RoleSet } from '../../model/role-set.js'
import { boolean, integer, nullish, object, optional, strict, string } from '../../model/schema.js'
import { pendingInvitationsOf } from '../../people/organization-invitation.js'
import { removeOrganization } from '../../people/removal.js'
import { creatorRoleOf, isAdministrative } from '../../people/role.js'
import { rolesInUse } from '../../people/roles-in-use.js'
import { instanceSettingsOf } from '../../people/instance-settings.js'
import type { World } from '../../state/world.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG, METADATA } from '../fields.js'
import { SEVERAL, isIncluded } from '../filter.js'
import { instantOf, isoTime } from '../instant.js'
import { mergedMetadata, refuseMetadata, replacedMetadata } from '../metadata.js'
import { operation } from '../operation.js'
import { ofOrganizations } from './organization-feature.js'
import { resource } from '../resource.js'

const MORE = {
  include_members_count: optional(boolean()),
  include_missing_member_with_elevated_permissions: optional(boolean()),
} as const

/** The organizations of the instance, addressed by id or slug. */
export const organization = resource('organizations', {
  path: '/v1/organizations',
  param: 'organization_id',
  find: ({ world, params: { organization_id: idOrSlug = '' } }) =>
    world.organizations.byId(idOrSlug) ?? world.organizations.find('slug', idOrSlug),
  missing: () => organizationNotFound(),
  answer: (record, { world, query }) => ({
    ...organizationAnswer(record, world),
    ...more(record, world, query as More),
  }),
})

interface More {
  readonly include_members_count?: boolean
  readonly include_missing_member_with_elevated_permissions?: boolean
}

/** The counts that the caller requested. */
function more(record: Organization, world: World, requested: More) {
  return {
    ...(requested.include_members_count && {
      members_count: membersCount(world, record),
      pending_invitations_count: pendingInvitationsOf(world, record.id).length,
    }),
    ...(requested.include_missing_member_with_elevated_permissions && {
      missing_member_with_elevated_permissions: !world.memberships
        .where('organization_id', record.id)
        .some(({ role }) => isAdministrative(world, record, role)),
    }),
  }
}

/** @throws {Refusal} if no organization has the id or slug in the path */
export const organizationOf = organization.recordOf

/** @param name of the field with its id, unless the path has it */
export function organizationNotFound(name?: string): Refusal {
  return new Refusal('resource_not_found', 'Given organization not found.', name)
}

const METADATA_FIELDS = { public_metadata: METADATA, private_metadata: METADATA } as const

const SETTINGS = {
  slug: nullish(string({ pattern: SLUG, max: MAX_SLUG_LENGTH })),
  max_allowed_memberships: nullish(integer({ min: 0 })),
  created_at: isoTime(),
  role_set_key: nullish(string()),
  ...METADATA_FIELDS,
} as const

export const organizations = ofOrganizations([
  organization.list('ListOrganizations', {
    query: { ...MORE, user_id: SEVERAL, organization_id: SEVERAL },
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
    body: object({ ...SETTINGS, name: Organization.fields.name, created_by: nullish(string()) }),
    run({ world, body }) {
      const { name, created_by = null, slug, role_set_key } = body
      const settings = instanceSettingsOf(world)
      if (created_by !== null && !world.users.byId(created_by)) throw unknownReference('created_by')
      if (slug) refuseTakenSlug(world, slug)
      const created = world.organizations.add({
        max_allowed_memberships: settings.max_allowed_memberships,
        admin_delete_enabled: settings.admin_delete_enabled,
        ...withoutNulls(body),
        name,
        slug: slug ?? freeSlug(world, name),
        created_by,
        role_set_id: role_set_key ? roleSetWithKey(world, role_set_key).id : (initialRoleSet(world)?.id ?? null),
        created_at: instantOf(body.created_at) ?? world.now(),
      })
      if (created_by !== null) addCreator(world, created, created_by)
      return created
    },
  }),

  organization.get('GetOrganization', MORE),

  organization.update('UpdateOrganization', {
    body: strict({
      ...SETTINGS,
      name: nullish(Organization.fields.name),
      admin_delete_enabled: FLAG,
    }),
    run({ id }, call) {
      refuseMetadata(call)
      const { world, body } = call
      const { created_at, role_set_key, ...changes } = withoutNulls(body)
      if (changes.slug !== undefined) refuseTakenSlug(world, changes.slug, id)
      return world.organizations.update(id, {
        ...changes,
        role_set_id: role_set_key === undefined ? undefined : newRoleSetOf(world, id, role_set_key).id,
        created_at: instantOf(created_at) ?? undefined,
      })
    },
  }),

  operation('DeleteOrganization', 'DELETE /v1/organizations/{organization_id}', {
    run(call) {
      const { id, slug } = organizationOf(call)
      removeOrganization(call.world, id)
      return { object: 'organization', id, slug, deleted: true }
    },
  }),

  organization.act('MergeOrganizationMetadata', 'PATCH', '/metadata', {
    body: strict({ public_metadata: optional(metadata()), private_metadata: optional(metadata()) }),
    run: (record, { world, body }) => world.organizations.update(record.id, mergedMetadata(record, body)),
  }),

  organization.act('ReplaceOrganizationMetadata', 'PUT', '/metadata', {
    body: strict(METADATA_FIELDS),
    run: (record, { world, body }) => world.organizations.update(record.id, replacedMetadata(record, body)),
  }),
])

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

/** @throws {Refusal} if there is no role set with the key */
function roleSetWithKey({ role_sets }: World, key: string): RoleSet {
  const roleSet = role_sets.find('key', key)
  if (!roleSet) throw unknownReference('role_set_key')
  return roleSet
}

/** @throws {Refusal} if there is no role set with the key, or it lacks the role of a member or an invitation */
function newRoleSetOf(world: World, organizationId: string, key: string): RoleSet {
  const roleSet = roleSetWithKey(world, key)
  const roles = rolesInUse(world, organizationId)
  if (![...roles].every((role) => roleSet.role_ids.includes(world.roles.find('key', role)?.id ?? '')))
    throw new Refusal('form_param_value_invalid', 'role_set_key must have the roles of all members', 'role_set_key')
  return roleSet
}

function initialRoleSet({ role_sets }: World): RoleSet | undefined {
  return role_sets.find('type', 'initial')
}

function addCreator(world: World, organization: Organization, user_id: string): void {
  const role = creatorRoleOf(world, organization)
  if (role) world.memberships.add({ user_id, organization_id: organization.id, role: role.key })
}

function memberIdsOf({ memberships }: World, organizationId: string): readonly string[] {
  return memberships.where('organization_id', organizationId).map(({ user_id }) => user_id)
}
