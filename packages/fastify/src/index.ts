import type {
  AcceptsToken,
  AuthenticatedAuth,
  ClerkAuth,
  ClerkAuthOptions,
  Requirement,
  Requirements,
  SessionAuth,
  Unauthenticated,
} from '@clerk-auth/core'
import {
  andThen,
  authOf,
  described,
  descriptionOf,
  guard,
  identify,
  instanceOf,
  passedBy,
  settle,
  STATE,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirement,
  type AuthOfRequirements,
  type Described,
  type GetAuthOptions,
  type MatchedRoute,
} from '@clerk-auth/core/adapter'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

// Everything in core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

/** The options of core, or `clerk`: an instance created with `createClerkAuth`. */
export type ClerkAuthPluginOptions = ClerkAuthOptions | { readonly clerk: ClerkAuth<AcceptsToken> }

declare const CALLER: unique symbol

/** A guard for a route, as its `onRequest`, `preValidation` or `preHandler` hook. */
export interface Guard<A> {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  /** For the type checker only: the caller that this guard accepts. */
  readonly [CALLER]?: A
}

/** What the plugin stores in the scope where it is registered. Child scopes inherit it or have their own. */
interface Scope {
  readonly clerk: ClerkAuth<AcceptsToken>
  hasPublicRoutes: boolean
}

// Registered symbols, because an application may load both the ESM and the CommonJS copy of this package.
const SCOPE: unique symbol = Symbol.for('clerk-auth.scope')
/** Set in the config of public routes that were checked at registration. */
const CHECKED: unique symbol = Symbol.for('clerk-auth.public')

/** The options of Fastify's `register` itself, which are not ours. */
const OWN_TO_FASTIFY = ['prefix', 'logLevel', 'logSerializers'] as const

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
  const given: Record<string, unknown> = { ...options }
  for (const name of OWN_TO_FASTIFY) delete given[name]
  const clerk = instanceOf((given['clerk'] as ClerkAuth<AcceptsToken> | undefined) ?? given)
  const scope: Scope = { clerk, hasPublicRoutes: false }

  fastify.decorate(SCOPE, scope)
  if (!fastify.hasRequestDecorator(STATE)) fastify.decorateRequest(STATE, null)
  fastify.addHook('onRoute', (route) => checkRoute(route, scope))
  // onRequest, not preHandler: authenticate before parsing the body.
  fastify.addHook('onRequest', (request, _reply, next) => {
    // A child scope with its own instance uses that one.
    if (scopeOf(request)?.clerk !== clerk) return next()
    settle(
      () => identify(request, request.raw, clerk),
      () => next(),
      (error) => next(error as Error),
    )
  })
  fastify.addHook('preValidation', (request, _reply, next) => {
    if (request.is404) pastOnRequest.add(request)
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

function scopeOf(request: FastifyRequest): Scope | undefined {
  return (request.server as FastifyInstance & { readonly [SCOPE]?: Scope })[SCOPE]
}

/** Requests without a route whose `onRequest` hooks have all run. */
const pastOnRequest = new WeakSet<FastifyRequest>()

const GUARDED_HOOKS = ['onRequest', 'preValidation', 'preHandler'] as const
const OTHER_HOOKS = [
  'preParsing',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
  'onRequestAbort',
] as const

/** Rejects guards in hooks where they cannot work, at registration. */
function checkRoute(route: RouteOptions, scope: Scope): void {
  const hooks = (name: keyof RouteOptions) => [route[name]].flat() as unknown[]
  const hasGuard = (name: keyof RouteOptions) => hooks(name).some((hook) => descriptionOf(hook)?.isPublic === false)
  for (const name of [...GUARDED_HOOKS, ...OTHER_HOOKS])
    if (hooks(name).includes(requireAuth)) throw new TypeError(`${where(route)}: ${UNCALLED}`)
  const tooLate = OTHER_HOOKS.find(hasGuard)
  if (tooLate) throw new TypeError(`${where(route)}: "${tooLate}" contains a guard; ${HOOKS_OF_GUARDS}`)

  const config = route.config as unknown
  if (config === isPublic) throw new TypeError(`${where(route)}: isPublic is used without a call: write isPublic()`)
  if (!descriptionOf(config)?.isPublic) return
  const contradiction = GUARDED_HOOKS.find(hasGuard)
  if (contradiction)
    throw new TypeError(
      `${where(route)} is marked by isPublic(), and "${contradiction}" contains a guard: keep one of them`,
    )
  route.config = { ...(config as object), [CHECKED]: true }
  scope.hasPublicRoutes = true
}

const UNCALLED = 'requireAuth is used without a call: write requireAuth(), with parentheses'
const HOOKS_OF_GUARDS = `guards work only in the hooks ${GUARDED_HOOKS.join(', ')}`

function where({ method, url }: RouteOptions): string {
  return `route ${[method].flat().join(', ')} ${url}`
}

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

  const check = guard(requirement, { clerkFor: (request) => scopeOf(request)?.clerk, routeOf })
  const hook = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
    doneOfOtherHook?: HookHandlerDoneFunction,
  ): void => {
    if (typeof done !== 'function' || reply.sent) return refuseHook(request, reply, done, doneOfOtherHook)
    if (isLeftAlone(request)) return done()
    settle(
      () => andThen(identified(request), () => check(request, request, hook)),
      (refusal) => {
        if (!refusal) return done()
        if (isMarkedPublic(request)) return done(new TypeError(LATE_PLUGIN))
        if ('error' in refusal) return done(refusal.error)
        const { status, headers, body } = refusal.answer
        const { Vary, ...others } = headers
        // Append, so that the value set by @fastify/cors is kept.
        if (Vary) reply.header('Vary', [reply.getHeader('Vary') ?? [], Vary].flat().join(', '))
        reply.code(status).headers(others).send(body)
      },
      (error) => done(error as Error),
    )
  }
  return described(hook, false)
}

