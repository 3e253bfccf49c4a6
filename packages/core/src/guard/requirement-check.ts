import type { Auth, AuthenticatedAuth } from '../auth/auth.js'
import { AuthError, type AuthErrorCode, type AuthErrorDetails, type TokenType } from '../auth/errors.js'
import { tokenTypesOf } from '../kinds/accepts-token.js'
import { kindHas } from '../kinds/kinds.js'
import { itemsOf, listOf, ownCopy } from '../support/declaration.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import { checkDeclaration } from './check-declaration.js'
import { asksClerk, type Requirement, type Requirements } from './requirement.js'
import { REQUIREMENT_RULES } from './rules.js'

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
 * @param caller required if the requirement {@link asksClerk asks Clerk}
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
  if (asksClerk(requirement))
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
      if (error instanceof Promise) {
        const others = checks.slice(i + 1).map((other) => () => other(auth, request, caller))
        return firstPassing([() => error, ...others], refusal)
      }
      if (!error) return undefined
      refusal = firstOf(refusal, error)
    }
    return refusal
  }
}

/** Continues with an asynchronous `check`, or a question to Clerk. */
async function firstPassing(
  checks: readonly (() => MaybePromise<AuthError | undefined>)[],
  earlier: AuthError | undefined,
): Promise<AuthError | undefined> {
  let refusal = earlier
  for (const check of checks) {
    const error = await check()
    if (!error) return undefined
    // Clerk has just said that the token is not valid, so no other requirement may accept it.
    if (error.status === 401 && error.code !== 'token-type-mismatch') return error
    refusal = firstOf(refusal, error)
  }
  return refusal
}

/** Of several errors, the first one about this kind of token counts. */
function firstOf(earlier: AuthError | undefined, error: AuthError): AuthError {
  return earlier === undefined || earlier.code === 'token-type-mismatch' ? error : earlier
}

function singleCheck<Request>(declared: Requirement<Request>): RequirementCheck<Request> {
  checkDeclaration(declared)
  // Errors expose parts of it, and the declared lists may be changed later.
  const requirement = ownCopy(declared)
  const accepted = tokenTypesOf(requirement.acceptsToken)
  const asked = REQUIREMENT_RULES.filter(([field]) => field in requirement)
  const { org } = requirement

  function refusalOf(auth: Auth, request: Request): AuthError | undefined {
    if (!auth.isAuthenticated) return ofThisKind(auth.error, accepted)
    const { tokenType } = auth
    if (!accepted.includes(tokenType)) return new AuthError('token-type-mismatch', { tokenType })

    const wrongOrg = org && checkOrg(auth, org, request)
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

function checkOrg<Request>(
  auth: AuthenticatedAuth,
  required: NonNullable<Requirement<Request>['org']>,
  request: Request,
): AuthErrorCode | undefined {
  const active = Object.hasOwn(auth, 'orgId') ? (auth as { readonly orgId?: string | null }).orgId : undefined
  const expected = required === true ? active : idOf(required(request))
  if (!active) return 'org-missing'
  return active === expected ? undefined : 'org-mismatch'
}

/** A promise would refuse every request, and its rejection would go unnoticed. */
function idOf(id: unknown): unknown {
  if (id instanceof Promise) throw new TypeError('requirement "org" must not be asynchronous: use "check" for that')
  return id
}

/** The part of the requirement that the error reports. */
function detailsOf(code: AuthErrorCode, { reverification, scope }: Requirement<never>): AuthErrorDetails {
  if (code === 'reverification-required' && reverification) return { reverification }
  return code === 'scope-missing' && scope ? { scope: listOf(scope) } : {}
}
