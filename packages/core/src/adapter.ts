/**
 * What the adapters share: who called, kept with the request, and a guard that reads it. An adapter adds only the
 * words of its framework.
 *
 * For adapters, those of this project and others. Applications import their adapter.
 */
import { checkAcceptsToken, tokenTypesOf, type Accepted, type AcceptsToken } from './kinds/accepts-token.js'
import { unauthenticated, type Auth, type AuthenticatedAuth, type Unauthenticated } from './auth/auth.js'
import type { AuthSource } from './request/auth-source.js'
import { checkBearerToken } from './request/authorization.js'
import { toChallenge, type Challenge } from './guard/challenge.js'
import { createClerkAuth, internalsOf, type ClerkAuth, type ClerkAuthInternals } from './clerk-auth.js'
import type { Environment } from './config/environment.js'
import { AuthError, type TokenType } from './auth/errors.js'
import type { MatchedRoute } from './auth/events.js'
import { impersonationOf } from './auth/impersonation.js'
import { member } from './support/json.js'
import type { MaybePromise } from './support/maybe-promise.js'
import type { ClerkAuthOptions } from './config/options.js'
import { readHeader } from './request/token-reader.js'
import { acceptedTypes, requirementCheck, type AuthOfAcceptsToken, type Requirements } from './guard/requirement.js'

export type { Environment } from './config/environment.js'
export { andThen } from './support/maybe-promise.js'
export type { MaybePromise } from './support/maybe-promise.js'
export type { MatchedRoute } from './auth/events.js'
export { checkOptions } from './config/options.js'
export { acceptedTypes } from './guard/requirement.js'
export type { AuthOfAcceptsToken, AuthOfRequirement, AuthOfRequirements } from './guard/requirement.js'

// Not a name like `req.auth`: other libraries write that one, and reading theirs as ours would be a bypass.
export const STATE: unique symbol = Symbol.for('clerk-auth.state')

/** What one instance knows of a request. Another instance that the request meets has a state of its own. */
interface State {
  readonly clerk: ClerkAuthInternals
  readonly source: AuthSource
  auth: Auth
  /** The kinds that the middleware, or a guard of this request, verifies. */
  accepted: Accepted
  /** The kinds that the last guard accepts; `undefined` until it has passed. */
  guarded: Accepted | undefined
  /** The state of the next instance. */
  next: State | undefined
  /** The guards that have passed, the last one first. Kept with the first state of the request. */
  passes: Pass | undefined
}

/** A guard that has passed, and the caller that it accepted. */
interface Pass {
  readonly guard: object
  readonly auth: AuthenticatedAuth
  next: Pass | undefined
}

/** What a guard does with a caller who may not pass. */
export type Refusal =
  { readonly answer: Pick<Challenge, 'status' | 'headers'> & { readonly body: object } } | { readonly error: AuthError }

const MIDDLEWARE: unique symbol = Symbol.for('clerk-auth.middleware')

/** The value that `clerkAuth()` returns, so that a guard can be bound to it. */
export interface Middleware<Request = never> {
  /** The instance that it identifies this request with: on Workers there is none before a request. */
  readonly [MIDDLEWARE]: (request: Request) => ClerkAuth<AcceptsToken>
}

export function middleware<Run extends object, Request>(
  run: Run,
  instanceFor: (request: Request) => ClerkAuth<AcceptsToken>,
): Run & Middleware<Request> {
  return Object.defineProperty(run, MIDDLEWARE, { value: instanceFor }) as Run & Middleware<Request>
}

/** What guards and readers can be told beside the requirement. */
export interface BoundTo<By> {
  /**
   * The value that `clerkAuth()` returned, if a request meets several: a caller that another instance identified does
   * not count then.
   */
  readonly by?: By
}

/**
 * How to find the instance that a guard or a reader is bound to.
 *
 * @returns `undefined` if it is bound to none
 * @throws {TypeError} if `by` is not a value that `clerkAuth()` returned
 */
