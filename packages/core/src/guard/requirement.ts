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

/** What a guard requires of the caller. All fields must hold; they are checked in this order. */
export interface Requirement<Request = unknown, A extends AcceptsToken = AcceptsToken> {
  /** The kinds of token to accept, else 401 `token-type-mismatch`. Default `session_token`. */
  readonly acceptsToken?: A
  /**
   * `true`: an organization must be active, else 403 `org-missing`. A function: the active organization must be the one
   * whose id it returns, else 403 `org-mismatch`; any return value but that id refuses the request. It must not be
   * asynchronous.
   */
  readonly org?: true | ((request: Request) => unknown)
  /** One of these roles in the active organization, else 403 `role-missing`. */
  readonly role?: OneOrMore<Role>
  /** All of these permissions in the active organization, else 403 `permission-missing`. */
  readonly permission?: OneOrMore<Permission>
  /** All of these features, else 403 `feature-missing`. Use `org:x` or `user:x` for a specific owner. */
  readonly feature?: OneOrMore<string>
  /** All of these plans, else 403 `plan-missing`. Use `org:x` or `user:x` for a specific owner. */
  readonly plan?: OneOrMore<string>
  /** All of these scopes (OAuth tokens and API keys), else 403 `scope-missing`. */
  readonly scope?: OneOrMore<string>
  /** One of these machines (M2M tokens), else 403 `machine-not-allowed`. */
  readonly machine?: OneOrMore<string>
  /** One of these OAuth clients (OAuth tokens), else 403 `client-not-allowed`. */
  readonly client?: OneOrMore<string>
  /** `deny` refuses impersonated sessions with 403 `impersonation-denied`. */
  readonly impersonation?: 'deny'
  /** How recently the user must have been verified, else 403 `reverification-required`. */
  readonly reverification?: Reverification
  /**
   * `true`: Clerk is asked during the request whether the session or token is still valid. If it is not, 401
   * `token-revoked` or the code for what Clerk says about the token; if Clerk cannot be asked, 503. For routes that move
   * money. Tokens in JWT form other than session tokens get 401 `token-type-mismatch`.
   */
  readonly fresh?: true
  /** Runs last. Must return `true`, else 403 `check-failed`. Errors it throws go to the framework. */
  check?(auth: AuthOfAcceptsToken<A>, request: Request): MaybePromise<boolean>
}

/** One of several requirements. `acceptsToken` gives `check` the type of its caller. */
type NamedRequirement<Request> =
  | Requirement<Request, 'session_token'>
  | { [T in TokenType]: Requirement<Request, T> & { readonly acceptsToken: T } }[TokenType]
  | (Requirement<Request> & { readonly acceptsToken: 'any' | readonly TokenType[] })

/** A requirement, or several of which at least one must hold. */
export type Requirements<Request = unknown> = Requirement<Request> | readonly NamedRequirement<Request>[]

/** The caller that a guard with these kinds and fields accepts. */
export type AuthOfRequirement<A, Field> = InOrganization<AuthOfAcceptsToken<A>, Field>

/** The caller that a guard with a list of requirements accepts. */
export type AuthOfRequirements<R extends readonly unknown[]> = R[number] extends infer One
  ? One extends unknown
    ? AuthOfRequirement<One extends { readonly acceptsToken: infer A } ? A : 'session_token', RequiredKeyOf<One>>
    : never
  : never

/** The caller with a token of one of these kinds. */
export type AuthOfAcceptsToken<A> = A extends 'any'
  ? AnyAuth
  : A extends readonly (infer K extends TokenType)[]
    ? AuthByTokenType[K]
    : A extends TokenType
      ? AuthByTokenType[A]
      : never

/** With `role`, `permission` or `org`, the caller has an active organization. */
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

/** Asks Clerk about the caller of a request, at most once. */
export interface FreshCaller {
  /** The caller as Clerk knows it now; `undefined` until {@link ask} has succeeded. */
  readonly auth: AuthenticatedAuth | undefined
  /** Rejects with an {@link AuthError} if Clerk refuses the caller or cannot be asked. */
  readonly ask: () => Promise<AuthenticatedAuth>
}

/**
 * Returns the error, or `undefined` if the caller meets the requirement.
 *
 * @param caller required if {@link isFresh}
 */
export type RequirementCheck<Request> = (
  auth: Auth,
  request: Request,
  caller?: FreshCaller,
) => MaybePromise<AuthError | undefined>

