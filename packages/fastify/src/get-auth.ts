import type { AcceptsToken, SessionAuth, Unauthenticated } from '@clerk-auth/core'
import {
  authOf,
  checkRequest,
  passedBy,
  tokenOf,
  type AuthOfAcceptsToken,
  type GetAuthOptions,
} from '@clerk-auth/core/adapter'
import type { FastifyRequest } from 'fastify'
import type { Guard } from './guard.js'
import { routeOf, scopeOf } from './scope.js'

/**
 * Returns the caller: behind a guard, the one it accepted; without one, a signed-in user or an unauthenticated caller.
 * Pass `acceptsToken` to accept other kinds of token, or a guard to get the caller that it accepted.
 *
 * @throws {TypeError} if {@link clerkAuth} did not run, if this route does not verify a requested kind, or if the given
 * guard has not accepted this request
 */
export function getAuth(request: FastifyRequest): SessionAuth | Unauthenticated
export function getAuth<A>(request: FastifyRequest, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken>(
  request: FastifyRequest,
  options: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(request: FastifyRequest, named?: Guard<unknown> | GetAuthOptions): unknown {
  checkRequest('getAuth', 'request', request)
  if (typeof named === 'function') return passedBy(request, named)
  return authOf(request, named, scopeOf(request)?.clerk, routeOf)
}

/**
 * The caller's token, to forward to another service; `null` if there is none. It is read from the request and never
 * stored.
 */
export function getToken(request: FastifyRequest): string | null {
  checkRequest('getToken', 'request', request)
  return tokenOf(request, request.raw, scopeOf(request)?.clerk)
}
