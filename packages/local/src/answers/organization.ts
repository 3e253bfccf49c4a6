import type { Organization } from '../model/organization.js'
import type { World } from '../state/world.js'
import { imageFields } from './image.js'

export function organizationAnswer(organization: Organization, world: World) {
  const { id, name, slug, created_by } = organization
  return {
    object: 'organization',
    id,
    name,
    slug,
    ...imageFields(world, organization),
    max_allowed_memberships: organization.max_allowed_memberships,
    admin_delete_enabled: organization.admin_delete_enabled,
    public_metadata: organization.public_metadata,
    private_metadata: organization.private_metadata,
    ...(created_by !== null && { created_by }),
    role_set_key: world.role_sets.byId(organization.role_set_id ?? '')?.key ?? null,
    created_at: organization.created_at,
    updated_at: organization.updated_at,
  }
}

export function membersCount({ memberships }: World, { id }: Organization): number {
  return memberships.where('organization_id', id).length
}
