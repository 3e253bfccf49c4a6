import { Refusal } from '../api/errors.js'
import type { Role } from '../model/membership.js'
import type { RoleSet } from '../model/role-set.js'
import type { World } from '../state/world.js'
import { reassignRole } from './role.js'
import { rolesInUse } from './roles-in-use.js'

export function rolesOf({ roles }: World, { role_ids }: RoleSet): readonly Role[] {
  return role_ids.flatMap((id) => roles.byId(id) ?? [])
}

/**
 * Gives the organizations of one role set another.
 *
 * @param mappings which role of the other takes the place of a role
 * @throws {Refusal} if members or invitations have a role for which the destination has none
 */
export function migrateOrganizations(
  world: World,
  from: RoleSet,
  to: RoleSet,
  mappings: Readonly<Record<string, string>>,
): void {
  const allowed = rolesOf(world, to).map((role) => role.key)
  const unknown = () =>
    new Refusal(
      'form_param_value_invalid',
      'must name a role of the destination for each role',
      'reassignment_mappings',
    )
  const organizations = world.organizations.where('role_set_id', from.id)
  for (const { key: source } of rolesOf(world, from)) {
    const isUsed = organizations.some(({ id }) => rolesInUse(world, id).has(source))
    const target = Object.hasOwn(mappings, source) ? mappings[source]! : source
    if (!allowed.includes(target)) {
      if (isUsed) throw unknown()
      continue
    }
    if (target !== source) for (const { id } of organizations) reassignRole(world, source, target, id)
  }
  for (const { id } of organizations) world.organizations.update(id, { role_set_id: to.id })
}