export function boundTo<Request>(
  reader: string,
  options: BoundTo<Middleware<Request>> | undefined,
): ((request: Request) => ClerkAuth<AcceptsToken>) | undefined {
  if (!options) return undefined
  const unknown = Object.keys(options).find((name) => name !== 'by' && name !== 'acceptsToken')
  if (unknown !== undefined) throw new TypeError(`${reader}: unknown option "${unknown}"; did you mean "by"?`)
  if (!Object.hasOwn(options, 'by')) return undefined
  const instanceFor = options.by?.[MIDDLEWARE]
  if (typeof instanceFor !== 'function')
    throw new TypeError(`${reader}: "by" must be the value that clerkAuth() returned`)
  return instanceFor
}

/**
 * The description that guards and `isPublic()` carry.
 *
 * A symbol of the registry, because tools that read it have a copy of their own of this package.
 */
export const DESCRIPTION: unique symbol = Symbol.for('clerk-auth.guard')

export interface Description {
  /** `false` for a guard; `true` for `isPublic()`. */
  readonly isPublic: boolean
}

/** Something that carries a description. */
export interface Described {
  readonly [DESCRIPTION]: Description
}

/** Puts a description on a guard or on what `isPublic()` returns. An object spread copies it. */
export function described<T extends object>(value: T, isPublic: boolean): T & Described {
  return Object.assign(value, { [DESCRIPTION]: Object.freeze({ isPublic }) })
}

export function descriptionOf(value: unknown): Description | undefined {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? (value as { readonly [DESCRIPTION]?: Description })[DESCRIPTION] : undefined
}

/**
 * Refuses a call that the framework made: it was given the function itself instead of what the function returns.
 *
 * @param more the arguments after those that `name` has
 * @throws {TypeError} that says how to write it
 */
export function checkCalled(name: string, ...more: readonly unknown[]): void {
  if (more.some((argument) => argument !== undefined))
    throw new TypeError(`${name} is used without a call: write ${name}(), with parentheses`)
}

/**
 * The instance that a middleware works with: the one that it was given, or a new one.
 *
 * @throws {TypeError} that names the option that is wrong or missing
 */
export function instanceOf(
  options: ClerkAuthOptions | ClerkAuth<AcceptsToken> | undefined,
  environment?: Environment,
): ClerkAuth<AcceptsToken> {
  return isInstance(options) ? options : createClerkAuth(options, environment)
}

export function isInstance(
  options: ClerkAuthOptions | ClerkAuth<AcceptsToken> | undefined,
): options is ClerkAuth<AcceptsToken> {
  return internalsOf(options) !== undefined
}

/**
 * Works out who sent a request and keeps that with it. Does not refuse requests.
 *
 * One instance does its work once, however often it is mounted. A second instance keeps its result beside the first one.
 */
export function identify(request: object, source: AuthSource, clerk: ClerkAuth<AcceptsToken>): MaybePromise<void> {
  const internals = internalsOf(clerk)!
  if (stateBy(request, internals)) return
  const { accepted } = internals.settings
  const keep = (auth: Auth) =>
    addState(request, {
      clerk: internals,
      source,
      auth,
      accepted,
      guarded: undefined,
      next: undefined,
      passes: undefined,
    })
  const auth = internals.authenticate(source, accepted)
  return auth instanceof Promise ? auth.then(keep) : keep(auth)
}

/**
 * Begins a refresh of the instance's key set if one is due, and gives its promise, which never rejects. For runtimes that
 * end I/O with the request that began it: hand the promise to `waitUntil`.
 */
export function refreshKeys(clerk: ClerkAuth<AcceptsToken>): Promise<void> | undefined {
  return internalsOf(clerk)!.refreshKeys()
}

export interface GetAuthOptions<A extends AcceptsToken = AcceptsToken> {
  /** The kinds of credential to look for. Default: those that the guard of the route lets pass, else `session_token`. */
  readonly acceptsToken?: A
}

/**
 * Who sent a request, as {@link identify} found out. A credential of another kind than asked for counts as none, with
 * `token-type-mismatch`.
 *
 * @throws {TypeError} if the middleware did not run, if several ran and `clerk` names none, or if a kind is asked for that
 * neither the middleware nor a guard verifies
 * @param routeOf called only if there is something to report
 */
