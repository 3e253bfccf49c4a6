import type { Role } from '../model/membership.js'
import type { RoleSet } from '../model/role-set.js'
import { rolesOf } from '../people/role-set.js'
import type { World } from '../state/world.js'

export function roleSetAnswer(record: RoleSet, world: World) {
  const { id, name: ownName, key: ownKey, description: text, type: kind, created_at, updated_at } = record
  const itemOf = (roleId: string | null) => {
    const role = world.roles.byId(roleId ?? '')
    return role ? itemAnswer(role, record, world) : null
  }
  return {
    object: 'role_set',
    id,
    name: ownName,
    key: ownKey,
    description: text,
    roles: rolesOf(world, record).map((role) => itemAnswer(role, record, world)),
    default_role: itemOf(record.default_role_id),
    creator_role: itemOf(record.creator_role_id),
    type: kind,
    role_set_migration: null,
    created_at,
    updated_at,
  }
}

function itemAnswer({ id, name: ownName, key: ownKey, description: text, ...times }: Role, set: RoleSet, world: World) {
  const isInSet = (organizationId: string) => world.organizations.byId(organizationId)?.role_set_id === set.id
  const count = world.memberships.where('role', ownKey).filter((it) => isInSet(it.organization_id)).length
  return {
    object: 'role_set_item',
    id,
    name: ownName,
    key: ownKey,
    description: text,
    members_count: count,
    has_members: count > 0,
    created_at: times.created_at,
    updated_at: times.updated_at,
  }
}
