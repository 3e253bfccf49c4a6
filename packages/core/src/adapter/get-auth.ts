import { checkAcceptsToken, tokenTypesOf, type Accepted, type AcceptsToken } from '../kinds/accepts-token.js'
import { unauthenticated, type Unauthenticated } from '../auth/auth.js'
import type { AuthSource } from '../request/auth-source.js'
import { checkBearerToken } from '../request/authorization.js'
import type { ClerkAuth } from '../clerk-auth.js'
import { AuthError, type TokenType } from '../auth/errors.js'
import type { MatchedRoute } from '../auth/events.js'
import { member } from '../support/json.js'
import { readHeader } from '../request/token-reader.js'
import type { AuthOfAcceptsToken } from '../guard/auth-of-requirement.js'
import { callerAtResource } from './resource.js'
import { mountedState, stateOf } from './state.js'

export interface GetAuthOptions<A extends AcceptsToken = AcceptsToken> {
  /** The kinds of token to accept. Default: those that the guard of the route accepts, else `session_token`. */
  readonly acceptsToken?: A
}

/**
 * The caller of a request, as determined by {@link identify}. A token of any other kind counts as unauthenticated, with
 * `token-type-mismatch`.
 *
 * @throws {TypeError} if the middleware did not run, if several ran and `clerk` is not given, or if neither the
 * middleware nor a guard verifies a requested kind
 * @param routeOf called only if there is something to report
 */
export function authOf<Request extends object, A extends AcceptsToken = 'session_token'>(
  request: Request,
  options?: GetAuthOptions<A>,
  clerk?: ClerkAuth<AcceptsToken>,
  routeOf?: (request: Request) => MatchedRoute,
): AuthOfAcceptsToken<A> | Unauthenticated {
  const state = mountedState(request, 'getAuth()', clerk)
  const { accepted, guarded } = state
  const auth = callerAtResource(state, state.auth)
  const acceptsToken = options && member(options, 'acceptsToken')
  const asked = acceptsToken === undefined ? (guarded ?? SESSION) : askedTypes(acceptsToken, accepted)
  const isAsked = !auth.isAuthenticated || asked.has(auth.tokenType)
  // A public route now treats the caller as unauthenticated, so the operator should know why.
  if (!auth.isAuthenticated && auth.error.status === 503) state.clerk.outages.report(auth.error, routeOf?.(request))
  return (isAsked ? auth : unauthenticated(mismatch(auth.tokenType))) as AuthOfAcceptsToken<A> | Unauthenticated
}

const SESSION: Accepted = new Set(['session_token'] as const)

function askedTypes(acceptsToken: AcceptsToken, accepted: Accepted): Accepted {
  const problem = checkAcceptsToken(acceptsToken)
  if (problem !== true) throw new TypeError(`getAuth(): "acceptsToken" ${problem}`)
  const asked = tokenTypesOf(acceptsToken)
  const unverified = acceptsToken === 'any' ? undefined : asked.find((kind) => !accepted.has(kind))
  if (unverified)
    throw new TypeError(
      `getAuth() asks for "${unverified}", which neither clerkAuth() nor a guard of this route accepts`,
    )
  return new Set(asked)
}

function mismatch(tokenType: TokenType): AuthError {
  return new AuthError('token-type-mismatch', { tokenType })
}

/**
 * The token of a request, to forward to another service. It is never stored, so it is read again, with the settings of
 * the middleware if that ran.
 *
 * @returns `null` if there is no valid `Authorization` header or cookie
 * @throws {TypeError} if several instances have identified the request and `clerk` is not one of them
 */
export function tokenOf(request: object, source: AuthSource, clerk?: ClerkAuth<AcceptsToken>): string | null {
  const state = clerk || stateOf(request) ? mountedState(request, 'getToken()', clerk) : undefined
  try {
    const sent = (state?.clerk.readToken ?? readHeader)(source)
    // The middleware has already read this request, so this never waits.
    if (!sent || sent instanceof Promise) return null
    checkBearerToken(sent.token)
    return sent.token
  } catch (error) {
    if (AuthError.is(error)) return null
    throw error
  }
}