/**
 * Checks a caller against a requirement. Returns a promise only if `check` does.
 *
 * @throws {TypeError} if the requirement can never be met, has an unknown field, or has `fresh`, which needs a guard
 */
export function checkRequirement<Request = unknown>(
  auth: Auth,
  requirement: Requirements<Request>,
  request?: Request,
): MaybePromise<AuthError | undefined> {
  if (isFresh(requirement))
    throw new TypeError('checkRequirement() cannot ask Clerk, as "fresh" requires: use requireAuth() of an adapter')
  return requirementCheck(requirement)(auth, request as Request)
}

/**
 * Prepares a requirement for use on every request.
 *
 * @throws {TypeError} if the requirement can never be met or has an unknown field
 */
export function requirementCheck<Request>(requirement: Requirements<Request>): RequirementCheck<Request> {
  if (!Array.isArray(requirement)) return singleCheck(requirement as Requirement<Request>)
  if (requirement.length === 0)
    throw new TypeError('a list of requirements must not be empty: every request would be refused')
  const checks = itemsOf(requirement).map((one) => singleCheck(one as Requirement<Request>))

  return (auth, request, caller) => {
    let refusal: AuthError | undefined
    for (const [i, check] of checks.entries()) {
      const error = check(auth, request, caller)
      if (error instanceof Promise) return firstPassing(error, checks.slice(i + 1), refusal, auth, request, caller)
      if (!error) return undefined
      refusal = firstOf(refusal, error)
    }
    return refusal
  }
}

/** Continues after an asynchronous `check`, or a question to Clerk. */
async function firstPassing<Request>(
  pending: Promise<AuthError | undefined>,
  checks: readonly RequirementCheck<Request>[],
  earlier: AuthError | undefined,
  auth: Auth,
  request: Request,
  caller: FreshCaller | undefined,
): Promise<AuthError | undefined> {
  let error = await pending
  let refusal = earlier
  for (const check of checks) {
    if (!error) return undefined
    // Clerk has just said that the token is not valid, so no other requirement may accept it.
    if (error.status === 401 && error.code !== 'token-type-mismatch') return error
    refusal = firstOf(refusal, error)
    error = await check(auth, request, caller)
  }
  return error && firstOf(refusal, error)
}

/** Of several errors, the first one about this kind of token counts. */
function firstOf(earlier: AuthError | undefined, error: AuthError): AuthError {
  return earlier === undefined || earlier.code === 'token-type-mismatch' ? error : earlier
}

/** The kinds of token that a requirement accepts. */
export function acceptedTypes(requirement: Requirements<never>): ReadonlySet<TokenType> {
  return new Set(listOf<Requirement<never>>(requirement).flatMap((one) => tokenTypesOf(ownCopy(one).acceptsToken)))
}

/**
 * The scopes of the first requirement that accepts OAuth tokens: an OAuth client that has them may get in.
 *
 * @returns `undefined` if no requirement accepts OAuth tokens
 */
export function oauthScopes(requirement: Requirements<never>): readonly string[] | undefined {
  const ofOAuth = listOf<Requirement<never>>(requirement)
    .map((one) => ownCopy(one))
    .find(({ acceptsToken }) => tokenTypesOf(acceptsToken).includes('oauth_token'))
  return ofOAuth && listOf(ofOAuth.scope ?? [])
}

/** Whether a requirement, or one of several, asks Clerk. */
export function isFresh(requirement: Requirements<never>): boolean {
  return listOf<Requirement<never>>(requirement).some((one) => ownCopy(one).fresh === true)
}

