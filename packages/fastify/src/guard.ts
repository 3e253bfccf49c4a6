import type { AcceptsToken, AuthenticatedAuth, Requirement, Requirements } from '@clerk-auth/core'
import {
  andThen,
  checkFramework,
  checkGiven,
  described,
  guard,
  guardDescription,
  settle,
  type AuthOfRequirement,
  type AuthOfRequirements,
} from '@clerk-auth/core/adapter'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { CHECKED, identified, isAwaitingNotFound, isMarkedPublic, routeOf, scopeOf } from './scope.js'

declare const CALLER: unique symbol

/** A guard for a route, as its `onRequest`, `preValidation` or `preHandler` hook. */
export interface Guard<A> {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  /** For the type checker only: the caller that this guard accepts. */
  readonly [CALLER]?: A
}

export const GUARDED_HOOKS = ['onRequest', 'preValidation', 'preHandler'] as const
export const HOOKS_OF_GUARDS = `guards work only in the hooks ${GUARDED_HOOKS.join(', ')}`
export const UNCALLED = 'requireAuth is used without a call: write requireAuth(), with parentheses'
const WITHOUT_DONE = 'a guard is called without done(): use it as a hook, or call it as guard(request, reply, done)'
const LATE_PLUGIN =
  'a route was marked by isPublic() where clerkAuth did not see it: ' +
  'register clerkAuth before the route, and after an onRoute hook that marks it'

/**
 * Guards a route: requests that do not meet the requirement get 401, 403 or 503 with a problem body and never reach the
 * handler.
 *
 * `addHook('onRequest', requireAuth())` guards a whole scope. It skips routes with `config: isPublic()`, and requests
 * without a matching route, which Fastify answers with 404.
 *
 * @throws {TypeError} if the requirement can never be met or has an unknown field
 */
export function requireAuth<const A extends AcceptsToken, Field extends keyof Requirement = never>(
  requirement: Requirement<FastifyRequest, A> & { readonly acceptsToken: A } & { readonly [F in Field]: unknown },
  ...uncalled: readonly never[]
): Guard<AuthOfRequirement<A, Field>>
export function requireAuth<Field extends keyof Requirement = never>(
  requirement?: Requirement<FastifyRequest, 'session_token'> & { readonly [F in Field]: unknown },
  ...uncalled: readonly never[]
): Guard<AuthOfRequirement<'session_token', Field>>
export function requireAuth<const R extends Extract<Requirements<FastifyRequest>, readonly unknown[]>>(
  requirements: R,
  ...uncalled: readonly never[]
): Guard<AuthOfRequirements<R>>
export function requireAuth(
  requirement: Requirements<FastifyRequest>,
  ...uncalled: readonly never[]
): Guard<AuthenticatedAuth>
export function requireAuth(requirement: Requirements<FastifyRequest> = {}, ...uncalled: readonly unknown[]): unknown {
  // If used as a hook, it gets more arguments than the requirement, and Fastify waits for the callback among them.
  const done = callbackIn(uncalled)
  if (done) return done(new TypeError(UNCALLED))
  if (uncalled.length > 0)
    throw new TypeError('requireAuth() has no options on Fastify: it uses the clerkAuth of its scope')
  checkGiven('requireAuth', arguments)

  const check = guard(requirement, { clerkFor: (request) => scopeOf(request)?.clerk, routeOf })
  // Without a fourth parameter: Express would take it for an error handler, and skip it.
  const hook = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
    ...more: readonly unknown[]
  ): void => {
    checkFramework('requireAuth()', 'fastify', request.server !== undefined)
    if (typeof done !== 'function' || reply.sent) return refuseHook(request, reply, done, ...more)
    if (isSkipped(request)) return done()
    settle(
      () => andThen(identified(request), () => check(request, request, hook)),
      (refusal) => {
        if (!refusal) return done()
        if (isMarkedPublic(request)) return done(new TypeError(LATE_PLUGIN))
        const { error, answer } = refusal
        if (!answer) return done(error)
        const { status, headers, body } = answer
        const { Vary, ...others } = headers
        // Append, so that the value set by @fastify/cors is kept.
        if (Vary) reply.header('Vary', [reply.getHeader('Vary') ?? [], Vary].flat().join(', '))
        reply.code(status).headers(others).send(body)
      },
      (error) => done(error as Error),
    )
  }
  return described(hook, guardDescription(requirement))
}

function isSkipped(request: FastifyRequest): boolean {
  // A guard that runs later was added by setNotFoundHandler(), for that handler, which `callNotFound()` calls too.
  if (request.is404) return isAwaitingNotFound(request)
  return scopeOf(request)?.hasPublicRoutes === true && isMarkedPublic(request) && CHECKED in request.routeOptions.config
}

function refuseHook(request: FastifyRequest, ...hookArguments: readonly unknown[]): void {
  const done = callbackIn(hookArguments)
  if (!done) throw new TypeError(WITHOUT_DONE)
  const error = new TypeError(`requireAuth() is used in a hook where guards do not work; ${HOOKS_OF_GUARDS}`)
  // Fastify ignores errors from onError hooks.
  request.log.error(error)
  done(error)
}

function callbackIn(hookArguments: readonly unknown[]): HookHandlerDoneFunction | undefined {
  return hookArguments.find((argument) => typeof argument === 'function') as HookHandlerDoneFunction | undefined
}
