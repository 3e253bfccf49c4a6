import type { Role } from '../model/membership.js'
import type { Organization } from '../model/organization.js'
import type { RoleSet } from '../model/role-set.js'
import type { World } from '../state/world.js'
import { instanceSettingsOf } from './instance-settings.js'

/** The role with this key, if members of the organization can have it. */
export function roleOf(world: World, organization: Organization, key: string): Role | undefined {
  const role = world.roles.find('key', key)
  const roleSet = roleSetOf(world, organization)
  return role && (!roleSet || roleSet.role_ids.includes(role.id)) ? role : undefined
}

function roleSetOf({ role_sets }: World, { role_set_id }: Organization): RoleSet | undefined {
  return role_sets.byId(role_set_id ?? '')
}

/** The role of the creator of an organization; `undefined` if there are no roles. */
export function creatorRoleOf(world: World, organization?: Organization): Role | undefined {
  const { creator_role_id } = instanceSettingsOf(world)
  const ofSet = organization && roleSetOf(world, organization)?.creator_role_id
  return (
    world.roles.byId(ofSet ?? creator_role_id ?? '') ?? world.roles.find('key', 'org:admin') ?? world.roles.all()[0]
  )
}

/** The role of users who join through a domain of the organization. */
export function domainRoleOf(world: World): Role | undefined {
  const { domains_default_role_id } = instanceSettingsOf(world)
  return (
    world.roles.byId(domains_default_role_id ?? '') ?? world.roles.find('key', 'org:member') ?? world.roles.all().at(-1)
  )
}

/** Whether a role makes its holders administrators: it is `org:admin`, or that of creators. */
export function isAdministrative(world: World, organization: Organization, role: string): boolean {
  return role === 'org:admin' || role === creatorRoleOf(world, organization)?.key
}

/** Gives members and pending invitations another role, in one organization or in all. */
export function reassignRole(world: World, from: string, to: string, organizationId?: string): number {
  const isAffected = ({ organization_id }: { readonly organization_id: string }) =>
    organizationId === undefined || organization_id === organizationId
  const members = world.memberships.where('role', from).filter(isAffected)
  for (const { id } of members) world.memberships.update(id, { role: to })
  for (const { id } of world.organization_invitations.where('role', from).filter(isAffected))
    world.organization_invitations.update(id, { role: to })
  return members.length
}
