import type { Permission, Role } from '../auth/register.js'
import type { TokenType } from '../auth/errors.js'
import type { Reverification } from '../auth/reverification.js'
import { tokenTypesOf } from '../kinds/accepts-token.js'
import { listOf, ownCopy } from '../support/declaration.js'
import type { Requirement, Requirements } from './requirement.js'

/**
 * The description attached to guards and `isPublic()`.
 *
 * A registered symbol, because tools that read it have their own copy of this package.
 */
export const DESCRIPTION: unique symbol = Symbol.for('clerk-auth.guard')

/** What a guard requires, or that a route is intentionally public, as data that can be written as JSON. */
export type Description = PublicDescription | GuardDescription

export interface PublicDescription {
  readonly isPublic: true
}

export interface GuardDescription {
  readonly isPublic: false
  /** At least one must hold. */
  readonly requirements: readonly RequirementDescription[]
}

/** A {@link Requirement} as data. Fields that the requirement does not have are missing. */
export interface RequirementDescription {
  readonly acceptsToken: readonly TokenType[]
  /** `active`: any active organization. `of-request`: the one that a function of the application returns. */
  readonly org?: 'active' | 'of-request'
  readonly role?: readonly Role[]
  readonly permission?: readonly Permission[]
  readonly feature?: readonly string[]
  readonly plan?: readonly string[]
  readonly scope?: readonly string[]
  readonly machine?: readonly string[]
  readonly client?: readonly string[]
  readonly impersonation?: 'deny'
  readonly reverification?: Reverification
  readonly fresh?: true
  /** A function of the application decides last. */
  readonly check?: true
}

/** A value with a description. */
export interface Described {
  readonly [DESCRIPTION]: Description
}

export const PUBLIC: PublicDescription = Object.freeze({ isPublic: true })

/** Attaches a description to a guard or to the value of `isPublic()`. Object spread copies it. */
export function described<T extends object>(value: T, description: Description): T & Described {
  return Object.assign(value, { [DESCRIPTION]: description })
}

/** Describes a guard with this requirement, which is valid. */
export function guardDescription(requirement: Requirements<never>): GuardDescription {
  const requirements = Object.freeze(listOf<Requirement<never>>(requirement).map(requirementDescription))
  return Object.freeze({ isPublic: false, requirements })
}

function requirementDescription(declared: Requirement<never>): RequirementDescription {
  const requirement = ownCopy(declared)
  const { acceptsToken, org, impersonation, reverification, fresh } = requirement
  return Object.freeze({
    acceptsToken: Object.freeze([...tokenTypesOf(acceptsToken)]),
    ...(org && { org: org === true ? 'active' : 'of-request' }),
    ...listsOf(requirement),
    ...(impersonation && { impersonation }),
    ...(reverification && { reverification }),
    ...(fresh && { fresh }),
    ...('check' in requirement && { check: true }),
  })
}

const LISTS = ['role', 'permission', 'feature', 'plan', 'scope', 'machine', 'client'] as const

function listsOf(requirement: Requirement<never>): Partial<Record<(typeof LISTS)[number], readonly string[]>> {
  const present = LISTS.filter((field) => field in requirement)
  return Object.fromEntries(present.map((field) => [field, Object.freeze([requirement[field] ?? []].flat())]))
}

/**
 * Returns what a guard requires, for documents, tests and other programs: `describeGuard(requireAuth({ role: 'org:admin'
 * }))`. For the value of `isPublic()`, says that the route is public. `undefined` for everything else.
 *
 * Guards that were composed, such as by `every()` of Hono, have no description.
 */
export function describeGuard(value: unknown): Description | undefined {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? (value as { readonly [DESCRIPTION]?: Description })[DESCRIPTION] : undefined
}
