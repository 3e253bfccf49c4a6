import type { AcceptsToken, SessionAuth, Unauthenticated } from '@clerk-auth/core'
import {
  authOf,
  checkRequest,
  passedBy,
  tokenOf,
  type AuthOfAcceptsToken,
  type GetAuthOptions,
} from '@clerk-auth/core/adapter'
import type { ExecutionContext } from '@nestjs/common'
import { callOf, routeOf } from './call.js'
import { boundInstance } from './instance.js'
import type { Guard } from './require-auth.js'

/**
 * Returns the caller, in interceptors and in guards of the application: behind a guard, the one it accepted; on a public
 * route, a signed-in user or an unauthenticated caller. Pass `acceptsToken` to accept other kinds of token, or a guard to
 * get the caller that it accepted. In handlers, use {@link Auth}.
 *
 * @throws {TypeError} if the guard of the module did not run, if this route does not verify a requested kind, or if the
 * given guard has not accepted this request
 */
export function getAuth(context: ExecutionContext): SessionAuth | Unauthenticated
export function getAuth<A>(context: ExecutionContext, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken = 'session_token'>(
  context: ExecutionContext,
  options: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(context: ExecutionContext, named?: Guard<unknown> | GetAuthOptions): unknown {
  checkRequest('getAuth', 'context', context)
  const { holder } = callOf(context)
  const clerk = boundInstance(holder, 'getAuth()')
  if (typeof named === 'function') return passedBy(holder, named)
  return authOf(holder, named, clerk, () => routeOf(context))
}

/**
 * The caller's token, to forward to another service; `null` if there is none. It is read from the request and never
 * stored.
 *
 * @throws {TypeError} if the guard of the module did not run
 */
export function getToken(context: ExecutionContext): string | null {
  checkRequest('getToken', 'context', context)
  const { holder, source } = callOf(context)
  return tokenOf(holder, source, boundInstance(holder, 'getToken()'))
}
