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
  acceptedTypes,
  authOf,
  guard,
  identify,
  instanceOf,
  settle,
  STATE,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirements,
  type GetAuthOptions,
} from '@clerk-auth/core/adapter'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

/** The options of core, or `clerk`: an instance that you made with `createClerkAuth`. */
export type ClerkAuthPluginOptions = ClerkAuthOptions | { readonly clerk: ClerkAuth<AcceptsToken> }

declare const CALLER: unique symbol

/** A guard for a route, as its `onRequest` hook; any later hook will do too. */
export interface Guard<A> {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  /** For the type checker alone: who is calling, behind this guard. */
  readonly [CALLER]?: A
}

/** What `register` adds for itself, and takes out again. */
const OWN_TO_FASTIFY = ['prefix', 'logLevel', 'logSerializers'] as const

/**
 * Works out who is calling and keeps it for {@link getAuth} and {@link requireAuth}. Refuses nobody.
 *
 * What is not given is read from the environment. An option that is wrong or missing ends `ready()` with a `TypeError`
 * that names it.
 */
export const clerkAuth: FastifyPluginAsync<ClerkAuthPluginOptions> = fastifyPlugin(register, {
  name: '@clerk-auth/fastify',
  fastify: '4.x || 5.x',
})

// Asynchronous, for Fastify takes what a plugin throws in a callback for a crash of the process.
async function register(fastify: FastifyInstance, options: ClerkAuthPluginOptions): Promise<void> {
  const given: Record<string, unknown> = { ...options }
  for (const name of OWN_TO_FASTIFY) delete given[name]
  const clerk = instanceOf((given['clerk'] as ClerkAuth<AcceptsToken> | undefined) ?? given)

  if (!fastify.hasRequestDecorator(STATE)) fastify.decorateRequest(STATE, null)
  // onRequest, not preHandler: nobody's body is parsed before we know who sent it.
  fastify.addHook('onRequest', (request, _reply, next) => {
    settle(
      () => identify(request, request.raw, clerk),
      () => next(),
      (error) => next(error as Error),
    )
  })
  // What was made here ends here; an instance that was given is its owner's to close.
  if (!given['clerk']) {
    fastify.addHook('onClose', (_instance, next) => {
      clerk.close()
      next()
    })
  }
}

/** The kinds of credential that each guard lets pass. */
const KINDS = new WeakMap<object, ReadonlySet<string>>()

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth<const A extends AcceptsToken = 'session_token'>(
  requirement?: Requirement<FastifyRequest, A>,
): Guard<AuthOfAcceptsToken<A>>
export function requireAuth<const R extends Extract<Requirements<FastifyRequest>, readonly unknown[]>>(
  requirements: R,
): Guard<AuthOfRequirements<R>>
export function requireAuth(requirement: Requirements<FastifyRequest>): Guard<AuthenticatedAuth>
export function requireAuth(requirement: Requirements<FastifyRequest> = {}): Guard<AuthenticatedAuth> {
  const check = guard(requirement)
  const hook: Guard<AuthenticatedAuth> = (request, reply, done) => {
    settle(
      () => check(request, request),
      (refusal) => {
        if (!refusal) return done()
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
  KINDS.set(hook, acceptedTypes(requirement))
  return hook
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. Name the guard of the route,
 * and the result is typed so; or with `acceptsToken` the kinds of credential to look for.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, where a kind is asked for that this route does not accept, or
 * where the route lacks the guard and the caller is nobody
 */
export function getAuth(request: FastifyRequest): SessionAuth | Unauthenticated
export function getAuth<A>(request: FastifyRequest, behind: Guard<A>): A
export function getAuth<const A extends AcceptsToken>(
  request: FastifyRequest,
  options: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(request: FastifyRequest, by?: Guard<unknown> | GetAuthOptions): unknown {
  if (typeof by !== 'function') return authOf(request, by)
  const auth = authOf(request)
  const letPass = auth.isAuthenticated && KINDS.get(by)?.has(auth.tokenType)
  if (!letPass) throw new TypeError('getAuth() names a guard that this route does not have')
  return auth
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(request: FastifyRequest): string | null {
  return tokenOf(request, request.raw)
}
