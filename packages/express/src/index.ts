import type { IncomingMessage } from 'node:http'
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
  authOf,
  boundTo,
  checkCalled,
  described,
  guard,
  identify,
  instanceOf,
  middleware,
  passedBy,
  settle,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirement,
  type AuthOfRequirements,
  type BoundTo,
  type GetAuthOptions,
  type MatchedRoute,
  type Middleware,
} from '@clerk-auth/core/adapter'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

declare const CALLER: unique symbol

/** What a guard tells the type checker about the handlers behind it. Nothing is there when the code runs. */
export interface GuardedLocals<A> {
  readonly [CALLER]?: A
}

/** What `clerkAuth()` returns. A guard can be bound to it, with `by`. */
export type ClerkAuthHandler = RequestHandler & Middleware<Request>

/** A guard for a route. The route's parameters, body and query stay typed as they are. */
export interface Guard<A> {
  (
    req: IncomingMessage,
    // oxlint-disable-next-line typescript/no-explicit-any -- Express's own default for a body
    res: Response<any, GuardedLocals<A> & Record<string, any>>,
    next: NextFunction,
  ): void
  /** For the type checker alone: the caller behind this guard. */
  readonly [CALLER]: A
}

// oxlint-disable-next-line typescript/no-explicit-any -- a request of any route
type AnyRequest = Request<any, any, any, any, any>

/** Who is calling, as far as the type checker knows: whom a guard lets pass, elsewhere perhaps nobody. */
export type AuthOf<Req> = Req extends { res?: { locals: { [CALLER]?: infer A } } | undefined }
  ? unknown extends A
    ? SessionAuth | Unauthenticated
    : Exclude<A, undefined>
  : SessionAuth | Unauthenticated

/**
 * Works out who is calling and keeps it for {@link getAuth} and {@link requireAuth}. Refuses nobody.
 *
 * @param options what is not given is read from the environment; or an instance that you made with `createClerkAuth`
 * @throws {TypeError} that names the option that is wrong or missing
 */
export function clerkAuth(
  options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>,
  ...uncalled: readonly never[]
): ClerkAuthHandler {
  checkCalled('clerkAuth', ...uncalled)
  const clerk = instanceOf(options)
  const handler: RequestHandler = (req, _res, next) => {
    settle(
      () => identify(req, req, clerk),
      () => next(),
      next,
    )
  }
  return middleware(handler, () => clerk)
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 *
 * @param options `by`: the `clerkAuth()` whose caller counts, if a request meets several
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth<const A extends AcceptsToken, Field extends keyof Requirement = never>(
  requirement: Requirement<Request, A> & { readonly acceptsToken: A } & { readonly [F in Field]: unknown },
  options?: BoundTo<ClerkAuthHandler>,
): Guard<AuthOfRequirement<A, Field>>
export function requireAuth<Field extends keyof Requirement = never>(
  requirement?: Requirement<Request, 'session_token'> & { readonly [F in Field]: unknown },
  options?: BoundTo<ClerkAuthHandler>,
): Guard<AuthOfRequirement<'session_token', Field>>
export function requireAuth<const R extends Extract<Requirements<Request>, readonly unknown[]>>(
  requirements: R,
  options?: BoundTo<ClerkAuthHandler>,
): Guard<AuthOfRequirements<R>>
export function requireAuth(
  requirement: Requirements<Request>,
  options?: BoundTo<ClerkAuthHandler>,
): Guard<AuthenticatedAuth>
export function requireAuth(
  requirement: Requirements<Request> = {},
  options?: BoundTo<ClerkAuthHandler>,
  ...uncalled: readonly never[]
): unknown {
  checkCalled('requireAuth', ...uncalled)
  const check = guard(requirement, { clerkFor: boundTo('requireAuth()', options), routeOf })
  const handler = (req: IncomingMessage, res: Response, next: NextFunction): void => {
    settle(
      () => check(req, req as Request, handler),
      (refusal) => {
        if (!refusal) return next()
        if ('error' in refusal) return next(refusal.error)
        const { status, headers, body } = refusal.answer
        const { Vary, ...others } = headers
        // Added, not set: what cors() wrote there stays.
        if (Vary) res.vary(Vary)
        res.status(status).set(others).json(body)
      },
      next,
    )
  }
  return described(handler, false)
}

/**
 * Marks a route as public on purpose: `app.get('/health', isPublic(), health)`. It changes nothing for a request, so it
 * does not lift a guard that the request meets.
 */
export function isPublic(...uncalled: readonly never[]): RequestHandler {
  checkCalled('isPublic', ...uncalled)
  return described<RequestHandler>((_req, _res, next) => next(), true)
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. With `acceptsToken`, the kinds
 * of credential that it names. With a guard, the caller that this guard accepted.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or a kind is asked for that this route does not accept; with a
 * guard, unless that guard has passed this request; without one, where two instances have identified the request and `by`
 * names none of them
 */
export function getAuth<Req extends AnyRequest>(req: Req): AuthOf<Req>
export function getAuth<A>(req: AnyRequest, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken = 'session_token'>(
  req: AnyRequest,
  options: GetAuthOptions<A> & BoundTo<ClerkAuthHandler>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(req: Request, named?: Guard<unknown> | (GetAuthOptions & BoundTo<ClerkAuthHandler>)): unknown {
  if (typeof named === 'function') return passedBy(req, named)
  return authOf(req, named, boundTo('getAuth()', named)?.(req), routeOf)
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(req: IncomingMessage, options?: BoundTo<ClerkAuthHandler>): string | null {
  return tokenOf(req, req, boundTo('getToken()', options)?.(req as Request))
}

/** Without the path at which a router is mounted: Express knows only what was requested there, not the pattern. */
function routeOf({ method, route }: Request): MatchedRoute {
  const { path } = (route ?? {}) as { readonly path?: string | RegExp | readonly (string | RegExp)[] }
  return { method, ...(path !== undefined && { route: [path].flat().join(', ') }) }
}
