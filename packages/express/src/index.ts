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
  guard,
  identify,
  instanceOf,
  settle,
  tokenOf,
  type AuthOfAcceptsToken,
  type AuthOfRequirements,
  type GetAuthOptions,
} from '@clerk-auth/core/adapter'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

// All of core, so that `interface Register` can be augmented through this package.
export * from '@clerk-auth/core'

declare const CALLER: unique symbol

/** What a guard tells the type checker about the handlers behind it. Nothing is there when the code runs. */
export interface GuardedLocals<A> {
  readonly [CALLER]?: A
}

/** A guard for a route. The route's parameters, body and query stay typed as they are. */
export type Guard<A> = (
  req: IncomingMessage,
  // oxlint-disable-next-line typescript/no-explicit-any -- Express's own default for a body
  res: Response<any, GuardedLocals<A> & Record<string, any>>,
  next: NextFunction,
) => void

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
export function clerkAuth(options?: ClerkAuthOptions | ClerkAuth<AcceptsToken>): RequestHandler {
  const clerk = instanceOf(options)
  return (req, _res, next) => {
    settle(
      () => identify(req, req, clerk),
      () => next(),
      next,
    )
  }
}

/**
 * Guards a route: who does not meet the requirement gets 401, 403 or 503 with a problem body, and never the handler.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function requireAuth<const A extends AcceptsToken = 'session_token'>(
  requirement?: Requirement<Request, A>,
): Guard<AuthOfAcceptsToken<A>>
export function requireAuth<const R extends Extract<Requirements<Request>, readonly unknown[]>>(
  requirements: R,
): Guard<AuthOfRequirements<R>>
export function requireAuth(requirement: Requirements<Request>): Guard<AuthenticatedAuth>
export function requireAuth(requirement: Requirements<Request> = {}): Guard<AuthenticatedAuth> {
  const check = guard(requirement)
  return (req, res, next) => {
    settle(
      () => check(req, req as Request),
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
}

/**
 * Who is calling: behind a guard whom it lets pass, elsewhere a signed-in user or nobody. With `acceptsToken`, the kinds
 * of credential that it names.
 *
 * @throws {TypeError} where {@link clerkAuth} did not run, or a kind is asked for that this route does not accept
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a request of any route
export function getAuth<Req extends Request<any, any, any, any, any>>(req: Req): AuthOf<Req>
export function getAuth<const A extends AcceptsToken>(
  // oxlint-disable-next-line typescript/no-explicit-any -- a request of any route
  req: Request<any, any, any, any, any>,
  options: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated
export function getAuth(req: Request, options?: GetAuthOptions): unknown {
  return authOf(req, options)
}

/** The caller's token, to pass on to another service; `null` where there is none. It is not kept anywhere. */
export function getToken(req: IncomingMessage): string | null {
  return tokenOf(req, req)
}
