/**
 * What the adapters share: who called, kept with the request, and a guard that reads it. An adapter adds only the
 * words of its framework.
 *
 * For adapters, those of this project and others. Applications import their adapter.
 */
import { checkAcceptsToken, tokenTypesOf, type AcceptsToken } from './accepts-token.js'
import { unauthenticated, type Auth, type Unauthenticated } from './auth.js'
import type { Accepted } from './authenticate.js'
import type { AuthSource } from './auth-source.js'
import { checkBearerToken } from './authorization.js'
import { toChallenge, type Challenge } from './challenge.js'
import { createClerkAuth, internalsOf, type ClerkAuth, type ClerkAuthInternals } from './clerk-auth.js'
import type { Environment } from './environment.js'
import { AuthError, type TokenType } from './errors.js'
import { impersonationOf } from './impersonation.js'
import { member } from './json.js'
import { andThen, type Eventually } from './eventually.js'
import type { ClerkAuthOptions } from './options.js'
import { readHeader } from './token-reader.js'
import { acceptedTypes, requirementCheck, type AuthOfAcceptsToken, type Requirements } from './requirement.js'

export type { Environment } from './environment.js'
export type { Eventually } from './eventually.js'
export { checkOptions } from './options.js'
export { acceptedTypes } from './requirement.js'
export type { AuthOfAcceptsToken, AuthOfRequirements } from './requirement.js'

// Not a name like `req.auth`: other libraries write that one, and reading theirs as ours would be a bypass.
export const STATE: unique symbol = Symbol.for('clerk-auth.state')

interface State {
  readonly clerk: ClerkAuthInternals
  readonly source: AuthSource
  readonly auth: Auth
  /** The kinds that the middleware, or a guard on this way, verifies. */
  readonly accepted: Accepted
  /** The kinds that the last guard lets pass; `undefined` before there was one. */
  readonly guarded: Accepted | undefined
}

/** What a guard does with a caller who may not pass. */
export type Refusal =
  { readonly answer: Pick<Challenge, 'status' | 'headers'> & { readonly body: object } } | { readonly error: AuthError }

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
 * Works out who sent a request and keeps that with it. Refuses nobody.
 *
 * Of two instances on one way the inner one counts; one instance does its work once.
 */
export function identify(request: object, source: AuthSource, clerk: ClerkAuth<AcceptsToken>): Eventually<void> {
  const internals = internalsOf(clerk)!
  if (stateOf(request)?.clerk === internals) return
  const { accepted } = internals.settings
  return andThen(internals.authenticate(source, accepted), (auth) =>
    setState(request, { clerk: internals, source, auth, accepted, guarded: undefined }),
  )
}

export interface GetAuthOptions<A extends AcceptsToken = AcceptsToken> {
  /** The kinds of credential to look for. Default: those that the guard of the route lets pass, else `session_token`. */
  readonly acceptsToken?: A
}

/**
 * Who sent a request, as {@link identify} found out. Another kind of credential than asked for is nobody's, with
 * `token-type-mismatch`.
 *
 * @throws {TypeError} where the middleware did not run, or a kind is asked for that nobody on this way verifies
 */
export function authOf<A extends AcceptsToken = 'session_token'>(
  request: object,
  options?: GetAuthOptions<A>,
): AuthOfAcceptsToken<A> | Unauthenticated {
  const { auth, accepted, guarded } = mountedState(request, 'getAuth()')
  const acceptsToken = options && member(options, 'acceptsToken')
  const asked = acceptsToken === undefined ? (guarded ?? SESSION) : askedTypes(acceptsToken, accepted)
  const isAsked = !auth.isAuthenticated || asked.has(auth.tokenType)
  return (isAsked ? auth : unauthenticated(mismatch(auth.tokenType))) as AuthOfAcceptsToken<A> | Unauthenticated
}

const SESSION: Accepted = new Set(['session_token'] as const)

function askedTypes(acceptsToken: AcceptsToken, accepted: Accepted): Accepted {
  const verdict = checkAcceptsToken(acceptsToken)
  if (verdict !== true) throw new TypeError(`getAuth(): "acceptsToken" ${verdict}`)
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
 * The token of a request, to pass on. It is read again, for it is never kept: as the middleware reads it, where that ran.
 *
 * @returns `null` where there is none, or none that can be read
 */
export function tokenOf(request: object, source: AuthSource): string | null {
  try {
    const sent = (stateOf(request)?.clerk.readToken ?? readHeader)(source)
    // The middleware has read this request, so nothing is left to wait for.
    if (!sent || sent instanceof Promise) return null
    checkBearerToken(sent.token)
    return sent.token
  } catch (error) {
    if (AuthError.is(error)) return null
    throw error
  }
}

/**
 * A guard: whether the caller meets the requirement, and else what to do.
 *
 * @throws {TypeError} where the requirement can never be met or has a field that there is none of
 */
export function guard<Request extends object>(
  requirement: Requirements<Request>,
): (holder: object, request: Request) => Eventually<Refusal | undefined> {
  const check = requirementCheck(requirement)
  const guarded = acceptedTypes(requirement)
  return (holder, request) => {
    const state = mountedState(holder, 'requireAuth()')
    return andThen(callerOf(state, guarded), (auth) => {
      // Not before it has let the caller pass does a guard say whom getAuth() gives: a handler for errors, for one, is
      // reached without that.
      const verified = { ...state, auth, guarded: undefined, accepted: union(state.accepted, guarded) }
      setState(holder, verified)
      return andThen(check(auth, request), (error) => {
        if (error) return refusalOf(error, auth, request, state.clerk)
        setState(holder, { ...verified, guarded })
        return undefined
      })
    })
  }
}

function union(accepted: Accepted, guarded: Accepted): Accepted {
  for (const kind of guarded) if (!accepted.has(kind)) return new Set([...accepted, ...guarded])
  return accepted
}

/** A kind that this guard accepts and the middleware left alone is verified now: other routes do not pay for it. */
function callerOf({ clerk, source, auth }: State, guarded: Accepted): Eventually<Auth> {
  if (auth.isAuthenticated || auth.error.code !== 'token-type-mismatch') return auth
  const { tokenType } = auth.error
  const isNews = (guarded as ReadonlySet<TokenType | null>).has(tokenType)
  return isNews ? clerk.authenticate(source, guarded) : auth
}

/** Goes on with the value of `work`, in the same turn where it is there already. */
export function settle<T>(work: () => Eventually<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
  let value: Eventually<T>
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

function refusalOf(error: AuthError, auth: Auth, request: object, { settings, emit }: ClerkAuthInternals): Refusal {
  const { realm, refusals, refusalBody } = settings.options
  const { code, tokenType } = error
  // What is wrong with a credential was told when it was read.
  if (auth.isAuthenticated || (code === 'token-type-mismatch' && tokenType)) {
    const impersonation = impersonationOf(auth)
    emit({ type: 'requirement-refused', code, tokenType, ...(impersonation && { impersonation }) })
  }
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

function mountedState(request: object, reader: string): State {
  const state = stateOf(request)
  if (!state) throw new TypeError(`${reader} needs clerkAuth() to run first: mount it before the routes`)
  return state
}

function stateOf(request: object): State | undefined {
  return (request as Record<symbol, State | undefined>)[STATE]
}

function setState(request: object, state: State): void {
  ;(request as Record<symbol, State>)[STATE] = state
}