const LATE_PLUGIN = 'a route is marked by isPublic() before clerkAuth was registered: register clerkAuth first'

/** A guard of a parent scope may run before the instance of this scope. */
function identified(request: FastifyRequest): ReturnType<typeof identify> {
  const clerk = scopeOf(request)?.clerk
  return clerk && identify(request, request.raw, clerk)
}

function isLeftAlone(request: FastifyRequest): boolean {
  // A guard that runs after onRequest was added by setNotFoundHandler(), for that handler.
  if (request.is404) return !pastOnRequest.has(request)
  return scopeOf(request)?.hasPublicRoutes === true && isMarkedPublic(request) && CHECKED in request.routeOptions.config
}

function isMarkedPublic(request: FastifyRequest): boolean {
  return descriptionOf(request.routeOptions?.config)?.isPublic === true
}

function refuseHook(request: FastifyRequest, ...hookArguments: readonly unknown[]): void {
  const error = new TypeError(`requireAuth() is used in a hook where guards do not work; ${HOOKS_OF_GUARDS}`)
  // Fastify ignores errors from onError hooks.
  request.log.error(error)
  callbackIn(hookArguments)?.(error)
}

function callbackIn(hookArguments: readonly unknown[]): HookHandlerDoneFunction | undefined {
  return hookArguments.find((argument) => typeof argument === 'function') as HookHandlerDoneFunction | undefined
}

/**
 * Marks a route as intentionally public: `app.get('/health', { config: isPublic() }, health)`. A guard of the whole
 * scope, `addHook('onRequest', requireAuth())`, skips it. To add other config, write `{ ...isPublic(), other }`.
 */
export function isPublic(): Described {
  return described({}, true)
}

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
  if (typeof named === 'function') return passedBy(request, named)
  return authOf(request, named, scopeOf(request)?.clerk, routeOf)
}

/**
 * The caller's token, to forward to another service; `null` if there is none. It is read from the request and never
 * stored.
 */
export function getToken(request: FastifyRequest): string | null {
  return tokenOf(request, request.raw, scopeOf(request)?.clerk)
}

function routeOf(request: FastifyRequest): MatchedRoute {
  // Added in Fastify 4.10; has no URL if no route matched.
  const url = request.routeOptions?.url
  return { method: request.method, ...(url !== undefined && { route: url }) }
}