export function authOf<Request extends object, A extends AcceptsToken = 'session_token'>(
  request: Request,
  options?: GetAuthOptions<A>,
  clerk?: ClerkAuth<AcceptsToken>,
  routeOf?: (request: Request) => MatchedRoute,
): AuthOfAcceptsToken<A> | Unauthenticated {
  const state = mountedState(request, 'getAuth()', clerk)
  const { auth, accepted, guarded } = state
  const acceptsToken = options && member(options, 'acceptsToken')
  const asked = acceptsToken === undefined ? (guarded ?? SESSION) : askedTypes(acceptsToken, accepted)
  const isAsked = !auth.isAuthenticated || asked.has(auth.tokenType)
  // A public route treats the caller as a stranger now, so the operator should know why.
  if (!auth.isAuthenticated && auth.error.status === 503) state.clerk.outages.report(auth.error, routeOf?.(request))
  return (isAsked ? auth : unauthenticated(mismatch(auth.tokenType))) as AuthOfAcceptsToken<A> | Unauthenticated
}

/**
 * The caller that a guard accepted on this request.
 *
 * @throws {TypeError} unless exactly this guard has passed this request
 */
export function passedBy(request: object, guard: object): AuthenticatedAuth {
  for (let pass = stateOf(request)?.passes; pass; pass = pass.next) if (pass.guard === guard) return pass.auth
  throw new TypeError('getAuth() names a guard that has not passed this request: put that guard on the route')
}

const SESSION: Accepted = new Set(['session_token'] as const)

function askedTypes(acceptsToken: AcceptsToken, accepted: Accepted): Accepted {
  const problem = checkAcceptsToken(acceptsToken)
  if (problem !== true) throw new TypeError(`getAuth(): "acceptsToken" ${problem}`)
  const asked = tokenTypesOf(acceptsToken)
  const unverified = acceptsToken === 'any' ? undefined : asked.find((kind) => !accepted.has(kind))
  if (unverified)
    throw new TypeError(
      `getAuth() asks for "${unverified}", which neither clerkAuth() nor a guard of this route accepts`,
    )
  return new Set(asked)
}

function mismatch(tokenType: TokenType): AuthError {
  return new AuthError('token-type-mismatch', { tokenType })
}

/**
 * The token of a request, to pass on. It is read again, because it is never kept: as the middleware reads it, if that ran.
 *
 * @returns `null` if there is no token, or none that can be read
 * @throws {TypeError} if several instances have identified the request and `clerk` names none of them
 */
export function tokenOf(request: object, source: AuthSource, clerk?: ClerkAuth<AcceptsToken>): string | null {
  const state = clerk || stateOf(request) ? mountedState(request, 'getToken()', clerk) : undefined
  try {
    const sent = (state?.clerk.readToken ?? readHeader)(source)
    // The middleware has read this request, so nothing is left to wait for.
    if (!sent || sent instanceof Promise) return null
    checkBearerToken(sent.token)
    return sent.token
  } catch (error) {
    if (AuthError.is(error)) return null
    throw error
  }
}

export interface GuardParts<Request> {
  /** The instance that the guard is bound to. */
  readonly clerkFor?: ((request: Request) => ClerkAuth<AcceptsToken> | undefined) | undefined
  readonly routeOf?: (request: Request) => MatchedRoute
}

/**
 * Checks a request. `self` is the value that the application knows as the guard, for {@link passedBy}.
 *
 * @returns the refusal, or `undefined` if the caller may pass
 */
export type GuardCheck<Request> = (holder: object, request: Request, self?: object) => MaybePromise<Refusal | undefined>

/**
 * A guard: whether the caller meets the requirement, and else what to do.
 *
 * @throws {TypeError} if the requirement can never be met or has an unknown field
 */
export function guard<Request extends object>(
  requirement: Requirements<Request>,
  { clerkFor, routeOf }: GuardParts<Request> = {},
): GuardCheck<Request> {
  const check = requirementCheck(requirement)
  const guarded = acceptedTypes(requirement)
  const run: GuardCheck<Request> = (holder, request, self = run) => {
    // Until it has accepted the caller again, nothing says that it did: an error handler may be reached without that.
    removePass(holder, self)
    const state = mountedState(holder, 'requireAuth()', clerkFor?.(request))
    state.guarded = undefined
    const auth = callerOf(state, guarded)
    return auth instanceof Promise
      ? auth.then((auth) => checkCaller(auth, state, holder, request, self))
      : checkCaller(auth, state, holder, request, self)
  }

  function checkCaller(
    auth: Auth,
    state: State,
    holder: object,
    request: Request,
    self: object,
  ): MaybePromise<Refusal | undefined> {
    state.auth = auth
    state.accepted = union(state.accepted, guarded)
    const conclude = (error: AuthError | undefined) => {
      if (error) return refusalOf(error, state, guarded, request, routeOf)
      state.guarded = guarded
      addPass(holder, self, auth as AuthenticatedAuth)
      return undefined
    }
    const error = check(auth, request)
    return error instanceof Promise ? error.then(conclude) : conclude(error)
  }
  return run
}

