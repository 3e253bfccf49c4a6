import type { AcceptsToken, AuthenticatedAuth, Requirement, Requirements } from '@clerk-auth/core'
import {
  acceptedTypes,
  andThen,
  checkCalled,
  checkGiven,
  described,
  guard,
  guardDescription,
  type AuthOfRequirement,
  type AuthOfRequirements,
  type GuardCheck,
  type MaybePromise,
} from '@clerk-auth/core/adapter'
import { UseGuards, applyDecorators, type ExecutionContext } from '@nestjs/common'
import { callOf, routeOf } from './call.js'
import { boundInstance } from './instance.js'
import { isMarkedPublic, mark } from './mark.js'
import { refuse } from './refuse.js'

declare const CALLER: unique symbol

/** A guard, as a decorator of handlers and controllers. */
export interface Guard<A> {
  (target: Function): void
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void
  /** For the type checker only: the caller that this guard accepts. */
  readonly [CALLER]: A
}

/** The caller that a guard accepts: `AuthOf<typeof Admin>`. */
export type AuthOf<G> = G extends { readonly [CALLER]: infer A } ? A : never

/**
 * Guards a handler, or all handlers of a controller: requests that do not meet the requirement get 401, 403 or 503 with
 * a problem body. If both have a guard, both must accept the caller.
 *
 * @throws {TypeError} if the requirement can never be met or has an unknown field
 */
export function RequireAuth<const A extends AcceptsToken, Field extends keyof Requirement = never>(
  requirement: Requirement<ExecutionContext, A> & { readonly acceptsToken: A } & { readonly [F in Field]: unknown },
): Guard<AuthOfRequirement<A, Field>>
export function RequireAuth<Field extends keyof Requirement = never>(
  requirement?: Requirement<ExecutionContext, 'session_token'> & { readonly [F in Field]: unknown },
): Guard<AuthOfRequirement<'session_token', Field>>
export function RequireAuth<const R extends Extract<Requirements<ExecutionContext>, readonly unknown[]>>(
  requirements: R,
): Guard<AuthOfRequirements<R>>
export function RequireAuth(requirement: Requirements<ExecutionContext>): Guard<AuthenticatedAuth>
export function RequireAuth(
  requirement: Requirements<ExecutionContext> = {},
  ...uncalled: readonly unknown[]
): unknown {
  checkCalled('@RequireAuth', ...uncalled, typeof requirement === 'function' ? requirement : undefined)
  checkGiven('@RequireAuth', arguments)
  const check = guardCheck(requirement)
  const accepted = acceptedTypes(requirement)
  const acceptsOnlySessions = accepted.size === 1 && accepted.has('session_token')
  const description = guardDescription(requirement)
  const canActivate = (context: ExecutionContext) => isMarkedPublic(context) || enforce(check, context, decorator)
  const decorator = applyDecorators(
    mark({ isPublic: false, acceptsOnlySessions }),
    UseGuards(described({ canActivate }, description)),
  )
  return described(decorator, description)
}

export function guardCheck(requirement: Requirements<ExecutionContext>): GuardCheck<ExecutionContext> {
  const clerkFor = (context: ExecutionContext) => boundInstance(callOf(context).holder, '@RequireAuth()')
  return guard(requirement, { clerkFor, routeOf })
}

/** @throws {HttpException} if the request is refused */
export function enforce(
  check: GuardCheck<ExecutionContext>,
  context: ExecutionContext,
  self?: object,
): MaybePromise<true> {
  const { holder, response } = callOf(context)
  return andThen(check(holder, context, self), (refusal) => {
    if (refusal) throw refuse(refusal, response)
    return true as const
  })
}
