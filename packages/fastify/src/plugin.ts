import type { AcceptsToken, ClerkAuth, ClerkAuthOptions } from '@clerk-auth/core'
import { describeGuard, instanceOf, settle, STATE } from '@clerk-auth/core/adapter'
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { GUARDED_HOOKS, HOOKS_OF_GUARDS, requireAuth, UNCALLED } from './guard.js'
import { isPublic } from './is-public.js'
import { ownOptions } from './own-options.js'
import { CHECKED, identified, noteAwaitingNotFound, SCOPE, scopeOf, type Scope } from './scope.js'

/** The options of core, or `clerk`: an instance created with `createClerkAuth`. */
export type ClerkAuthPluginOptions = ClerkAuthOptions | { readonly clerk: ClerkAuth<AcceptsToken> }

/**
 * Authenticates requests for {@link getAuth} and {@link requireAuth}. Does not refuse requests.
 *
 * Applies to the scope where it is registered and its child scopes, unless one of them registers it again.
 *
 * Missing options are read from the environment. If an option is invalid or missing, `ready()` rejects with a
 * `TypeError` naming it.
 */
export const clerkAuth: FastifyPluginAsync<ClerkAuthPluginOptions> = fastifyPlugin(
  (fastify: FastifyInstance | undefined, options: ClerkAuthPluginOptions) => {
    if (typeof fastify?.addHook !== 'function')
      throw new TypeError('clerkAuth is a plugin: write register(clerkAuth, options), without calling it')
    return register(fastify, options)
  },
  { name: '@clerk-auth/fastify', fastify: '4.x || 5.x' },
)

// Asynchronous, because an error thrown by a callback-style plugin crashes the process.
async function register(fastify: FastifyInstance, options: ClerkAuthPluginOptions): Promise<void> {
  if (Object.hasOwn(fastify, SCOPE))
    throw new TypeError('clerkAuth is registered twice in one scope: register it once, or once in each of two scopes')
  const given: Record<string, unknown> = { ...ownOptions(options) }
  const clerk = instanceOf((given['clerk'] as ClerkAuth<AcceptsToken> | undefined) ?? given)
  const scope: Scope = { clerk, hasPublicRoutes: false }

  fastify.decorate(SCOPE, scope)
  if (!fastify.hasRequestDecorator(STATE)) fastify.decorateRequest(STATE, null)
  fastify.addHook('onRoute', (route) => checkRoute(route, scope))
  // onRequest, not preHandler: authenticate before parsing the body.
  fastify.addHook('onRequest', (request, _reply, next) => {
    // A child scope with its own instance uses that one.
    if (scopeOf(request)?.clerk !== clerk) return next()
    noteAwaitingNotFound(request, true)
    settle(
      () => identified(request),
      () => next(),
      (error) => next(error as Error),
    )
  })
  fastify.addHook('preValidation', (request, _reply, next) => {
    noteAwaitingNotFound(request, false)
    next()
  })
  // Close only an instance created here; the application closes its own.
  if (!given['clerk']) {
    fastify.addHook('onClose', (_instance, next) => {
      clerk.close()
      next()
    })
  }
}

/** Rejects guards in hooks where they cannot work, and in options that Fastify ignores, at registration. */
function checkRoute(route: RouteOptions, scope: Scope): void {
  const options = new Map(Object.entries(route).map(([name, value]) => [name, [value as unknown].flat()]))
  const hasGuard = (name: string) => options.get(name)?.some((hook) => describeGuard(hook)?.isPublic === false)
  for (const hooks of options.values())
    if (hooks.includes(requireAuth)) throw new TypeError(`${where(route)}: ${UNCALLED}`)
  const misplaced = [...options.keys()].find((name) => !GUARDED_HOOKS.some((hook) => hook === name) && hasGuard(name))
  if (misplaced) throw new TypeError(`${where(route)}: "${misplaced}" contains a guard; ${HOOKS_OF_GUARDS}`)

  const config = route.config as unknown
  if (config === isPublic) throw new TypeError(`${where(route)}: isPublic is used without a call: write isPublic()`)
  if (!describeGuard(config)?.isPublic) return
  const contradiction = GUARDED_HOOKS.find(hasGuard)
  if (contradiction)
    throw new TypeError(
      `${where(route)} is marked by isPublic(), and "${contradiction}" contains a guard: keep one of them`,
    )
  route.config = Object.assign({}, route.config, { [CHECKED]: true })
  scope.hasPublicRoutes = true
}

function where({ method, url }: RouteOptions): string {
  return `route ${[method].flat().join(', ')} ${url}`
}
