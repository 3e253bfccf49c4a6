import { roleSetAnswer } from '../../answers/role-set.js'
import { Refusal, unknownReference } from '../../api/errors.js'
import type { Role } from '../../model/membership.js'
import { RoleSet } from '../../model/role-set.js'
import {
  json,
  list,
  nullish,
  object,
  oneOf,
  optional,
  refined,
  rule,
  strict,
  string,
  type JsonObject,
  type Schema,
} from '../../model/schema.js'
import { reassignRole } from '../../people/role.js'
import { migrateOrganizations, rolesOf } from '../../people/role-set.js'
import type { World } from '../../state/world.js'
import { withoutNulls } from '../without-nulls.js'
import { operation } from '../operation.js'
import { ofOrganizations } from './organization-feature.js'
import { BY_NAME_OR_KEY } from './organization-permissions.js'
import { roleNotFound } from './organization-roles.js'
import { resource } from '../resource.js'

export const MAX_ROLE_SETS = 10

const { name, key, description, type } = RoleSet.fields

const ROLE_KEYS = list(string(), { min: 1, max: 10 })

const MAPPINGS: Schema<JsonObject> = refined(
  json(),
  rule('form_param_value_invalid', 'must map keys of roles to keys of roles', (mappings: JsonObject) =>
    Object.values(mappings).every((to) => typeof to === 'string'),
  ),
)

const roleSet = resource('role_sets', {
  path: '/v1/role_sets',
  param: 'role_set_key_or_id',
  find: ({ world, params: { role_set_key_or_id: keyOrId = '' } }) =>
    world.role_sets.byId(keyOrId) ?? world.role_sets.find('key', keyOrId),
  missing: () => new Refusal('resource_not_found', 'Role set not found'),
  answer: (record, { world }) => roleSetAnswer(record, world),
})

export const roleSets = ofOrganizations([
  roleSet.list('ListRoleSets', { search: ['id', 'name', 'key'], order: BY_NAME_OR_KEY, page: 'envelope' }),

  roleSet.create('CreateRoleSet', {
    body: strict({
      name,
      key: optional(key),
      description: optional(description.wrapped),
      default_role_key: string(),
      creator_role_key: string(),
      type: optional(type.wrapped),
      roles: ROLE_KEYS,
    }),
    run({ world, body }) {
      const ownKey = body.key ?? keyOf(body.name)
      const roles = body.roles.map((roleKey) => roleOf(world, 'roles', roleKey))
      refuseTakenKey(world, ownKey)
      if (world.role_sets.size() >= MAX_ROLE_SETS)
        throw new Refusal('unsupported_subscription_plan_features', `There can be ${MAX_ROLE_SETS} role sets.`)
      if (body.type === 'initial') demoteInitial(world)
      return world.role_sets.add({
        name: body.name,
        key: ownKey,
        description: body.description ?? null,
        type: body.type,
        role_ids: [...new Set(roles.map(({ id }) => id))],
        default_role_id: oneOfRoles(roles, 'default_role_key', body.default_role_key),
        creator_role_id: oneOfRoles(roles, 'creator_role_key', body.creator_role_key),
      })
    },
  }),

  roleSet.get('GetRoleSet'),

  roleSet.update('UpdateRoleSet', {
    body: object({
      name: nullish(name),
      key: nullish(key),
      description: optional(description.wrapped),
      type: nullish(oneOf('initial')),
      default_role_key: nullish(string()),
      creator_role_key: nullish(string()),
    }),
    run(record, { world, body }) {
      const { default_role_key, creator_role_key, ...changes } = withoutNulls(body)
      if (changes.key !== undefined && changes.key !== record.key) refuseTakenKey(world, changes.key)
      if (changes.type === 'initial') demoteInitial(world)
      const roles = rolesOf(world, record)
      return world.role_sets.update(record.id, {
        ...changes,
        default_role_id: oneOfRoles(roles, 'default_role_key', default_role_key),
        creator_role_id: oneOfRoles(roles, 'creator_role_key', creator_role_key),
      })
    },
  }),

  roleSet.act('AddRolesToRoleSet', 'POST', '/roles', {
    body: object({
      role_keys: ROLE_KEYS,
      default_role_key: optional(string()),
      creator_role_key: optional(string()),
    }),
    run(record, { world, body }) {
      const added = body.role_keys.map((roleKey) => roleOf(world, 'role_keys', roleKey))
      const role_ids = [...new Set([...record.role_ids, ...added.map(({ id }) => id)])]
      if (role_ids.length > 10)
        throw new Refusal('form_param_array_size_exceeded', 'role_keys should not exceed 10 items.', 'role_keys')
      return world.role_sets.update(record.id, {
        role_ids,
        default_role_id: oneOfRoles(added, 'default_role_key', body.default_role_key),
        creator_role_id: oneOfRoles(added, 'creator_role_key', body.creator_role_key),
      })
    },
  }),

  roleSet.act('ReplaceRoleInRoleSet', 'POST', '/roles/replace', {
    body: object({ role_key: string(), to_role_key: string() }),
    run(record, { world, body }) {
      const roles = rolesOf(world, record)
      const from = roles.find((role) => role.key === body.role_key)
      if (!from) throw unknownReference('role_key')
      const to = roleOf(world, 'to_role_key', body.to_role_key)
      const replaced = (id: string | null) => (id === from.id ? to.id : id)
      for (const { id } of world.organizations.where('role_set_id', record.id))
        reassignRole(world, from.key, to.key, id)
      return world.role_sets.update(record.id, {
        role_ids: [...new Set(record.role_ids.map((id) => replaced(id) ?? id))],
        default_role_id: replaced(record.default_role_id),
        creator_role_id: replaced(record.creator_role_id),
      })
    },
  }),

  operation('ReplaceRoleSet', `POST ${roleSet.item}/replace`, {
    body: object({ dest_role_set_key: string(), reassignment_mappings: optional(MAPPINGS) }),
    run(call) {
      const { world, body } = call
      const record = roleSet.recordOf(call)
      const destination = world.role_sets.find('key', body.dest_role_set_key)
      if (!destination || destination.id === record.id) throw unknownReference('dest_role_set_key')
      migrateOrganizations(world, record, destination, (body.reassignment_mappings ?? {}) as Record<string, string>)
      if (record.type === 'initial') world.role_sets.update(destination.id, { type: 'initial' })
      world.role_sets.remove(record.id)
      return { object: 'role_set', id: record.id, deleted: true }
    },
  }),
])

/** @throws {Refusal} if there is no role with this key */
function roleOf({ roles }: World, param: string, roleKey: string): Role {
  const role = roles.find('key', roleKey)
  if (!role) throw roleNotFound(param)
  return role
}

/** @throws {Refusal} if it is not one of the roles */
function oneOfRoles(roles: readonly Role[], param: string, roleKey: string | undefined): string | undefined {
  if (roleKey === undefined) return undefined
  const role = roles.find((other) => other.key === roleKey)
  if (!role) throw new Refusal('form_param_value_invalid', `${param} must be one of the roles`, param)
  return role.id
}

function keyOf(setName: string): string {
  return `role_set:${setName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 200)}`
}

function refuseTakenKey({ role_sets }: World, ownKey: string): void {
  if (role_sets.find('key', ownKey))
    throw new Refusal('form_identifier_exists', 'A role set with this key already exists.', 'key')
}

/** There is only one initial role set. */
function demoteInitial({ role_sets }: World): void {
  for (const { id } of role_sets.where('type', 'initial')) role_sets.update(id, { type: 'custom' })
}
