import type { Auth, AuthenticatedAuth, SessionAuth } from './auth.js'
import { AuthError, type AuthErrorCode, type Reverification } from './errors.js'
import { andThen, type Eventually } from './eventually.js'
import { hasFeature, hasPermission, hasPlan, hasReverification, hasRole } from './has.js'
import type { Permission, Role } from './register.js'
import { isReverification } from './reverification.js'
import { checkFields, describe } from './declaration.js'

/** The kinds of credential that can be asked for. */
export type AcceptedTokenType = AuthenticatedAuth['tokenType']
export type AcceptsToken = AcceptedTokenType | readonly AcceptedTokenType[]

type OneOrMore<T> = T | readonly T[]

/** What a caller must be to pass. All that is asked must hold; it is checked in this order. */
export interface Requirement<Request = unknown> {
  /** The kinds of credential that pass. Default: `session_token`. Else 401 `token-type-mismatch`. */
  readonly acceptsToken?: AcceptsToken
  /**
   * `true`: an organization must be active, else 403 `org-missing`. A function: the active organization must be the one
   * whose id it returns, else 403 `org-mismatch`; returning anything but an id refuses. It must not be asynchronous.
   */
  readonly org?: true | ((request: Request) => unknown)
  /** One of these roles in the active organization, else 403 `role-missing`. */
  readonly role?: OneOrMore<Role>
  /** All of these permissions in the active organization, else 403 `permission-missing`. */
  readonly permission?: OneOrMore<Permission>
  /** All of these features, else 403 `feature-missing`. `org:x` or `user:x` says whose. */
  readonly feature?: OneOrMore<string>
  /** All of these plans, else 403 `plan-missing`. `org:x` or `user:x` says whose. */
  readonly plan?: OneOrMore<string>
  /** `deny`: a session in which somebody acts in the user's place is refused, with 403 `impersonation-denied`. */
  readonly impersonation?: 'deny'
  /** How recently the user must have been verified, else 403 `reverification-required`. */
  readonly reverification?: Reverification
  /** The last word. Only `true` passes, else 403 `check-failed`. What it throws goes to the framework. */
  readonly check?: (auth: AuthenticatedAuth, request: Request) => Eventually<boolean>
}

/** A requirement, or several of which one must hold. */
export type Requirements<Request = unknown> = Requirement<Request> | readonly Requirement<Request>[]

/** Gives the refusal, or `undefined` for a caller who meets the requirement. */
export type RequirementCheck<Request> = (auth: Auth, request: Request) => Eventually<AuthError | undefined>

/**
 * Checks a caller against a requirement. A promise comes back only where `check` gives one.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function checkRequirement<Request = unknown>(
  auth: Auth,
  requirement: Requirements<Request>,
  request?: Request,
): Eventually<AuthError | undefined> {
  return requirementCheck(requirement)(auth, request as Request)
}

/**
 * Prepares a requirement for use on every request.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requirementCheck<Request>(requirement: Requirements<Request>): RequirementCheck<Request> {
  if (!Array.isArray(requirement)) return singleCheck(requirement as Requirement<Request>)
  if (requirement.length === 0) throw new TypeError('a list of requirements must not be empty: nobody would pass')
  const checks = requirement.map(singleCheck<Request>)

  return (auth, request) => {
    const next = (i: number, refusal: AuthError | undefined): Eventually<AuthError | undefined> => {
      const check = checks[i]
      if (!check) return refusal
      return andThen(check(auth, request), (error) => {
        if (!error) return undefined
        // Of several refusals the first counts that is about this kind of credential.
        return next(i + 1, refusal === undefined || refusal.code === 'token-type-mismatch' ? error : refusal)
      })
    }
    return next(0, undefined)
  }
}

function singleCheck<Request>(requirement: Requirement<Request>): RequirementCheck<Request> {
  checkDeclaration(requirement)
  const accepted = listOf(requirement.acceptsToken ?? 'session_token')
  const rules = sessionRules(requirement)
  const { org, check } = requirement

  return (auth, request) => {
    if (!auth.isAuthenticated) return auth.error
    const refuse = (code: AuthErrorCode) => new AuthError(code, { tokenType: auth.tokenType })
    if (!accepted.includes(auth.tokenType)) return refuse('token-type-mismatch')

    const wrongOrg =
      org === undefined ? undefined : checkOrg(auth, org === true ? undefined : { id: idOf(org(request)) })
    if (wrongOrg) return refuse(wrongOrg)
    const failed = rules.find(({ holds }) => !holds(auth))
    if (failed?.code === 'reverification-required')
      return new AuthError(failed.code, { tokenType: auth.tokenType, reverification: requirement.reverification! })
    if (failed) return refuse(failed.code)
    if (!check) return undefined
    // Only `true` passes: a truthy mistake is still a mistake.
    return andThen<unknown, AuthError | undefined>(check(auth, request), (passes) =>
      passes === true ? undefined : refuse('check-failed'),
    )
  }
}

/** A promise would refuse everybody, and when it rejects, nobody would hear of it. */
function idOf(id: unknown): unknown {
  if (id instanceof Promise) throw new TypeError('requirement "org" must not be asynchronous: use "check" for that')
  return id
}

