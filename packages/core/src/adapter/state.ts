import type { Accepted, AcceptsToken } from '../kinds/accepts-token.js'
import type { Auth, AuthenticatedAuth } from '../auth/auth.js'
import type { AuthSource } from '../request/auth-source.js'
import { internalsOf, type ClerkAuth, type ClerkAuthInternals } from '../clerk-auth.js'
import type { ResourceOfRequest } from './resource.js'

// Not a name like `req.auth`: other libraries set that, and trusting their value would be a bypass.
export const STATE: unique symbol = Symbol.for('clerk-auth.state')

/** What one instance knows about a request. Each instance that the request passes through has its own state. */
export interface State {
  readonly clerk: ClerkAuthInternals
  readonly source: AuthSource
  auth: Auth
  /** The kinds that the middleware or a guard of this request verifies. */
  accepted: Accepted
  /** The kinds that the last guard accepts; `undefined` until it has passed. */
  guarded: Accepted | undefined
  /** The OAuth protected resource that the request is for; `undefined` if the application declares none. */
  resource: ResourceOfRequest | undefined
  /** The state of the next instance. */
  next: State | undefined
  /** The guards that have passed, most recent first. Kept on the first state of the request. */
  passes: Pass | undefined
}

/** A guard that has passed, and the caller it accepted. */
interface Pass {
  readonly guard: object
  readonly auth: AuthenticatedAuth
  next: Pass | undefined
}

/**
 * The caller that a guard accepted for this request.
 *
 * @throws {TypeError} if this guard has not accepted this request
 */
export function passedBy(request: object, guard: object, reader = 'getAuth()'): AuthenticatedAuth {
  for (let pass = stateOf(request)?.passes; pass; pass = pass.next) if (pass.guard === guard) return pass.auth
  throw new TypeError(`${reader} got a guard that has not accepted this request: add that guard to the route`)
}

export function mountedState(request: object, reader: string, clerk: ClerkAuth<AcceptsToken> | undefined): State {
  const first = stateOf(request)
  if (!first) throw new TypeError(`${reader} needs clerkAuth() to run first: mount it before the routes`)
  const state = clerk ? stateBy(request, internalsOf(clerk)!) : first
  if (!state)
    throw new TypeError(
      `${reader} is bound to a clerkAuth() that did not run on this request: mount it before the route`,
    )
  if (!clerk && first.next)
    throw new TypeError(
      `${reader}: two instances have identified this request; pass the clerkAuth() to use as { by: … }`,
    )
  return state
}

export function stateBy(request: object, clerk: ClerkAuthInternals): State | undefined {
  let state = stateOf(request)
  while (state && state.clerk !== clerk) state = state.next
  return state
}

export function stateOf(request: object): State | undefined {
  return (request as Record<symbol, State | undefined>)[STATE]
}

export function addState(request: object, state: State): void {
  let last = stateOf(request)
  if (!last) return void ((request as Record<symbol, State>)[STATE] = state)
  while (last.next) last = last.next
  last.next = state
}

// A list, not a map: almost every request has one guard.
export function addPass(request: object, guard: object, auth: AuthenticatedAuth): void {
  const first = stateOf(request)!
  first.passes = { guard, auth, next: first.passes }
}

export function removePass(request: object, guard: object): void {
  const first = stateOf(request)
  if (!first) return
  let previous: Pass | undefined
  for (let pass = first.passes; pass; previous = pass, pass = pass.next) {
    if (pass.guard !== guard) continue
    if (previous) previous.next = pass.next
    else first.passes = pass.next
    return
  }
}
