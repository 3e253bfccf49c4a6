import type { LocalClerk } from '../local-clerk.js'
import type { Seed } from '../seed/seed.js'
import type { CallerAuth } from './core.js'

/** The ids for path parameters. */
export interface CallerIds {
  readonly userId: string
  readonly orgId: string
  readonly orgSlug: string
  readonly machineId: string
}

export interface Organizations {
  readonly [slug: string]: { readonly id: string; readonly slug: string }
}

/** The ids of a caller, and `defaults` where it has none. */
export function callerIds(auth: CallerAuth, defaults: CallerIds, organizations: Organizations): CallerIds {
  const organization = organizationOf(auth, organizations)
  return {
    userId: auth.userId ?? defaults.userId,
    orgId: organization?.id ?? defaults.orgId,
    orgSlug: organization?.slug ?? defaults.orgSlug,
    machineId: auth.machineId ?? defaults.machineId,
  }
}

/** The ids of the first user, organization and machine. */
export function defaultIds({ people, organizations, machines }: LocalClerk<Seed>): CallerIds {
  const [person] = Object.values(people)
  const [organization] = Object.values(organizations)
  const [machine] = Object.values(machines)
  return {
    userId: person?.id ?? 'user_none',
    orgId: organization?.id ?? 'org_none',
    orgSlug: organization?.slug ?? 'none',
    machineId: machine?.id ?? 'mch_none',
  }
}

/** The ids of an organization that is not the caller's, made up if there is none; `undefined` if the caller has none. */
export function otherOrganizationIds(
  auth: CallerAuth,
  organizations: Organizations,
): Pick<CallerIds, 'orgId' | 'orgSlug'> | undefined {
  const own = organizationOf(auth, organizations)
  if (!own) return undefined
  const other = Object.values(organizations).find(({ id }) => id !== own.id)
  return other ? { orgId: other.id, orgSlug: other.slug } : { orgId: `${own.id}x`, orgSlug: `${own.slug}-x` }
}

/** `undefined` if the caller has no active organization, or one that the instance does not have. */
function organizationOf({ orgId }: CallerAuth, organizations: Organizations) {
  return Object.values(organizations).find(({ id }) => id === orgId)
}
