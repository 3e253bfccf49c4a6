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
  checkOptions,
  guard,
  identify,
  instanceOf,
  isInstance,
  refreshKeys,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirements,
  type GetAuthOptions,
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
export function clerkAuth(options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>): MiddlewareHandler {
  const instanceFor = isInstance(options) ? () => options : instancePerEnvironment(options)
  const readWaitUntil = waitUntilReader()
  return (c, next) => {
    const clerk = instanceFor(c)
    const waitUntil = readWaitUntil(c)
    if (waitUntil) waitUntil(refreshKeys(clerk))
    const identified = identify(c, c.req.raw, clerk)
    waitUntil?.(identified)
    return identified ? identified.then(next) : next()
  }
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 * The refusal is thrown as an `HTTPException`, so that `some` and `every` of `hono/combine` see it.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth<const A extends AcceptsToken = 'session_token'>(
  requirement?: Requirement<Context, A>,
): MiddlewareHandler<Guarded<AuthOfAcceptsToken<A>>>
export function requireAuth<const R extends Extract<Requirements<Context>, readonly unknown[]>>(
  requirements: R,
): MiddlewareHandler<Guarded<AuthOfRequirements<R>>>
export function requireAuth(requirement: Requirements<Context>): MiddlewareHandler<Guarded<AuthenticatedAuth>>
export function requireAuth(requirement: Requirements<Context> = {}): MiddlewareHandler {
  const check = guard(requirement)
  const readWaitUntil = waitUntilReader()
  return async (c, next) => {
    const checked = check(c, c)
    readWaitUntil(c)?.(checked)
    const refusal = await checked
    if (!refusal) return next()
    if ('error' in refusal) throw refusal.error
    const { status, headers, body } = refusal.answer
    throw new HTTPException(status, { res: new Response(JSON.stringify(body), { status, headers }) })
  }
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. With `acceptsToken`, the kinds
 * of credential that it names.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or a kind is asked for that this route does not accept
 */
export function getAuth<E extends Env>(c: Context<E>): AuthOf<E>
export function getAuth<const A extends AcceptsToken>(
  c: Context,
  options: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(c: Context, options?: GetAuthOptions): unknown {
  return authOf(c, options)
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(c: Context): string | null {
  return tokenOf(c, c.req.raw)
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
