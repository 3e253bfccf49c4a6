import type { AnyAuth, Auth, AuthByTokenType, AuthenticatedAuth } from '../auth/auth.js'
import {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type Reverification,
  type TokenType,
} from '../auth/errors.js'
import { checkAcceptsToken, tokenTypesOf, type AcceptsToken } from '../kinds/accepts-token.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import { kindHas, TOKEN_TYPES } from '../kinds/kinds.js'
import { listOf, REQUIREMENT_RULES, type RequirementRule } from './rules.js'
import type { Permission, Role } from '../auth/register.js'
import { checkFields, describe, itemsOf, ownCopy, type FieldChecks } from '../support/declaration.js'

type OneOrMore<T> = T | readonly T[]

/** What a caller must be to pass. All that is asked must hold; it is checked in this order. */
export interface Requirement<Request = unknown, A extends AcceptsToken = AcceptsToken> {
  /** The kinds of credential that pass. Default: `session_token`. Else 401 `token-type-mismatch`. */
  readonly acceptsToken?: A
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
  /** All of these scopes, of an OAuth token or an API key, else 403 `scope-missing`. */
  readonly scope?: OneOrMore<string>
  /** One of these machines, by an M2M token, else 403 `machine-not-allowed`. */
  readonly machine?: OneOrMore<string>
  /** One of these OAuth clients, else 403 `client-not-allowed`. */
  readonly client?: OneOrMore<string>
  /** `deny`: a session in which somebody acts in the user's place is refused, with 403 `impersonation-denied`. */
  readonly impersonation?: 'deny'
  /** How recently the user must have been verified, else 403 `reverification-required`. */
  readonly reverification?: Reverification
  /** The last word. Only `true` passes, else 403 `check-failed`. What it throws goes to the framework. */
  check?(auth: AuthOfAcceptsToken<A>, request: Request): MaybePromise<boolean>
}

/** One of several requirements: its `check` is told which kind it will see. */
type NamedRequirement<Request> =
  | Requirement<Request, 'session_token'>
  | (Requirement<Request, 'm2m_token'> & { readonly acceptsToken: 'm2m_token' })
  | (Requirement<Request, 'oauth_token'> & { readonly acceptsToken: 'oauth_token' })
  | (Requirement<Request, 'api_key'> & { readonly acceptsToken: 'api_key' })
  | (Requirement<Request, 'jwt_template'> & { readonly acceptsToken: 'jwt_template' })
  | (Requirement<Request> & { readonly acceptsToken: 'any' | readonly TokenType[] })

/** A requirement, or several of which one must hold. */
export type Requirements<Request = unknown> = Requirement<Request> | readonly NamedRequirement<Request>[]

/** The caller behind a guard that accepts these kinds and has these fields. */
export type AuthOfRequirement<A, Field> = InOrganization<AuthOfAcceptsToken<A>, Field>

/** The caller behind a guard with a list of requirements. */
export type AuthOfRequirements<R extends readonly unknown[]> = R[number] extends infer One
  ? One extends unknown
    ? AuthOfRequirement<One extends { readonly acceptsToken: infer A } ? A : 'session_token', RequiredKeyOf<One>>
    : never
  : never

/** The caller with a credential of these kinds. */
export type AuthOfAcceptsToken<A> = A extends 'any'
  ? AnyAuth
  : A extends readonly (infer K extends TokenType)[]
    ? AuthByTokenType[K]
    : A extends TokenType
      ? AuthByTokenType[A]
      : never

/** What `role`, `permission` and `org` say of the caller: an organization is active, and the kind has one. */
type InOrganization<Caller, Field> = 'role' extends Field
  ? WithRole<Caller>
  : 'permission' extends Field
    ? WithRole<Caller>
    : 'org' extends Field
      ? WithOrganization<Caller>
      : Caller
type WithOrganization<Caller> = Caller extends { readonly orgId: unknown } ? Caller & { readonly orgId: string } : never
type WithRole<Caller> = Caller extends { readonly orgRole: unknown }
  ? Caller & { readonly orgId: string; readonly orgRole: Role }
  : never

type RequiredKeyOf<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** Gives the refusal, or `undefined` for a caller who meets the requirement. */
export type RequirementCheck<Request> = (auth: Auth, request: Request) => MaybePromise<AuthError | undefined>

/**
 * Checks a caller against a requirement. A promise comes back only where `check` gives one.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function checkRequirement<Request = unknown>(
  auth: Auth,
  requirement: Requirements<Request>,
  request?: Request,
): MaybePromise<AuthError | undefined> {
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
  const checks = itemsOf(requirement).map((one) => singleCheck(one as Requirement<Request>))

  return (auth, request) => {
    let refusal: AuthError | undefined
    for (const [i, check] of checks.entries()) {
      const error = check(auth, request)
      if (error instanceof Promise) return firstPassing(error, checks.slice(i + 1), refusal, auth, request)
      if (!error) return undefined
      refusal = firstOf(refusal, error)
    }
    return refusal
  }
}

/** Goes on where a `check` has to be waited for. */
async function firstPassing<Request>(
  pending: Promise<AuthError | undefined>,
  checks: readonly RequirementCheck<Request>[],
  earlier: AuthError | undefined,
  auth: Auth,
  request: Request,
): Promise<AuthError | undefined> {
  let error = await pending
  let refusal = earlier
  for (const check of checks) {
    if (!error) return undefined
    refusal = firstOf(refusal, error)
    error = await check(auth, request)
  }
  return error && firstOf(refusal, error)
}

