import type { OrganizationDomain } from '../model/organization-domain.js'
import { membershipOf } from '../people/membership.js'
import type { World } from '../state/world.js'
import { publicOrganizationData } from './organization-invitation.js'

export function organizationDomainAnswer(domain: OrganizationDomain, world: World) {
  const { id, organization_id, name, enrollment_mode, verified_at, created_at, updated_at } = domain
  const verification = {
    status: verified_at === null ? 'unverified' : 'verified',
    strategy: 'admin',
    attempts: null,
    expire_at: null,
    verified_at,
  }
  return {
    object: 'organization_domain',
    id,
    organization_id,
    name,
    enrollment_mode,
    affiliation_email_address: null,
    affiliation_verification: verification,
    // Clerk's older name for `affiliation_verification`.
    verification,
    ownership_verification: null,
    total_pending_invitations: waitingUsers(domain, world, 'automatic_invitation'),
    total_pending_suggestions: waitingUsers(domain, world, 'automatic_suggestion'),
    public_organization_data: publicOrganizationData(world, organization_id),
    created_at,
    updated_at,
  }
}

/** The number of users who could join the organization through this mode, because of a verified email address. */
function waitingUsers(
  { organization_id, name, enrollment_mode, verified_at }: OrganizationDomain,
  world: World,
  mode: OrganizationDomain['enrollment_mode'],
): number {
  if (verified_at === null || enrollment_mode !== mode) return 0
  const users = world.email_addresses
    .all()
    .filter(({ email_address, verified }) => verified && email_address.endsWith(`@${name}`))
    .map(({ user_id }) => user_id)
  return [...new Set(users)].filter((userId) => !membershipOf(world, organization_id, userId)).length
}
