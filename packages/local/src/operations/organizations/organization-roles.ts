import { roleAnswer } from '../../answers/role.js'
import { Refusal } from '../../api/errors.js'
import type { Role } from '../../model/membership.js'
import type { Permission } from '../../model/role-set.js'
import { list, nullish, object, refined, rule, strict, string } from '../../model/schema.js'
import { invitationStatus } from '../../people/invitation.js'
import { creatorRoleOf, domainRoleOf, reassignRole } from '../../people/role.js'
import type { World } from '../../state/world.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import type { Call } from '../operation.js'
import { ofOrganizations } from './organization-feature.js'
import { BY_NAME_OR_KEY, permissionNotFound } from './organization-permissions.js'
import { resource } from '../resource.js'

export const MAX_ROLES = 10

const KEY = refined(
  string({ max: 256 }),
  rule(
    'form_param_format_invalid',
    'must start with org: and contain only lowercase letters, digits and underscores',
    (text) => /^org:[a-z0-9_]+$/.test(text),
  ),
)

const NAME = string({ min: 1, max: 256 })
const DESCRIPTION = nullish(string({ max: 1024 }))
const PERMISSION_IDS = nullish(list(string(), { max: 100 }))

const role = resource('roles', {
  path: '/v1/organization_roles',
  param: 'organization_role_id',
  missing: () => roleNotFound(),
  answer: (record, { world }) => roleAnswer(record, world),
})

export const organizationRoles = ofOrganizations([
  role.list('ListOrganizationRoles', {
    search: ['id', 'name', 'key'],
    order: BY_NAME_OR_KEY,
    page: 'envelope',
  }),

  role.create('CreateOrganizationRole', {
    body: strict({
      name: NAME,
      key: KEY,
      description: DESCRIPTION,
      permissions: PERMISSION_IDS,
      include_in_initial_role_set: FLAG,
    }),
    run({ world, body }) {
      const { name, key, description, permissions, include_in_initial_role_set } = body
      const keys = keysOf(world, permissions ?? [])
      refuseTakenKey(world, key)
      if (world.roles.size() >= MAX_ROLES)
        throw new Refusal(
          'organization_instance_roles_quota_exceeded',
          `You have reached your limit of ${MAX_ROLES} organization roles per instance.`,
        )
      const created = world.roles.add({ name, key, description: description ?? null, permissions: keys })
      const initial = world.role_sets.find('type', 'initial')
      if (include_in_initial_role_set && initial)
        world.role_sets.update(initial.id, { role_ids: [...initial.role_ids, created.id] })
      return created
    },
  }),

  role.get('GetOrganizationRole'),

  role.update('UpdateOrganizationRole', {
    body: object({
      name: nullish(NAME),
      key: nullish(KEY),
      description: DESCRIPTION,
      permissions: PERMISSION_IDS,
    }),
    run(record, { world, body }) {
      const { permissions, ...changes } = withoutNulls(body)
      const keys = permissions && keysOf(world, permissions)
      const isNewKey = changes.key !== undefined && changes.key !== record.key
      if (changes.key !== undefined && isNewKey) refuseTakenKey(world, changes.key)
      const updated = world.roles.update(record.id, { ...changes, permissions: keys })
      if (isNewKey) reassignRole(world, record.key, updated.key)
      return updated
    },
  }),

  role.remove('DeleteOrganizationRole', (record, { world }) => {
    refuseUsedRole(world, record)
    for (const { id, role_ids, default_role_id } of world.role_sets.all())
      world.role_sets.update(id, {
        role_ids: role_ids.filter((other) => other !== record.id),
        default_role_id: default_role_id === record.id ? null : default_role_id,
      })
    world.roles.remove(record.id)
  }),

  role.act('AssignPermissionToOrganizationRole', 'POST', '/permissions/{permission_id}', {
    run(record, call) {
      const { key } = permissionOf(call)
      if (record.permissions.includes(key)) throw new Refusal('organization_role_permission_association_exists')
      return call.world.roles.update(record.id, { permissions: [...record.permissions, key] })
    },
  }),

  role.act('RemovePermissionFromOrganizationRole', 'DELETE', '/permissions/{permission_id}', {
    run(record, call) {
      const { key } = permissionOf(call)
      if (!record.permissions.includes(key)) throw permissionNotFound()
      return call.world.roles.update(record.id, { permissions: record.permissions.filter((other) => other !== key) })
    },
  }),
])

/** @param name of the field with its id or key, unless the path has it */
export function roleNotFound(name?: string): Refusal {
  return new Refusal('resource_not_found', 'Organization role not found', name)
}

/** @throws {Refusal} if there is no permission with the id in the path */
function permissionOf({ world, params }: Call): Permission {
  const permission = world.permissions.byId(params.permission_id ?? '')
  if (!permission) throw permissionNotFound()
  return permission
}

/** @throws {Refusal} if an id is unknown */
function keysOf({ permissions }: World, ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].map((id) => {
    const permission = permissions.byId(id)
    if (!permission) throw permissionNotFound('permissions')
    return permission.key
  })
}

function refuseTakenKey({ roles }: World, key: string): void {
  if (roles.find('key', key)) throw new Refusal('form_identifier_exists', 'A role with this key already exists.', 'key')
}

/** @throws {Refusal} if the role cannot be deleted */
function refuseUsedRole(world: World, { id, key }: Role): void {
  if (creatorRoleOf(world)?.id === id || world.role_sets.find('creator_role_id', id))
    throw new Refusal('organization_role_default_creator_role')
  if (domainRoleOf(world)?.id === id) throw new Refusal('organization_role_domain_default_role')
  if (world.memberships.find('role', key)) throw new Refusal('organization_role_assigned_members')
  if (world.organization_invitations.where('role', key).some((it) => invitationStatus(it, world.now()) === 'pending'))
    throw new Refusal('organization_role_exists_in_invitations')
}