function checkOrg({ orgId }: SessionAuth, expected: { readonly id: unknown } | undefined): AuthErrorCode | undefined {
  if (orgId === undefined) return 'org-missing'
  if (!expected || expected.id === orgId) return undefined
  return 'org-mismatch'
}

interface Rule {
  readonly code: AuthErrorCode
  readonly holds: (auth: SessionAuth) => boolean
}

function sessionRules(requirement: Requirement<never>): Rule[] {
  const { role, permission, feature, plan, impersonation, reverification } = requirement
  const rules: Rule[] = []
  const add = (code: AuthErrorCode, holds: Rule['holds']) => rules.push({ code, holds })

  if (role !== undefined) add('role-missing', (auth) => listOf(role).some((one) => hasRole(auth, one)))
  if (permission !== undefined)
    add('permission-missing', (auth) => listOf(permission).every((one) => hasPermission(auth, one)))
  if (feature !== undefined) add('feature-missing', (auth) => listOf(feature).every((one) => hasFeature(auth, one)))
  if (plan !== undefined) add('plan-missing', (auth) => listOf(plan).every((one) => hasPlan(auth, one)))
  if (impersonation !== undefined) add('impersonation-denied', (auth) => auth.actor === undefined)
  if (reverification !== undefined) add('reverification-required', (auth) => hasReverification(auth, reverification))
  return rules
}

const FIELDS = {
  acceptsToken: (value) =>
    areTexts(value, (kind) => kind === 'session_token') || 'only "session_token" can be asked for',
  org: (value) => value === true || typeof value === 'function' || 'must be true or a function',
  role: (value) => areTexts(value) || 'must be a role or a list of roles, and not empty',
  permission: (value) =>
    areTexts(value, (permission) => !/^(org:)*sys_/.test(permission)) ||
    'must be a permission or a list of them, and none of "org:sys_…": no token carries system permissions',
  feature: (value) => areTexts(value) || 'must be a feature or a list of features, and not empty',
  plan: (value) => areTexts(value) || 'must be a plan or a list of plans, and not empty',
  impersonation: (value) => value === 'deny' || 'must be "deny"',
  reverification: (value) =>
    isReverification(value) || 'must be "strict_mfa", "strict", "moderate", "lax" or { level, afterMinutes }',
  check: (value) => typeof value === 'function' || 'must be a function',
} as const satisfies Record<keyof Requirement, (value: unknown) => true | string>

function checkDeclaration(requirement: unknown): void {
  const prototype: unknown =
    typeof requirement === 'object' && requirement !== null && Object.getPrototypeOf(requirement)
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(
      `a requirement must be an object, not ${describe(requirement)}; is requireAuth() used uncalled?`,
    )
  for (const [name, value] of Object.entries(requirement as object)) {
    // Lost rather than left out: a misspelt constant must not open the route to everybody.
    if (value === undefined) throw new TypeError(`requirement "${name}" is undefined: give it a value, or leave it out`)
  }
  checkFields('requirement', requirement as object, FIELDS)
}

function areTexts(value: unknown, fits: (text: string) => boolean = () => true): boolean {
  const texts: unknown[] = Array.isArray(value) ? value : [value]
  return texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '' && fits(text))
}

function listOf<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
