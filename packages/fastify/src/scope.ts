import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { andThen, describeGuard, identify, STATE, type MatchedRoute, type MaybePromise } from '@clerk-auth/core/adapter'
import type { FastifyRequest } from 'fastify'

/** What the plugin stores in the scope where it is registered. Child scopes inherit it or have their own. */
export interface Scope {
  readonly clerk: ClerkAuth<AcceptsToken>
  hasPublicRoutes: boolean
}

// Registered symbols, because an application may load both the ESM and the CommonJS copy of this package.
export const SCOPE: unique symbol = Symbol.for('clerk-auth.scope')
/** The protected resources of a scope and of those around it. */
export const RESOURCES: unique symbol = Symbol.for('clerk-auth.resources')
/** Each notes whether a request is for it. */
export type ResourcesOfScope = ((request: FastifyRequest, clerk: ClerkAuth<AcceptsToken>) => void)[]
const AWAITING_NOT_FOUND: unique symbol = Symbol.for('clerk-auth.awaiting-not-found')
/** Set in the config of public routes that were checked at registration. */
export const CHECKED: unique symbol = Symbol.for('clerk-auth.public')

export function scopeOf(request: FastifyRequest): Scope | undefined {
  return (request.server as typeof request.server & { readonly [SCOPE]?: Scope })[SCOPE]
}

/**
 * Identifies the caller of a request, for the instance and the protected resources of its route's scope. Guards call
 * this too, because one of an outer scope runs before the hooks of that scope.
 */
export function identified(request: FastifyRequest): MaybePromise<void> {
  const clerk = scopeOf(request)?.clerk
  const resources = (request.server as typeof request.server & { readonly [RESOURCES]?: ResourcesOfScope })[RESOURCES]
  const identifying = clerk && identify(request, request.raw, clerk)
  if (!clerk || !resources) return identifying
  return andThen(identifying, () => {
    for (const enter of resources) enter(request, clerk)
  })
}

/** What the plugin notes about a request. */
interface Noted extends FastifyRequest {
  readonly [STATE]?: object | null
  [AWAITING_NOT_FOUND]?: boolean
}

/** Notes whether a request that matches no route is still in its `onRequest` hooks. */
export function noteAwaitingNotFound(request: Noted, isAwaiting: boolean): void {
  if (request.is404) request[AWAITING_NOT_FOUND] = isAwaiting
}

export function isAwaitingNotFound(request: Noted): boolean {
  // A guard that was added to a scope before `clerkAuth` runs before it.
  const isBeforePlugin = scopeOf(request) !== undefined && !request[STATE]
  return isBeforePlugin || request[AWAITING_NOT_FOUND] === true
}

export function isMarkedPublic(request: FastifyRequest): boolean {
  return describeGuard(request.routeOptions?.config)?.isPublic === true
}

export function routeOf(request: FastifyRequest): MatchedRoute {
  // Added in Fastify 4.10; has no URL if no route matched.
  const url = request.routeOptions?.url
  return { method: request.method, ...(url !== undefined && { route: url }) }
}
