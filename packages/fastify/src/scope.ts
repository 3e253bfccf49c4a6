import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { describeGuard, type MatchedRoute } from '@clerk-auth/core/adapter'
import type { FastifyRequest } from 'fastify'

/** What the plugin stores in the scope where it is registered. Child scopes inherit it or have their own. */
export interface Scope {
  readonly clerk: ClerkAuth<AcceptsToken>
  hasPublicRoutes: boolean
}

// Registered symbols, because an application may load both the ESM and the CommonJS copy of this package.
export const SCOPE: unique symbol = Symbol.for('clerk-auth.scope')
/** Set in the config of public routes that were checked at registration. */
export const CHECKED: unique symbol = Symbol.for('clerk-auth.public')

export function scopeOf(request: FastifyRequest): Scope | undefined {
  return (request.server as typeof request.server & { readonly [SCOPE]?: Scope })[SCOPE]
}

export function isMarkedPublic(request: FastifyRequest): boolean {
  return describeGuard(request.routeOptions?.config)?.isPublic === true
}

export function routeOf(request: FastifyRequest): MatchedRoute {
  // Added in Fastify 4.10; has no URL if no route matched.
  const url = request.routeOptions?.url
  return { method: request.method, ...(url !== undefined && { route: url }) }
}
