import { newId } from '../state/ids.js'
import type { Metadata } from './metadata.js'
import type { Organization } from '../seed/seed.js'

/** The current state of an organization. Times are milliseconds since the epoch. */
export interface OrganizationRecord extends Organization {
  /** 0: unlimited */
  readonly maxAllowedMemberships: number
  readonly adminDeleteEnabled: boolean
  readonly publicMetadata: Metadata
  readonly privateMetadata: Metadata
  /** id of a user */
  readonly createdBy: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** The defaults of a new organization. */
export function newOrganization(now: number): Omit<OrganizationRecord, 'name' | 'slug'> {
  return {
    id: newId('org'),
    features: [],
    plan: 'pro',
    maxAllowedMemberships: 0,
    adminDeleteEnabled: true,
    publicMetadata: {},
    privateMetadata: {},
    createdBy: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** @param membersCount only if it was requested */
export function organizationJson(organization: OrganizationRecord, membersCount?: number) {
  return {
    object: 'organization',
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: '',
    has_image: false,
    ...(membersCount !== undefined && { members_count: membersCount }),
    max_allowed_memberships: organization.maxAllowedMemberships,
    admin_delete_enabled: organization.adminDeleteEnabled,
    public_metadata: organization.publicMetadata,
    private_metadata: organization.privateMetadata,
    ...(organization.createdBy !== null && { created_by: organization.createdBy }),
    role_set_key: null,
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  }
}