function singleCheck<Request>(declared: Requirement<Request>): RequirementCheck<Request> {
  checkDeclaration(declared)
  // Errors expose parts of it, and the declared lists may be changed later.
  const requirement = ownCopy(declared)
  const accepted = tokenTypesOf(requirement.acceptsToken)
  const asked = RULES.filter(([field]) => field in requirement)
  const { org } = requirement

  function refusalOf(auth: Auth, request: Request): AuthError | undefined {
    if (!auth.isAuthenticated) return ofThisKind(auth.error, accepted)
    const { tokenType } = auth
    if (!accepted.includes(tokenType)) return new AuthError('token-type-mismatch', { tokenType })

    const wrongOrg =
      org === undefined ? undefined : checkOrg(auth, org === true ? undefined : { id: idOf(org(request)) })
    if (wrongOrg) return new AuthError(wrongOrg, { tokenType })
    const failed = asked.find(([field, rule]) => !kindHas(tokenType, field) || !rule.holds(auth, requirement[field]))
    if (failed) return new AuthError(failed[1].code, { tokenType, ...detailsOf(failed[1].code, requirement) })
    return undefined
  }

  function runCheck(auth: AuthenticatedAuth, request: Request): MaybePromise<AuthError | undefined> {
    if (!requirement.check) return undefined
    const { tokenType } = auth
    // Only `true` passes: a truthy value may be a mistake.
    const refusalUnless = (passes: unknown) =>
      passes === true ? undefined : new AuthError('check-failed', { tokenType })
    const passes: unknown = requirement.check(auth, request)
    return passes instanceof Promise ? passes.then(refusalUnless) : refusalUnless(passes)
  }

  async function checkFresh(known: Auth, request: Request, caller: FreshCaller): Promise<AuthError | undefined> {
    const auth = await caller.ask().catch(authErrorOf)
    if (AuthError.is(auth)) return auth
    // What Clerk says now may grant less.
    return (auth === known ? undefined : refusalOf(auth, request)) ?? runCheck(auth, request)
  }

  return (identified, request, caller) => {
    const auth = caller?.auth ?? identified
    const refusal = refusalOf(auth, request)
    if (refusal || !auth.isAuthenticated) return refusal
    return requirement.fresh ? checkFresh(auth, request, caller!) : runCheck(auth, request)
  }
}

function authErrorOf(error: unknown): AuthError {
  if (AuthError.is(error)) return error
  throw error
}

/** A guard does not report what is wrong with tokens of a kind that it does not accept. */
function ofThisKind(error: AuthError, accepted: readonly TokenType[]): AuthError {
  const { tokenType } = error
  return tokenType === null || accepted.includes(tokenType)
    ? error
    : new AuthError('token-type-mismatch', { tokenType })
}

/** A promise would refuse every request, and its rejection would go unnoticed. */
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

/** The part of the requirement that the error reports. */
function detailsOf(code: AuthErrorCode, { reverification, scope }: Requirement<never>): AuthErrorDetails {
  if (code === 'reverification-required' && reverification) return { reverification }
  return code === 'scope-missing' && scope ? { scope: listOf(scope) } : {}
}

type RuleField = keyof typeof REQUIREMENT_RULES

const RULES = Object.entries(REQUIREMENT_RULES) as [RuleField, RequirementRule][]

const FIELDS: FieldChecks = {
  acceptsToken: checkAcceptsToken,
  org: (value) => value === true || typeof value === 'function' || 'must be true or a function',
  fresh: (value) => value === true || 'must be true',
  check: (value) => typeof value === 'function' || 'must be a function',
  ...Object.fromEntries(Object.entries(REQUIREMENT_RULES).map(([name, { check }]) => [name, check])),
}

function checkDeclaration(requirement: unknown): void {
  const prototype: unknown =
    typeof requirement === 'object' && requirement !== null && Object.getPrototypeOf(requirement)
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(
      `a requirement must be an object, not ${describe(requirement)}; is requireAuth() used without a call?`,
    )
  for (const [name, value] of Object.entries(requirement as object)) {
    // Probably a mistake, not an omission: a misspelt constant must not open the route to everyone.
    if (value === undefined) throw new TypeError(`requirement "${name}" is undefined: give it a value or remove it`)
  }
  checkFields('requirement', requirement as object, FIELDS)
  checkMeetable(requirement as Requirement<never>)
}

/** Refuses a combination of fields that no accepted kind of token can meet. */
function checkMeetable(requirement: Requirement<never>): void {
  let accepted = tokenTypesOf(requirement.acceptsToken)
  for (const field of ['org', ...RULES.map(([name]) => name), 'fresh'] as const) {
    if (!(field in requirement)) continue
    const able = accepted.filter((tokenType) => kindHas(tokenType, field))
    if (able.length === 0) {
      const having = TOKEN_TYPES.filter((tokenType) => kindHas(tokenType, field)).join(', ')
      throw new TypeError(
        `requirement "${field}" can never be met: it applies to ${having}, but the guard accepts only ${accepted.join(', ')}`,
      )
    }
    accepted = able
  }
}
