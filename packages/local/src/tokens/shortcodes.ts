import type { User } from '../model/user.js'
import type { Session } from '../model/session.js'
import { imageFields } from '../answers/image.js'
import { membershipOf } from '../people/membership.js'
import { activityOf } from '../people/activity.js'
import { hasSecondFactor, primaryEmailOf, primaryPhoneOf } from '../people/user.js'
import type { World } from '../state/world.js'
import type { Shortcodes } from './template-language.js'

/** The user, organization and actor of a token from a template. */
export interface TemplateHolder {
  readonly user_id: string
  readonly organization_id: string | null
  readonly actor: Session['actor']
}

/** The values that a template may refer to. Private metadata is not among them. */
export function shortcodesOf(holder: TemplateHolder, world: World): Shortcodes {
  const user = world.users.byId(holder.user_id)
  if (!user) return {}
  const { lastSignInAt } = activityOf(world, user.id)
  const own = world.memberships.where('user_id', user.id)
  return {
    user: {
      ...userValues(user, world),
      last_sign_in_at: lastSignInAt === null ? null : seconds(lastSignInAt),
      organizations: Object.fromEntries(own.map(({ organization_id, role }) => [organization_id, role])),
    },
    ...organizationValues(holder, world),
    session: { actor: holder.actor },
  }
}

function userValues(user: User, world: World) {
  const [email, phone] = [primaryEmailOf(world, user), primaryPhoneOf(world, user)]
  const fullName = [user.first_name, user.last_name].filter((name) => name !== null).join(' ')
  return {
    id: user.id,
    external_id: user.external_id,
    username: user.username,
    first_name: user.first_name,
    last_name: user.last_name,
    full_name: fullName || null,
    primary_email_address: email?.email_address ?? null,
    email_verified: email?.verified ?? false,
    primary_phone_number: phone?.phone_number ?? null,
    phone_number_verified: phone?.verified ?? false,
    primary_web3_wallet: world.web3_wallets.byId(user.primary_web3_wallet_id ?? '')?.web3_wallet ?? null,
    ...imageFields(world, user),
    two_factor_enabled: hasSecondFactor(world, user),
    public_metadata: user.public_metadata,
    unsafe_metadata: user.unsafe_metadata,
    created_at: seconds(user.created_at),
    updated_at: seconds(user.updated_at),
  }
}

function organizationValues({ user_id, organization_id }: TemplateHolder, world: World) {
  const organization = world.organizations.byId(organization_id ?? '')
  const membership = organization && membershipOf(world, organization.id, user_id)
  if (!membership) return {}
  const { id, slug, name, public_metadata } = organization
  return {
    org: { id, slug, name, role: membership.role, ...imageFields(world, organization), public_metadata },
    org_membership: { public_metadata: membership.public_metadata },
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
