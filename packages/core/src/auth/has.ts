import { member } from '../support/json.js'
import { prefixWithOrg, splitByScope } from './organization.js'
import type { Permission, Role } from './register.js'
import { factorAges, isReverification, isReverified, type Reverification } from './reverification.js'

/** The conditions that `has()` checks. All of them must hold. */
export interface AskedOfSession {
  readonly role?: Role
  readonly permission?: Permission
  /** `x`, or `org:x` or `user:x` for a specific owner. */
  readonly feature?: string
  /** `x`, or `org:x` or `user:x` for a specific owner. */
  readonly plan?: string
  readonly reverification?: Reverification
}

/** What the checks are based on. */
export interface SessionFacts {
  readonly orgId: string | undefined
  readonly orgRole: string | undefined
  readonly orgPermissions: readonly string[] | undefined
  readonly sessionClaims: { readonly fea?: unknown; readonly pla?: unknown; readonly fva?: unknown }
}

/** Non-session tokens have no roles, permissions, features or plans. */
export const hasNothing = Object.freeze((_asked: AskedOfSession): false => false)

/** Whether all conditions hold. `false` if there are no conditions, or if one is not valid. */
export function hasAll(facts: SessionFacts, asked: AskedOfSession | null | undefined): boolean {
  const { role, permission, feature, plan, reverification } = asked ?? {}
  const answers: boolean[] = []
  if (role !== undefined) answers.push(hasRole(facts, role))
  if (permission !== undefined) answers.push(hasPermission(facts, permission))
  if (feature !== undefined) answers.push(hasFeature(facts, feature))
  if (plan !== undefined) answers.push(hasPlan(facts, plan))
  if (reverification !== undefined) answers.push(hasReverification(facts, reverification))
  return answers.length > 0 && answers.every(Boolean)
}

export function hasRole({ orgId, orgRole }: SessionFacts, role: unknown): boolean {
  return isNonEmptyString(role) && orgId !== undefined && orgRole === prefixWithOrg(role)
}

export function hasPermission({ orgId, orgPermissions }: SessionFacts, permission: unknown): boolean {
  return (
    isNonEmptyString(permission) && orgId !== undefined && orgPermissions?.includes(prefixWithOrg(permission)) === true
  )
}

export function hasFeature({ sessionClaims }: SessionFacts, feature: unknown): boolean {
  return isInScope(member(sessionClaims, 'fea'), feature)
}

export function hasPlan({ sessionClaims }: SessionFacts, plan: unknown): boolean {
  return isInScope(member(sessionClaims, 'pla'), plan)
}

export function hasReverification({ sessionClaims }: SessionFacts, asked: unknown): boolean {
  return isReverification(asked) && isReverified(factorAges(member(sessionClaims, 'fva')), asked)
}

const ORG_SCOPES: ReadonlySet<unknown> = new Set(['o', 'org', 'organization'])
const USER_SCOPES: ReadonlySet<unknown> = new Set(['u', 'user'])

function isInScope(claim: unknown, asked: unknown): boolean {
  if (!isNonEmptyString(asked)) return false
  const { org, user } = splitByScope(claim)
  if (!asked.includes(':')) return org.includes(asked) || user.includes(asked)

  const [scope, name] = asked.split(':')
  if (!name) return false
  if (ORG_SCOPES.has(scope)) return org.includes(name)
  if (USER_SCOPES.has(scope)) return user.includes(name)
  return false
}

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