function union(accepted: Accepted, guarded: Accepted): Accepted {
  for (const kind of guarded) if (!accepted.has(kind)) return new Set([...accepted, ...guarded])
  return accepted
}

/** A kind that this guard accepts and the middleware left alone is verified now: other routes do not pay for it. */
function callerOf({ clerk, source, auth }: State, guarded: Accepted): MaybePromise<Auth> {
  if (auth.isAuthenticated || auth.error.code !== 'token-type-mismatch') return auth
  const { tokenType } = auth.error
  // Without keys the kind of a JWT may be unknown, and then it may be of the kind that this guard accepts.
  const isNews = tokenType === null || guarded.has(tokenType)
  return isNews ? clerk.authenticate(source, guarded) : auth
}

/** Goes on with the value of `work`, in the same turn where it is there already. */
export function settle<T>(work: () => MaybePromise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
  let value: MaybePromise<T>
  try {
    value = work()
  } catch (error) {
    return fail(error)
  }
  // What `done` throws is told too: nobody else would hear of it, and the process would end.
  if (value instanceof Promise) value.then(done).catch(fail)
  else done(value)
}

// What the answer depends on, where cookies are read: RFC 9110 section 12.5.5.
const VARY = { Vary: 'Authorization, Cookie, Origin, Sec-Fetch-Site' } as const

function refusalOf<Request extends object>(
  error: AuthError,
  { clerk, auth }: State,
  guarded: Accepted,
  request: Request,
  routeOf: ((request: Request) => MatchedRoute) | undefined,
): Refusal {
  const { settings, emit, outages } = clerk
  const { realm, refusals, refusalBody } = settings.options
  const { code, tokenType, message } = error
  const route = routeOf?.(request) ?? {}
  const impersonation = impersonationOf(auth)
  emit({ type: 'requirement-refused', code, tokenType, message, ...route, ...(impersonation && { impersonation }) })
  outages.report(error, route)
  outages.checkVerifiable(guarded, route)
  const challenge = toChallenge(error, realm === undefined ? {} : { realm })
  const { status, body } = challenge
  const headers = settings.cookies ? { ...challenge.headers, ...VARY } : challenge.headers
  if (refusals === 'throw') {
    // The body is the application's own, so its type is too.
    const { 'Content-Type': _, ...own } = headers
    return { error: Object.assign(error, { headers: own }) }
  }
  if (!refusalBody) return { answer: { status, headers, body } }
  return {
    answer: { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: refusalBody(error, request) },
  }
}

function mountedState(request: object, reader: string, clerk: ClerkAuth<AcceptsToken> | undefined): State {
  const first = stateOf(request)
  if (!first) throw new TypeError(`${reader} needs clerkAuth() to run first: mount it before the routes`)
  const state = clerk ? stateBy(request, internalsOf(clerk)!) : first
  if (!state)
    throw new TypeError(
      `${reader} is bound to a clerkAuth() that did not run on this request: mount that one before the route`,
    )
  if (!clerk && first.next)
    throw new TypeError(
      `${reader}: two instances have identified this request; name the clerkAuth() that counts, as { by: … }`,
    )
  return state
}

function stateBy(request: object, clerk: ClerkAuthInternals): State | undefined {
  let state = stateOf(request)
  while (state && state.clerk !== clerk) state = state.next
  return state
}

function stateOf(request: object): State | undefined {
  return (request as Record<symbol, State | undefined>)[STATE]
}

function addState(request: object, state: State): void {
  let last = stateOf(request)
  if (!last) return void ((request as Record<symbol, State>)[STATE] = state)
  while (last.next) last = last.next
  last.next = state
}

// A list and not a map: nearly every request has one guard.
function addPass(request: object, guard: object, auth: AuthenticatedAuth): void {
  const first = stateOf(request)!
  first.passes = { guard, auth, next: first.passes }
}

function removePass(request: object, guard: object): void {
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
