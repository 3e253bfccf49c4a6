import { permissionAnswer } from '../../answers/role.js'
import { Refusal } from '../../api/errors.js'
import { Permission } from '../../model/role-set.js'
import { object, optional, refined, rule } from '../../model/schema.js'
import type { World } from '../../state/world.js'
import { ofOrganizations } from './organization-feature.js'
import type { SortKeys } from '../page.js'
import { resource } from '../resource.js'

export const MAX_PERMISSIONS = 50

/** How lists of roles, permissions and role sets can be sorted. */
export const BY_NAME_OR_KEY: SortKeys<{ readonly created_at: number; readonly name: string; readonly key: string }> = {
  created_at: ({ created_at }) => created_at,
  name: ({ name }) => name,
  key: ({ key }) => key,
}

const { name, description } = Permission.fields

const KEY = refined(
  Permission.fields.key,
  rule('form_param_format_invalid', 'must have the format org:feature:action', (text) =>
    /^org:[a-z0-9_]+:[a-z0-9_]+$/.test(text),
  ),
  // Those of Clerk itself.
  rule('form_param_value_invalid', 'must not be a system permission', (text) => !text.startsWith('org:sys_')),
)

const permission = resource('permissions', {
  path: '/v1/organization_permissions',
  param: 'permission_id',
  missing: () => permissionNotFound(),
  answer: permissionAnswer,
})

export const organizationPermissions = ofOrganizations([
  permission.list('ListOrganizationPermissions', {
    search: ['id', 'name', 'key'],
    order: BY_NAME_OR_KEY,
    page: 'envelope',
  }),

  permission.create('CreateOrganizationPermission', {
    body: object({ name, key: KEY, description: optional(description.wrapped) }),
    run({ world, body }) {
      refuseTakenKey(world, body.key)
      if (world.permissions.size() >= MAX_PERMISSIONS)
        throw new Refusal('unsupported_subscription_plan_features', `There can be ${MAX_PERMISSIONS} permissions.`)
      return world.permissions.add(body)
    },
  }),

  permission.get('GetOrganizationPermission'),

  permission.update('UpdateOrganizationPermission', {
    body: object({ name: optional(name), key: optional(KEY), description: optional(description.wrapped) }),
    run(record, { world, body }) {
      const { key } = body
      const isRenamed = key !== undefined && key !== record.key
      if (isRenamed) refuseTakenKey(world, key)
      const updated = world.permissions.update(record.id, body)
      if (isRenamed) replaceInRoles(world, record.key, [key])
      return updated
    },
  }),

  permission.remove('DeleteOrganizationPermission', ({ id, key }, { world }) => {
    replaceInRoles(world, key, [])
    world.permissions.remove(id)
  }),
])

/** @param name of the field with its id, unless the path has it */
export function permissionNotFound(name?: string): Refusal {
  return new Refusal('resource_not_found', 'Organization permission not found', name)
}

function refuseTakenKey({ permissions }: World, key: string): void {
  if (permissions.find('key', key))
    throw new Refusal('form_identifier_exists', 'A permission with this key already exists.', 'key')
}

function replaceInRoles({ roles }: World, key: string, by: readonly string[]): void {
  for (const { id, permissions } of roles.all())
    if (permissions.includes(key))
      roles.update(id, { permissions: permissions.flatMap((other) => (other === key ? by : [other])) })
}
