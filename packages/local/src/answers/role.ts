import type { Role } from '../model/membership.js'
import type { Permission } from '../model/role-set.js'
import type { World } from '../state/world.js'

export function roleAnswer(role: Role, world: World) {
  const { id, name, key, description, is_creator_eligible, permissions, created_at, updated_at } = role
  return {
    object: 'role',
    id,
    name,
    key,
    description,
    is_creator_eligible,
    permissions: permissions.flatMap((it) => world.permissions.where('key', it).map(permissionAnswer)),
    created_at,
    updated_at,
  }
}

export function permissionAnswer({ id, name, key, description, created_at, updated_at }: Permission) {
  return { object: 'permission', id, name, key, description, type: 'user', created_at, updated_at }
}