/** Of several refusals the first one counts that is about this kind of credential. */
function firstOf(earlier: AuthError | undefined, error: AuthError): AuthError {
  return earlier === undefined || earlier.code === 'token-type-mismatch' ? error : earlier
}

/** The kinds of credential that a requirement lets pass. */
export function acceptedTypes(requirement: Requirements<never>): ReadonlySet<TokenType> {
  return new Set(listOf<Requirement<never>>(requirement).flatMap((one) => tokenTypesOf(ownCopy(one).acceptsToken)))
}

function singleCheck<Request>(declared: Requirement<Request>): RequirementCheck<Request> {
  checkDeclaration(declared)
  // A refusal hands parts of it out, and the lists that were declared may change.
  const requirement = ownCopy(declared)
  const accepted = tokenTypesOf(requirement.acceptsToken)
  const asked = RULES.filter(([field]) => field in requirement)
  const { org } = requirement

  return (auth, request) => {
    if (!auth.isAuthenticated) return ofThisKind(auth.error, accepted)
    const { tokenType } = auth
    if (!accepted.includes(tokenType)) return new AuthError('token-type-mismatch', { tokenType })

    const wrongOrg =
      org === undefined ? undefined : checkOrg(auth, org === true ? undefined : { id: idOf(org(request)) })
    if (wrongOrg) return new AuthError(wrongOrg, { tokenType })
    const failed = asked.find(([field, rule]) => !kindHas(tokenType, field) || !rule.holds(auth, requirement[field]))
    if (failed) return new AuthError(failed[1].code, { tokenType, ...detailsOf(failed[1].code, requirement) })
    if (!requirement.check) return undefined
    // Only `true` passes: a truthy mistake is still a mistake.
    const refusalUnless = (passes: unknown) =>
      passes === true ? undefined : new AuthError('check-failed', { tokenType })
    const passes: unknown = requirement.check(auth, request)
    return passes instanceof Promise ? passes.then(refusalUnless) : refusalUnless(passes)
  }
}

/** What is wrong with a token of another kind is not this guard's to tell. */
function ofThisKind(error: AuthError, accepted: readonly TokenType[]): AuthError {
  const { tokenType } = error
  return tokenType === null || accepted.includes(tokenType)
    ? error
    : new AuthError('token-type-mismatch', { tokenType })
}

/** A promise would refuse everybody, and when it rejects, nobody would hear of it. */
function idOf(id: unknown): unknown {
  if (id instanceof Promise) throw new TypeError('requirement "org" must not be asynchronous: use "check" for that')
  return id
}

function checkOrg(auth: AuthenticatedAuth, expected: { readonly id: unknown } | undefined): AuthErrorCode | undefined {
  const orgId = Object.hasOwn(auth, 'orgId') ? (auth as { readonly orgId?: string | null }).orgId : undefined
  if (!orgId) return 'org-missing'
  if (!expected || expected.id === orgId) return undefined
  return 'org-mismatch'
}

/** What the answer to a refusal says of what was asked for. */
function detailsOf(code: AuthErrorCode, { reverification, scope }: Requirement<never>): AuthErrorDetails {
  if (code === 'reverification-required' && reverification) return { reverification }
  return code === 'scope-missing' && scope ? { scope: listOf(scope) } : {}
}

type RuleField = keyof typeof REQUIREMENT_RULES

const RULES = Object.entries(REQUIREMENT_RULES) as [RuleField, RequirementRule][]

const FIELDS: FieldChecks = {
  acceptsToken: checkAcceptsToken,
  org: (value) => value === true || typeof value === 'function' || 'must be true or a function',
  check: (value) => typeof value === 'function' || 'must be a function',
  ...Object.fromEntries(Object.entries(REQUIREMENT_RULES).map(([name, { check }]) => [name, check])),
}

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
  checkMeetable(requirement as Requirement<never>)
}

/** Fields that no accepted kind of credential has together can never be met. */
function checkMeetable(requirement: Requirement<never>): void {
  let accepted = tokenTypesOf(requirement.acceptsToken)
  for (const field of ['org', ...RULES.map(([name]) => name)] as const) {
    if (!(field in requirement)) continue
    const able = accepted.filter((tokenType) => kindHas(tokenType, field))
    if (able.length === 0) {
      const having = TOKEN_TYPES.filter((tokenType) => kindHas(tokenType, field)).join(', ')
      throw new TypeError(
        `requirement "${field}" can never be met: it is for ${having}, and only ${accepted.join(', ')} may pass`,
      )
    }
    accepted = able
  }
}
