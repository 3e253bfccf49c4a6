import { newId } from '../state/ids.js'
import type { Metadata } from './metadata.js'
import { organizationJson, type OrganizationRecord } from './organization.js'
import { identifierOf, isBanned, type User } from './user.js'

/** A user's membership in an organization. Times are milliseconds since the epoch. */
export interface Membership {
  /** `orgmem_…` */
  readonly id: string
  readonly userId: string
  readonly organizationId: string
  /** such as `org:admin` */
  readonly role: string
  readonly publicMetadata: Metadata
  readonly privateMetadata: Metadata
  readonly createdAt: number
  readonly updatedAt: number
}

export function newMembership(
  fields: Pick<Membership, 'userId' | 'organizationId' | 'role'> & Partial<Membership>,
  now: number,
): Membership {
  return { id: newId('orgmem'), publicMetadata: {}, privateMetadata: {}, createdAt: now, updatedAt: now, ...fields }
}

/** A membership with its organization, user and permissions. */
export interface MembershipParts {
  readonly membership: Membership
  readonly organization: OrganizationRecord
  readonly user: User
  readonly permissions: readonly string[]
}

export function membershipJson({ membership, organization, user, permissions }: MembershipParts) {
  return {
    object: 'organization_membership',
    id: membership.id,
    role: membership.role,
    role_name: roleName(membership.role),
    permissions,
    public_metadata: membership.publicMetadata,
    private_metadata: membership.privateMetadata,
    organization: organizationJson(organization),
    public_user_data: {
      user_id: user.id,
      identifier: identifierOf(user),
      username: user.username,
      first_name: user.firstName,
      last_name: user.lastName,
      profile_image_url: '',
      image_url: '',
      has_image: false,
      banned: isBanned(user),
      deprovisioned: false,
    },
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  }
}

/** `Billing manager` for `org:billing_manager`: the seed does not name roles. */
function roleName(role: string): string {
  const words = role.replace(/^org:/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
