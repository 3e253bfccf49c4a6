import type { Accepted, AcceptsToken } from '../kinds/accepts-token.js'
import type { Auth, AuthenticatedAuth } from '../auth/auth.js'
import type { ClerkAuth } from '../clerk-auth.js'
import type { AuthError } from '../auth/errors.js'
import type { MatchedRoute } from '../auth/events.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import { acceptedTypes, asksClerk, oauthScopes, type Requirements } from '../guard/requirement.js'
import { requirementCheck, type FreshCaller } from '../guard/requirement-check.js'
import { refusalOf, type Refusal } from './refusal.js'
import { callerAtResource, requireCallerAtResource } from './resource.js'
import { addPass, mountedState, removePass, type State } from './state.js'

export interface GuardParts<Request> {
  /** The instance that the guard is bound to. */
  readonly clerkFor?: ((request: Request) => ClerkAuth<AcceptsToken> | undefined) | undefined
  readonly routeOf?: (request: Request) => MatchedRoute
}

/**
 * Checks a request.
 *
 * @param holder stores the caller: usually the request itself
 * @param self the guard as the application sees it, for {@link passedBy}
 * @returns the refusal, or `undefined` if the request is accepted
 */
export type GuardCheck<Request> = (holder: object, request: Request, self?: object) => MaybePromise<Refusal | undefined>

/**
 * Creates a guard: it checks that the caller meets the requirement, and otherwise says how to refuse the request.
 *
 * @throws {TypeError} if the requirement can never be met or has an unknown field
 */
export function guard<Request extends object>(
  requirement: Requirements<Request>,
  { clerkFor, routeOf }: GuardParts<Request> = {},
): GuardCheck<Request> {
  const check = requirementCheck(requirement)
  const guarded = acceptedTypes(requirement)
  const scopes = oauthScopes(requirement)
  const isFresh = asksClerk(requirement)
  const run: GuardCheck<Request> = (holder, request, self = run) => {
    // Cleared until the guard accepts the caller again: an error handler may run without that.
    removePass(holder, self)
    const state = mountedState(holder, 'requireAuth()', clerkFor?.(request))
    state.guarded = undefined
    const caller = isFresh ? freshCaller(state, guarded) : undefined
    const auth = callerOf(state, guarded)
    return auth instanceof Promise
      ? auth.then((auth) => checkCaller(auth, caller, state, holder, request, self))
      : checkCaller(auth, caller, state, holder, request, self)
  }

  function checkCaller(
    identified: Auth,
    caller: FreshCaller | undefined,
    state: State,
    holder: object,
    request: Request,
    self: object,
  ): MaybePromise<Refusal | undefined> {
    const auth = callerAtResource(state, identified)
    state.auth = auth
    state.accepted = union(state.accepted, guarded)
    const conclude = (error: AuthError | undefined) => {
      const passed = caller?.auth ?? auth
      state.auth = passed
      if (error) return refusalOf(error, state, { guarded, scopes }, request, routeOf)
      state.guarded = guarded
      const met = passed as AuthenticatedAuth
      addPass(holder, self, met)
      const { clerk } = state
      if (clerk.isHeard()) clerk.emit({ type: 'requirement-met', tokenType: met.tokenType, ...routeOf?.(request) })
      return undefined
    }
    const error = check(auth, request, caller)
    return error instanceof Promise ? error.then(conclude) : conclude(error)
  }
  return run
}

function freshCaller(state: State, guarded: Accepted): FreshCaller {
  const { clerk, source } = state
  // Calls from before this request may have been answered before a revocation.
  const startedAfter = clerk.callsStarted()
  let auth: AuthenticatedAuth | undefined
  let asking: Promise<AuthenticatedAuth> | undefined
  const ask = async () =>
    (auth = requireCallerAtResource(state, await clerk.verifyAgain(source, guarded, startedAfter)))
  return {
    get auth() {
      return auth
    },
    ask: () => (asking ??= ask()),
  }
}

function union(accepted: Accepted, guarded: Accepted): Accepted {
  for (const kind of guarded) if (!accepted.has(kind)) return new Set([...accepted, ...guarded])
  return accepted
}

/** Verifies a kind that this guard accepts and the middleware does not, so that other routes do not pay for it. */
function callerOf({ clerk, source, auth }: State, guarded: Accepted): MaybePromise<Auth> {
  if (auth.isAuthenticated || auth.error.code !== 'token-type-mismatch') return auth
  const { tokenType } = auth.error
  // Without keys the kind of a JWT may be unknown, so it may be one that this guard accepts.
  const mayBeAccepted = tokenType === null ? clerk.settings.keyOrigin.from === 'none' : guarded.has(tokenType)
  return mayBeAccepted ? clerk.authenticate(source, guarded) : auth
}
