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
  checkFramework,
  checkGiven,
  checkOptions,
  checkRequest,
  described,
  guard,
  guardDescription,
  identify,
  instanceOf,
  isInstance,
  middleware,
  passedBy,
  PUBLIC,
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

// Everything in core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

declare const CALLER: unique symbol

/** Tells the type checker about the caller in handlers behind a guard. It does not exist at run time. */
export interface Guarded<A> {
  Variables: { readonly [CALLER]: A }
}

/** The middleware returned by `clerkAuth()`. Pass it as `by` to bind a guard to it. */
export type ClerkAuthMiddleware = MiddlewareHandler & Middleware<Context>

/** A guard for a route. */
export type Guard<A> = MiddlewareHandler<Guarded<A>> & {
  /** For the type checker only: the caller that this guard accepts. */
  readonly [CALLER]: A
}

/** The type of the caller: the one that the guard accepted, or without a guard, one that may be unauthenticated. */
export type AuthOf<E extends Env> = E extends { Variables: { readonly [CALLER]: infer A } }
  ? unknown extends A
    ? SessionAuth | Unauthenticated
    : A
  : SessionAuth | Unauthenticated

/**
 * Authenticates requests for {@link getAuth} and {@link requireAuth}. Does not refuse requests.
 *
 * Without a given instance, it creates one for the environment that Hono provides and keeps it until a `CLERK_*`
 * variable or `NODE_ENV` changes. If the process has an environment, this happens immediately.
 *
 * @param options missing options are read from the environment; or an instance created with `createClerkAuth`
 * @throws {TypeError} naming the invalid or missing option
 */
export function clerkAuth(
  options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>,
  ...uncalled: readonly never[]
): ClerkAuthMiddleware {
  checkCalled('clerkAuth', ...uncalled)
  const instanceFor = isInstance(options) ? () => options : instancePerEnvironment(options)
  const readWaitUntil = waitUntilReader()
  const handler: MiddlewareHandler = (c, next) => {
    checkFramework('clerkAuth()', 'hono', c.req !== undefined)
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
 * Guards a route: requests that do not meet the requirement get 401, 403 or 503 with a problem body and never reach the
 * handler. The response is thrown as an `HTTPException`, so that `some` and `every` from `hono/combine` see it.
 *
 * @param options `by`: the `clerkAuth()` to use, if a request passes through several
 * @throws {TypeError} if the requirement can never be met or has an unknown field
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
  // Hono calls middleware with the context and next().
  checkCalled('requireAuth', typeof options === 'function' ? options : undefined)
  checkGiven('requireAuth', arguments)
  const check = guard(requirement, { clerkFor: boundTo('requireAuth()', options), routeOf })
  const readWaitUntil = waitUntilReader()
  const handler: MiddlewareHandler = async (c, next) => {
    checkFramework('requireAuth()', 'hono', c.req !== undefined)
    const checked = check(c, c, handler)
    readWaitUntil(c)?.(checked)
    const refusal = await checked
    if (!refusal) return next()
    const { error, answer } = refusal
    if (!answer) throw error
    const { status, headers, body } = answer
    throw new HTTPException(status, { res: new Response(JSON.stringify(body), { status, headers }) })
  }
  return described(handler, guardDescription(requirement))
}

/**
 * Marks a route as intentionally public: `app.get('/health', isPublic(), health)`. It has no effect on requests, so it
 * does not disable other guards.
 */
export function isPublic(...uncalled: readonly never[]): MiddlewareHandler {
  checkCalled('isPublic', ...uncalled)
  return described<MiddlewareHandler>((_c, next) => next(), PUBLIC)
}

/**
 * Returns the caller: behind a guard, the one it accepted; without one, a signed-in user or an unauthenticated caller.
 * Pass `acceptsToken` to accept other kinds of token, or a guard to get the caller that it accepted.
 *
 * @throws {TypeError} if {@link clerkAuth} did not run, if this route does not verify a requested kind, if the given
 * guard has not accepted this request, or if two instances have identified the request and `by` is not given
 */
export function getAuth<E extends Env>(c: Context<E>): AuthOf<E>
export function getAuth<A>(c: Context, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken = 'session_token'>(
  c: Context,
  options: GetAuthOptions<A> & BoundTo<ClerkAuthMiddleware>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(c: Context, named?: Guard<unknown> | (GetAuthOptions & BoundTo<ClerkAuthMiddleware>)): unknown {
  checkRequest('getAuth', 'c', c)
  if (typeof named === 'function') return passedBy(c, named)
  return authOf(c, named, boundTo('getAuth()', named)?.(c), routeOf)
}

/**
 * The caller's token, to forward to another service; `null` if there is none. It is read from the request and never
 * stored.
 */
export function getToken(c: Context, options?: BoundTo<ClerkAuthMiddleware>): string | null {
  checkRequest('getToken', 'c', c)
  return tokenOf(c, c.req.raw, boundTo('getToken()', options)?.(c))
}

/** The route of the guard, or the next one for a specific method: `use()` matches all methods. */
function routeOf({ req }: Context): MatchedRoute {
  // oxlint-disable-next-line typescript/no-deprecated -- its successor, in hono/route, is not in every Hono 4
  const routes = req.matchedRoutes
  const matched = routes.slice(req.routeIndex).find(({ method }) => method !== 'ALL') ?? routes.at(-1)
  // A Fetch request may have any token as its method.
  const method = /^[A-Z]{1,16}$/.exec(req.method)?.[0]
  return { ...(method && { method }), ...(matched && { route: matched.path }) }
}

const PROCESS_RUNTIMES = ['node', 'bun', 'deno']

function runsInProcess(): boolean {
  return PROCESS_RUNTIMES.includes(getRuntimeKey())
}

type WaitUntil = (work: unknown) => void

/**
 * Returns `waitUntil`, which keeps work alive after the response was sent or the client disconnected, because other
 * requests may wait for it. Not needed in a long-running process.
 */
function waitUntilReader(): (c: Context) => WaitUntil | undefined {
  return runsInProcess() ? () => undefined : waitUntilOf
}

function waitUntilOf(c: Context): WaitUntil | undefined {
  try {
    const context = c.executionCtx
    return (work) => {
      // The request itself handles errors.
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
  // Values that are not strings are either reported when the environment is read, or unused.
  const texts = names.filter((name) => typeof environment[name] === 'string')
  return JSON.stringify(texts.sort().map((name) => [name, environment[name]]))
}
