import type {
  AcceptsToken,
  AuthenticatedAuth,
  ClerkAuth,
  ClerkAuthOptions,
  Environment,
  Requirement,
  Requirements,
  SessionAuth,
  Unauthenticated,
} from '@clerk-auth/core'
import {
  authOf,
  boundTo,
  checkCalled,
  checkOptions,
  described,
  guard,
  identify,
  instanceOf,
  isInstance,
  middleware,
  passedBy,
  refreshKeys,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirement,
  type AuthOfRequirements,
  type BoundTo,
  type GetAuthOptions,
  type MatchedRoute,
  type Middleware,
} from '@clerk-auth/core/adapter'
import type { Context, Env, MiddlewareHandler } from 'hono'
import { env, getRuntimeKey } from 'hono/adapter'
import { HTTPException } from 'hono/http-exception'

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

declare const CALLER: unique symbol

/** What a guard tells the type checker about the handlers behind it. Nothing is there when the code runs. */
export interface Guarded<A> {
  Variables: { readonly [CALLER]: A }
}

/** What `clerkAuth()` returns. A guard can be bound to it, with `by`. */
export type ClerkAuthMiddleware = MiddlewareHandler & Middleware<Context>

/** A guard for a route. */
export type Guard<A> = MiddlewareHandler<Guarded<A>> & {
  /** For the type checker alone: the caller behind this guard. */
  readonly [CALLER]: A
}

/** Who is calling, as far as the type checker knows: whom a guard lets pass, elsewhere perhaps nobody. */
export type AuthOf<E extends Env> = E extends { Variables: { readonly [CALLER]: infer A } }
  ? unknown extends A
    ? SessionAuth | Unauthenticated
    : A
  : SessionAuth | Unauthenticated

/**
 * Works out who is calling and keeps it for {@link getAuth} and {@link requireAuth}. Refuses nobody.
 *
 * Without an instance, one is made for the environment that Hono hands over, and kept as long as its `CLERK_*`
 * variables stay. Where the process has an environment, that happens now.
 *
 * @param options what is not given is read from the environment; or an instance that you made with `createClerkAuth`
 * @throws {TypeError} that names the option that is wrong or missing
 */
