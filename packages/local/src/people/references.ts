import type { World } from '../state/world.js'

/** @throws {TypeError} if a record restored from a data file refers to a missing one */
export function checkReferences(world: World): void {
  const { users, organizations, memberships, sessions, roles, organization_invitations, organization_domains } = world
  const areComplete =
    hasPlans(world) &&
    memberships.all().every(({ user_id, organization_id, role }) => {
      return users.byId(user_id) && organizations.byId(organization_id) && roles.find('key', role)
    }) &&
    [...organization_invitations.all(), ...organization_domains.all()].every((it) =>
      organizations.byId(it.organization_id),
    ) &&
    sessions.all().every(({ user_id }) => users.byId(user_id))
  if (areComplete) return
  throw new TypeError('the data file refers to missing records: restore a backup, or delete it to start over')
}

function hasPlans({ plans, subscriptions, subscription_items }: World): boolean {
  const items = subscription_items.all()
  return items.every(({ plan_id, subscription_id }) => plans.byId(plan_id) && subscriptions.byId(subscription_id))
}
