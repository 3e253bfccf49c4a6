import type { Community } from '../people/community.js'
import { primaryEmailOf, primaryPhoneOf, type User } from '../people/user.js'
import type { Shortcodes } from './template-language.js'

/** The user, organization and actor of a token from a template. */
export interface TemplateHolder {
  readonly userId: string
  readonly organizationId: string | null
  readonly actor: object | null
}

/** The values that a template may refer to. Private metadata is not among them. */
export function shortcodesOf(holder: TemplateHolder, { directory, sessions }: Community): Shortcodes {
  const user = directory.users.byId(holder.userId)
  if (!user) return {}
  const { lastSignInAt } = sessions.activityOf(user.id)
  const own = directory.memberships.all().filter(({ userId }) => userId === user.id)
  return {
    user: {
      ...userValues(user),
      last_sign_in_at: lastSignInAt === null ? null : seconds(lastSignInAt),
      organizations: Object.fromEntries(own.map(({ organizationId, role }) => [organizationId, role])),
    },
    ...organizationValues(holder, directory),
    session: { actor: holder.actor },
  }
}

function userValues(user: User) {
  const [email, phone] = [primaryEmailOf(user), primaryPhoneOf(user)]
  const fullName = [user.firstName, user.lastName].filter((name) => name !== null).join(' ')
  return {
    id: user.id,
    external_id: user.externalId,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    full_name: fullName || null,
    primary_email_address: email?.value ?? null,
    email_verified: email?.verified ?? false,
    primary_phone_number: phone?.value ?? null,
    phone_number_verified: phone?.verified ?? false,
    primary_web3_wallet: null,
    image_url: '',
    has_image: false,
    two_factor_enabled: false,
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    created_at: seconds(user.createdAt),
    updated_at: seconds(user.updatedAt),
  }
}

function organizationValues({ userId, organizationId }: TemplateHolder, directory: Community['directory']) {
  const organization = directory.organizations.byId(organizationId ?? '')
  const membership = organization && directory.membershipOf(organization.id, userId)
  if (!membership) return {}
  const { id, slug, name, publicMetadata } = organization
  return {
    org: { id, slug, name, role: membership.role, image_url: '', has_image: false, public_metadata: publicMetadata },
    org_membership: { public_metadata: membership.publicMetadata },
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