export function clerkAuth(
  options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>,
  ...uncalled: readonly never[]
): ClerkAuthMiddleware {
  checkCalled('clerkAuth', ...uncalled)
  const instanceFor = isInstance(options) ? () => options : instancePerEnvironment(options)
  const readWaitUntil = waitUntilReader()
  const handler: MiddlewareHandler = (c, next) => {
    const clerk = instanceFor(c)
    const waitUntil = readWaitUntil(c)
    if (waitUntil) waitUntil(refreshKeys(clerk))
    const identified = identify(c, c.req.raw, clerk)
    waitUntil?.(identified)
    return identified ? identified.then(next) : next()
  }
  return middleware(handler, instanceFor)
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 * The refusal is thrown as an `HTTPException`, so that `some` and `every` of `hono/combine` see it.
 *
 * @param options `by`: the `clerkAuth()` whose caller counts, if a request meets several
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth<const A extends AcceptsToken, Field extends keyof Requirement = never>(
  requirement: Requirement<Context, A> & { readonly acceptsToken: A } & { readonly [F in Field]: unknown },
  options?: BoundTo<ClerkAuthMiddleware>,
): Guard<AuthOfRequirement<A, Field>>
export function requireAuth<Field extends keyof Requirement = never>(
  requirement?: Requirement<Context, 'session_token'> & { readonly [F in Field]: unknown },
  options?: BoundTo<ClerkAuthMiddleware>,
): Guard<AuthOfRequirement<'session_token', Field>>
export function requireAuth<const R extends Extract<Requirements<Context>, readonly unknown[]>>(
  requirements: R,
  options?: BoundTo<ClerkAuthMiddleware>,
): Guard<AuthOfRequirements<R>>
export function requireAuth(
  requirement: Requirements<Context>,
  options?: BoundTo<ClerkAuthMiddleware>,
): Guard<AuthenticatedAuth>
export function requireAuth(requirement: Requirements<Context> = {}, options?: BoundTo<ClerkAuthMiddleware>): unknown {
  // Hono calls a middleware with the context and next().
  checkCalled('requireAuth', typeof options === 'function' ? options : undefined)
  const check = guard(requirement, { clerkFor: boundTo('requireAuth()', options), routeOf })
  const readWaitUntil = waitUntilReader()
  const handler: MiddlewareHandler = async (c, next) => {
    const checked = check(c, c, handler)
    readWaitUntil(c)?.(checked)
    const refusal = await checked
    if (!refusal) return next()
    if ('error' in refusal) throw refusal.error
    const { status, headers, body } = refusal.answer
    throw new HTTPException(status, { res: new Response(JSON.stringify(body), { status, headers }) })
  }
  return described(handler, false)
}

/**
 * Marks a route as public on purpose: `app.get('/health', isPublic(), health)`. It changes nothing for a request, so it
 * does not lift a guard that the request meets.
 */
export function isPublic(...uncalled: readonly never[]): MiddlewareHandler {
  checkCalled('isPublic', ...uncalled)
  return described<MiddlewareHandler>((_c, next) => next(), true)
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. With `acceptsToken`, the kinds
 * of credential that it names. With a guard, the caller that this guard accepted.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or a kind is asked for that this route does not accept; with a
 * guard, unless that guard has passed this request; without one, where two instances have identified the request and `by`
 * names none of them
 */
export function getAuth<E extends Env>(c: Context<E>): AuthOf<E>
export function getAuth<A>(c: Context, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken = 'session_token'>(
  c: Context,
  options: GetAuthOptions<A> & BoundTo<ClerkAuthMiddleware>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(c: Context, named?: Guard<unknown> | (GetAuthOptions & BoundTo<ClerkAuthMiddleware>)): unknown {
  if (typeof named === 'function') return passedBy(c, named)
  return authOf(c, named, boundTo('getAuth()', named)?.(c), routeOf)
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(c: Context, options?: BoundTo<ClerkAuthMiddleware>): string | null {
  return tokenOf(c, c.req.raw, boundTo('getToken()', options)?.(c))
}

/** The route that the guard is on, or else the next one that is for a method: `use()` is for all of them. */
function routeOf({ req }: Context): MatchedRoute {
  // oxlint-disable-next-line typescript/no-deprecated -- its successor, in hono/route, is not in every Hono 4
  const routes = req.matchedRoutes
  const matched = routes.slice(req.routeIndex).find(({ method }) => method !== 'ALL') ?? routes.at(-1)
  // A Fetch request may have any word as its method.
  const method = /^[A-Z]{1,16}$/.exec(req.method)?.[0]
  return { ...(method && { method }), ...(matched && { route: matched.path }) }
}

const PROCESS_RUNTIMES = ['node', 'bun', 'deno']

function runsInProcess(): boolean {
  return PROCESS_RUNTIMES.includes(getRuntimeKey())
}

type WaitUntil = (work: unknown) => void

/**
 * Gives the function that keeps work alive after the response was sent or the client hung up, because other requests wait
 * for what it fetches. A process keeps it alive anyway.
 */
function waitUntilReader(): (c: Context) => WaitUntil | undefined {
  return runsInProcess() ? () => undefined : waitUntilOf
}

function waitUntilOf(c: Context): WaitUntil | undefined {
  try {
    const context = c.executionCtx
    return (work) => {
      // The request itself deals with a failure.
      if (work instanceof Promise) context.waitUntil(work.catch(() => {}))
    }
  } catch {
    return undefined // Hono throws if `app.fetch` was called without an execution context.
  }
}

function instancePerEnvironment(options: ClerkAuthOptions | undefined): (c: Context) => ClerkAuth<AcceptsToken> {
  if (runsInProcess()) {
    const clerk = instanceOf(options)
    return () => clerk
  }

  checkOptions(options ?? {})
  const byEnvironment = new WeakMap<object, ClerkAuth<AcceptsToken>>()
  let latest: { readonly variables: string; readonly clerk: ClerkAuth<AcceptsToken> } | undefined
  return (c) => {
    const environment = env<Environment>(c)
    let clerk = byEnvironment.get(environment)
    if (!clerk) {
      const variables = clerkVariables(environment)
      if (latest?.variables !== variables) latest = { variables, clerk: instanceOf(options, environment) }
      clerk = latest.clerk
      byEnvironment.set(environment, clerk)
    }
    return clerk
  }
}

function clerkVariables(environment: Environment): string {
  const names = Object.keys(environment).filter((name) => name.startsWith('CLERK_') || name === 'NODE_ENV')
  // What is no text is told of by the reader of the environment, or is nobody's.
  const texts = names.filter((name) => typeof environment[name] === 'string')
  return JSON.stringify(texts.sort().map((name) => [name, environment[name]]))
}
