import type { ClerkAuth, ClerkAuthOptions, Requirements, SessionAuth, Unauthenticated } from '@clerk-auth/core'
import { authOf, guard, identify, instanceOf, settle, STATE, tokenOf } from '@clerk-auth/core/adapter'
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

/** The options of core, or `clerk`: an instance that you made with `createClerkAuth`. */
export type ClerkAuthPluginOptions = ClerkAuthOptions | { readonly clerk: ClerkAuth }

declare const CALLER: unique symbol

/** A guard for a route, as its `onRequest` hook; any later hook will do too. */
export interface Guard {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  /** For the type checker alone: who is calling, behind this guard. */
  readonly [CALLER]?: SessionAuth
}

/** What `register` adds for itself, and takes out again. */
const OWN_TO_FASTIFY = ['prefix', 'logLevel', 'logSerializers'] as const

/**
 * Works out who is calling and keeps it for {@link getAuth} and {@link requireAuth}. Refuses nobody.
 *
 * What is not given is read from the environment. An option that is wrong or missing ends `ready()` with a `TypeError`
 * that names it.
 */
export const clerkAuth: FastifyPluginCallback<ClerkAuthPluginOptions> = fastifyPlugin(register, {
  name: '@clerk-auth/fastify',
  fastify: '4.x || 5.x',
})

function register(fastify: FastifyInstance, options: ClerkAuthPluginOptions, done: (error?: Error) => void): void {
  const given: Record<string, unknown> = { ...options }
  for (const name of OWN_TO_FASTIFY) delete given[name]
  const clerk = instanceOf((given['clerk'] as ClerkAuth | undefined) ?? given)

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
  done()
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth(requirement: Requirements<FastifyRequest> = {}): Guard {
  const check = guard(requirement)
  return (request, reply, done) => {
    settle(
      () => check(request, request),
      (refusal) => {
        if (!refusal) return done()
        if ('error' in refusal) return done(refusal.error)
        const { status, headers, body } = refusal.answer
        reply.code(status).headers(headers).send(body)
      },
      (error) => done(error as Error),
    )
  }
}

/**
 * Who is calling. Name the guard of the route, and the result is typed as what it lets through.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or where the route lacks the guard and the caller is nobody
 */
export function getAuth(request: FastifyRequest): SessionAuth | Unauthenticated
export function getAuth(request: FastifyRequest, behind: Guard): SessionAuth
export function getAuth(request: FastifyRequest, behind?: Guard): SessionAuth | Unauthenticated {
  const auth = authOf(request)
  if (behind && !auth.isAuthenticated) throw new TypeError('getAuth() names a guard that this route does not have')
  return auth
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(request: FastifyRequest): string | null {
  return tokenOf(request.raw)
}
