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
  checkFramework,
  checkGiven,
  checkRequest,
  described,
  guard,
  guardDescription,
  identify,
  instanceOf,
  middleware,
  passedBy,
  PUBLIC,
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

// Everything in core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

declare const CALLER: unique symbol

/** Tells the type checker about the caller in handlers behind a guard. It does not exist at run time. */
export interface GuardedLocals<A> {
  readonly [CALLER]?: A
}

/** The middleware returned by `clerkAuth()`. Pass it as `by` to bind a guard to it. */
export type ClerkAuthHandler = RequestHandler & Middleware<Request>

/** A guard for a route. It keeps the types of the route's parameters, body and query. */
export interface Guard<A> {
  (
    req: IncomingMessage,
    // oxlint-disable-next-line typescript/no-explicit-any -- Express's own default for a body
    res: Response<any, GuardedLocals<A> & Record<string, any>>,
    next: NextFunction,
  ): void
  /** For the type checker only: the caller that this guard accepts. */
  readonly [CALLER]: A
}

// oxlint-disable-next-line typescript/no-explicit-any -- a request of any route
type AnyRequest = Request<any, any, any, any, any>

/** The type of the caller: the one that the guard accepted, or without a guard, one that may be unauthenticated. */
export type AuthOf<Req> = Req extends { res?: { locals: { [CALLER]?: infer A } } | undefined }
  ? unknown extends A
    ? SessionAuth | Unauthenticated
    : Exclude<A, undefined>
  : SessionAuth | Unauthenticated

/**
 * Authenticates requests for {@link getAuth} and {@link requireAuth}. Does not refuse requests.
 *
 * @param options missing options are read from the environment; or an instance created with `createClerkAuth`
 * @throws {TypeError} naming the invalid or missing option
 */
export function clerkAuth(
  options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>,
  ...uncalled: readonly never[]
): ClerkAuthHandler {
  checkCalled('clerkAuth', ...uncalled)
  const clerk = instanceOf(options)
  const handler: RequestHandler = (req, _res, next) => {
    checkFramework('clerkAuth()', 'express', req.headers !== undefined && typeof next === 'function')
    settle(
      () => identify(req, req, clerk),
      () => next(),
      next,
    )
  }
  return middleware(handler, () => clerk)
}

/**
 * Guards a route: requests that do not meet the requirement get 401, 403 or 503 with a problem body and never reach the
 * handler.
 *
 * @param options `by`: the `clerkAuth()` to use, if a request passes through several
 * @throws {TypeError} if the requirement can never be met or has an unknown field
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
  checkGiven('requireAuth', arguments)
  const check = guard(requirement, { clerkFor: boundTo('requireAuth()', options), routeOf })
  const handler = (req: IncomingMessage, res: Response, next: NextFunction): void => {
    checkFramework('requireAuth()', 'express', typeof res.set === 'function')
    settle(
      () => check(req, req as Request, handler),
      (refusal) => {
        if (!refusal) return next()
        const { error, answer } = refusal
        if (!answer) return next(error)
        const { status, headers, body } = answer
        const { Vary, ...others } = headers
        // Append, so that the value set by cors() is kept.
        if (Vary) res.vary(Vary)
        res.status(status).set(others).json(body)
      },
      next,
    )
  }
  return described(handler, guardDescription(requirement))
}

/**
 * Marks a route as intentionally public: `app.get('/health', isPublic(), health)`. It has no effect on requests, so it
 * does not disable other guards.
 */
export function isPublic(...uncalled: readonly never[]): RequestHandler {
  checkCalled('isPublic', ...uncalled)
  return described<RequestHandler>((_req, _res, next) => next(), PUBLIC)
}

/**
 * Returns the caller: behind a guard, the one it accepted; without one, a signed-in user or an unauthenticated caller.
 * Pass `acceptsToken` to accept other kinds of token, or a guard to get the caller that it accepted.
 *
 * @throws {TypeError} if {@link clerkAuth} did not run, if this route does not verify a requested kind, if the given
 * guard has not accepted this request, or if two instances have identified the request and `by` is not given
 */
export function getAuth<Req extends AnyRequest>(req: Req): AuthOf<Req>
export function getAuth<A>(req: AnyRequest, guard: Guard<A>): A
export function getAuth<const A extends AcceptsToken = 'session_token'>(
  req: AnyRequest,
  options: GetAuthOptions<A> & BoundTo<ClerkAuthHandler>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(req: Request, named?: Guard<unknown> | (GetAuthOptions & BoundTo<ClerkAuthHandler>)): unknown {
  checkRequest('getAuth', 'req', req)
  if (typeof named === 'function') return passedBy(req, named)
  return authOf(req, named, boundTo('getAuth()', named)?.(req), routeOf)
}

/**
 * The caller's token, to forward to another service; `null` if there is none. It is read from the request and never
 * stored.
 */
export function getToken(req: IncomingMessage, options?: BoundTo<ClerkAuthHandler>): string | null {
  checkRequest('getToken', 'req', req)
  return tokenOf(req, req, boundTo('getToken()', options)?.(req as Request))
}

/** Excludes the mount path of a router: Express exposes the requested path there, not the pattern. */
function routeOf({ method, route }: Request): MatchedRoute {
  const { path } = (route ?? {}) as { readonly path?: string | RegExp | readonly (string | RegExp)[] }
  return { method, ...(path !== undefined && { route: [path].flat().join(', ') }) }
}
