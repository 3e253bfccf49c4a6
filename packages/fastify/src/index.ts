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

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

/** The options of core, or `clerk`: an instance that you made with `createClerkAuth`. */
export type ClerkAuthPluginOptions = ClerkAuthOptions | { readonly clerk: ClerkAuth<AcceptsToken> }

declare const CALLER: unique symbol

/** A guard for a route, as its `onRequest`, `preValidation` or `preHandler` hook. */
export interface Guard<A> {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  /** For the type checker alone: who is calling, behind this guard. */
  readonly [CALLER]?: A
}

/** What the plugin keeps with the scope that it is registered in. Scopes below inherit it, or have their own. */
interface Scope {
  readonly clerk: ClerkAuth<AcceptsToken>
  hasPublicRoutes: boolean
}

// Symbols of the registry, because the ESM and the CommonJS copy of this package may meet in one application.
const SCOPE: unique symbol = Symbol.for('clerk-auth.scope')
/** In the config of a public route that was checked when it was registered. */
const CHECKED: unique symbol = Symbol.for('clerk-auth.public')

/** What `register` adds for itself, and takes out again. */
const OWN_TO_FASTIFY = ['prefix', 'logLevel', 'logSerializers'] as const

/**
 * Works out who is calling and keeps it for {@link getAuth} and {@link requireAuth}. Refuses nobody.
 *
 * It counts for the scope that it is registered in and the scopes below, unless one of these registers it again.
 *
 * What is not given is read from the environment. An option that is wrong or missing ends `ready()` with a `TypeError`
 * that names it.
 */
export const clerkAuth: FastifyPluginAsync<ClerkAuthPluginOptions> = fastifyPlugin(
  (fastify: FastifyInstance | undefined, options: ClerkAuthPluginOptions) => {
    if (typeof fastify?.addHook !== 'function')
      throw new TypeError('clerkAuth is a plugin: write register(clerkAuth, options), without calling it')
    return register(fastify, options)
  },
  { name: '@clerk-auth/fastify', fastify: '4.x || 5.x' },
)

// Asynchronous, for Fastify takes what a plugin throws in a callback for a crash of the process.
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
  // onRequest, not preHandler: nobody's body is parsed before we know who sent it.
  fastify.addHook('onRequest', (request, _reply, next) => {
    // A scope below with an instance of its own identifies its callers by that one.
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
  // What was made here ends here; an instance that was given is its owner's to close.
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

/** Refuses guards where they cannot work, when a route is registered. */
function checkRoute(route: RouteOptions, scope: Scope): void {
  const hooks = (name: keyof RouteOptions) => [route[name]].flat() as unknown[]
  const hasGuard = (name: keyof RouteOptions) => hooks(name).some((hook) => descriptionOf(hook)?.isPublic === false)
  for (const name of [...GUARDED_HOOKS, ...OTHER_HOOKS])
    if (hooks(name).includes(requireAuth)) throw new TypeError(`${where(route)}: ${UNCALLED}`)
  const tooLate = OTHER_HOOKS.find(hasGuard)
  if (tooLate) throw new TypeError(`${where(route)}: "${tooLate}" holds a guard; ${HOOKS_OF_GUARDS}`)

  const config = route.config as unknown
  if (config === isPublic) throw new TypeError(`${where(route)}: isPublic is used without a call: write isPublic()`)
  if (!descriptionOf(config)?.isPublic) return
  const contradiction = GUARDED_HOOKS.find(hasGuard)
  if (contradiction)
    throw new TypeError(
      `${where(route)} is marked by isPublic(), and "${contradiction}" holds a guard: keep one of them`,
    )
  route.config = { ...(config as object), [CHECKED]: true }
  scope.hasPublicRoutes = true
}

const UNCALLED = 'requireAuth is used without a call: write requireAuth(), with parentheses'
const HOOKS_OF_GUARDS = `a guard works as ${GUARDED_HOOKS.join(', ')}`

function where({ method, url }: RouteOptions): string {
  return `route ${[method].flat().join(', ')} ${url}`
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 *
 * `addHook('onRequest', requireAuth())` guards a scope. It passes over routes with `config: isPublic()`, and leaves it to
 * Fastify to answer 404 to a request that matches no route.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
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
  // As a hook it was called with more than the requirement, and Fastify waits for the callback among it.
  const done = callbackIn(uncalled)
  if (done) return done(new TypeError(UNCALLED))
  if (uncalled.length > 0)
    throw new TypeError('requireAuth() has no options on Fastify: the scope of clerkAuth decides')

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
        // Added, not set: what @fastify/cors wrote there stays.
        if (Vary) reply.header('Vary', [reply.getHeader('Vary') ?? [], Vary].flat().join(', '))
        reply.code(status).headers(others).send(body)
      },
      (error) => done(error as Error),
    )
  }
  return described(hook, false)
}

const LATE_PLUGIN = 'a route is marked by isPublic() before clerkAuth was registered: register clerkAuth first'

/** A guard of a scope above may run before the instance of this scope. */
function identified(request: FastifyRequest): ReturnType<typeof identify> {
  const clerk = scopeOf(request)?.clerk
  return clerk && identify(request, request.raw, clerk)
}

function isLeftAlone(request: FastifyRequest): boolean {
  // A guard that runs later was put there by setNotFoundHandler(), for that handler.
  if (request.is404) return !pastOnRequest.has(request)
  return scopeOf(request)?.hasPublicRoutes === true && isMarkedPublic(request) && CHECKED in request.routeOptions.config
}

function isMarkedPublic(request: FastifyRequest): boolean {
  return descriptionOf(request.routeOptions?.config)?.isPublic === true
}

function refuseHook(request: FastifyRequest, ...hookArguments: readonly unknown[]): void {
  const error = new TypeError(`requireAuth() is used in a hook in which a guard cannot work; ${HOOKS_OF_GUARDS}`)
  // Fastify drops what an onError hook says.
  request.log.error(error)
  callbackIn(hookArguments)?.(error)
}

function callbackIn(hookArguments: readonly unknown[]): HookHandlerDoneFunction | undefined {
  return hookArguments.find((argument) => typeof argument === 'function') as HookHandlerDoneFunction | undefined
}

/**
 * Marks a route as public on purpose: `app.get('/health', { config: isPublic() }, health)`. A guard of the whole scope,
 * `addHook('onRequest', requireAuth())`, passes over it. Other config can stand beside it: `{ ...isPublic(), other }`.
 */
export function isPublic(): Described {
  return described({}, true)
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. With a guard, the caller that
 * this guard accepted; or with `acceptsToken` the kinds of credential to look for.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or where a kind is asked for that this route does not accept;
 * with a guard, unless that guard has passed this request
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

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(request: FastifyRequest): string | null {
  return tokenOf(request, request.raw, scopeOf(request)?.clerk)
}

function routeOf(request: FastifyRequest): MatchedRoute {
  // Not there before Fastify 4.10, and without a URL if no route matched.
  const url = request.routeOptions?.url
  return { method: request.method, ...(url !== undefined && { route: url }) }
}
