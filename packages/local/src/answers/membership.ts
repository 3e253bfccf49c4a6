import type { Membership } from '../model/membership.js'
import { permissionsOf } from '../people/membership.js'
import { identifierOf } from '../people/user.js'
import type { World } from '../state/world.js'
import { imageFields } from './image.js'
import { organizationAnswer } from './organization.js'

export function membershipAnswer(membership: Membership, world: World) {
  const organization = world.organizations.byId(membership.organization_id)
  const user = world.users.byId(membership.user_id)
  if (!organization || !user) throw new Error('a membership outlived its user or organization')
  return {
    object: 'organization_membership',
    id: membership.id,
    role: membership.role,
    role_name: world.roles.find('key', membership.role)?.name ?? membership.role,
    permissions: permissionsOf(world, membership.role),
    public_metadata: membership.public_metadata,
    private_metadata: membership.private_metadata,
    organization: organizationAnswer(organization, world),
    public_user_data: {
      user_id: user.id,
      identifier: identifierOf(world, user),
      username: user.username,
      first_name: user.first_name,
      last_name: user.last_name,
      profile_image_url: imageFields(world, user).image_url,
      ...imageFields(world, user),
      banned: user.banned,
      deprovisioned: false,
    },
    created_at: membership.created_at,
    updated_at: membership.updated_at,
  }
}
