/**
 * The shared part of all adapters: it stores the caller with the request and provides the guard that reads it. An
 * adapter adds only the integration with its framework.
 *
 * For authors of adapters, in this project or elsewhere. Applications import their adapter.
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

// Not a name like `req.auth`: other libraries set that, and trusting their value would be a bypass.
export const STATE: unique symbol = Symbol.for('clerk-auth.state')

/** What one instance knows about a request. Each instance that the request passes through has its own state. */
interface State {
  readonly clerk: ClerkAuthInternals
  readonly source: AuthSource
  auth: Auth
  /** The kinds that the middleware or a guard of this request verifies. */
  accepted: Accepted
  /** The kinds that the last guard accepts; `undefined` until it has passed. */
  guarded: Accepted | undefined
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

/** How a guard refuses a request: a response to send, or an error for the framework. */
export type Refusal =
  { readonly answer: Pick<Challenge, 'status' | 'headers'> & { readonly body: object } } | { readonly error: AuthError }

const MIDDLEWARE: unique symbol = Symbol.for('clerk-auth.middleware')

/** The value that `clerkAuth()` returns; guards can be bound to it. */
export interface Middleware<Request = never> {
  /** The instance used for this request. On Workers it is only created with the first request. */
  readonly [MIDDLEWARE]: (request: Request) => ClerkAuth<AcceptsToken>
}

export function middleware<Run extends object, Request>(
  run: Run,
  instanceFor: (request: Request) => ClerkAuth<AcceptsToken>,
): Run & Middleware<Request> {
  return Object.defineProperty(run, MIDDLEWARE, { value: instanceFor }) as Run & Middleware<Request>
}

/** Options of guards and readers, besides the requirement. */
export interface BoundTo<By> {
  /**
   * The value that `clerkAuth()` returned, for requests that pass through several. Callers identified by other
   * instances are then ignored.
   */
  readonly by?: By
}

/**
 * Returns a function that gives the instance to which a guard or reader is bound.
 *
 * @returns `undefined` if it is not bound
 * @throws {TypeError} if `by` is not the return value of `clerkAuth()`
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
 * The description attached to guards and `isPublic()`.
 *
 * A registered symbol, because tools that read it have their own copy of this package.
 */
export const DESCRIPTION: unique symbol = Symbol.for('clerk-auth.guard')

export interface Description {
  /** `false` for a guard; `true` for `isPublic()`. */
  readonly isPublic: boolean
}

/** A value with a description. */
export interface Described {
  readonly [DESCRIPTION]: Description
}

/** Attaches a description to a guard or to the value of `isPublic()`. Object spread copies it. */
export function described<T extends object>(value: T, isPublic: boolean): T & Described {
  return Object.assign(value, { [DESCRIPTION]: Object.freeze({ isPublic }) })
}

export function descriptionOf(value: unknown): Description | undefined {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? (value as { readonly [DESCRIPTION]?: Description })[DESCRIPTION] : undefined
}

/**
 * Rejects a call made by the framework, which was given the function itself instead of its return value.
 *
 * @param more the arguments beyond those that `name` takes
 * @throws {TypeError} with the correct usage
 */
export function checkCalled(name: string, ...more: readonly unknown[]): void {
  if (more.some((argument) => argument !== undefined))
    throw new TypeError(`${name} is used without a call: write ${name}(), with parentheses`)
}

/**
 * The instance that a middleware uses: the given one, or a new one.
 *
 * @throws {TypeError} naming the invalid or missing option
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
 * Authenticates a request and stores the result with it. Does not refuse requests.
 *
 * Each instance runs once per request, however often it is mounted. A second instance stores its result beside the
 * first.
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
 * Starts a refresh of the key set if one is due, and returns its promise, which never rejects. On runtimes that end I/O
 * with the request that started it, pass the promise to `waitUntil`.
 */
export function refreshKeys(clerk: ClerkAuth<AcceptsToken>): Promise<void> | undefined {
  return internalsOf(clerk)!.refreshKeys()
}

export interface GetAuthOptions<A extends AcceptsToken = AcceptsToken> {
  /** The kinds of token to accept. Default: those that the guard of the route accepts, else `session_token`. */
  readonly acceptsToken?: A
}

/**
 * The caller of a request, as determined by {@link identify}. A token of any other kind counts as unauthenticated, with
 * `token-type-mismatch`.
 *
 * @throws {TypeError} if the middleware did not run, if several ran and `clerk` is not given, or if neither the
 * middleware nor a guard verifies a requested kind
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
  // A public route now treats the caller as unauthenticated, so the operator should know why.
  if (!auth.isAuthenticated && auth.error.status === 503) state.clerk.outages.report(auth.error, routeOf?.(request))
  return (isAsked ? auth : unauthenticated(mismatch(auth.tokenType))) as AuthOfAcceptsToken<A> | Unauthenticated
}

/**
 * The caller that a guard accepted for this request.
 *
 * @throws {TypeError} if this guard has not accepted this request
 */
export function passedBy(request: object, guard: object): AuthenticatedAuth {
  for (let pass = stateOf(request)?.passes; pass; pass = pass.next) if (pass.guard === guard) return pass.auth
  throw new TypeError('getAuth() got a guard that has not accepted this request: add that guard to the route')
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
 * The token of a request, to forward to another service. It is never stored, so it is read again, with the settings of
 * the middleware if that ran.
 *
 * @returns `null` if there is no valid `Authorization` header or cookie
 * @throws {TypeError} if several instances have identified the request and `clerk` is not one of them
 */
export function tokenOf(request: object, source: AuthSource, clerk?: ClerkAuth<AcceptsToken>): string | null {
  const state = clerk || stateOf(request) ? mountedState(request, 'getToken()', clerk) : undefined
  try {
    const sent = (state?.clerk.readToken ?? readHeader)(source)
    // The middleware has already read this request, so this never waits.
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
 * Checks a request. `self` is the guard as the application sees it, for {@link passedBy}.
 *
 * @returns the refusal, or `undefined` if the request is accepted
 */
export type GuardCheck<Request> = (holder: object, request: Request, self?: object) => MaybePromise<Refusal | undefined>

/**
 * Creates a guard: it checks that the caller meets the requirement, and otherwise says how to refuse the request.
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
    // Cleared until the guard accepts the caller again: an error handler may run without that.
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

/** Verifies a kind that this guard accepts and the middleware does not, so that other routes do not pay for it. */
function callerOf({ clerk, source, auth }: State, guarded: Accepted): MaybePromise<Auth> {
  if (auth.isAuthenticated || auth.error.code !== 'token-type-mismatch') return auth
  const { tokenType } = auth.error
  // Without keys the kind of a JWT may be unknown, so it may be one that this guard accepts.
  const mayBeAccepted = tokenType === null ? clerk.settings.keyOrigin.from === 'none' : guarded.has(tokenType)
  return mayBeAccepted ? clerk.authenticate(source, guarded) : auth
}

/** Passes the result of `work` to `done`, synchronously if it is not a promise. */
export function settle<T>(work: () => MaybePromise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
  let value: MaybePromise<T>
  try {
    value = work()
  } catch (error) {
    return fail(error)
  }
  // Errors thrown by `done` are reported too: otherwise the unhandled rejection would end the process.
  if (value instanceof Promise) value.then(done).catch(fail)
  else done(value)
}

// The headers that the response depends on if cookies are read: RFC 9110 section 12.5.5.
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
    // The application sends its own body, so it sets the type.
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
      `${reader} is bound to a clerkAuth() that did not run on this request: mount it before the route`,
    )
  if (!clerk && first.next)
    throw new TypeError(
      `${reader}: two instances have identified this request; pass the clerkAuth() to use as { by: … }`,
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

// A list, not a map: almost every request has one guard.
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
