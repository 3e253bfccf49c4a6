/**
 * What the adapters share: who called, kept with the request, and a guard that reads it. An adapter adds only the
 * words of its framework.
 *
 * For adapters, those of this project and others. Applications import their adapter.
 */
import type { Auth, SessionAuth, Unauthenticated } from './auth.js'
import { readBearerToken, type AuthSource } from './authorization.js'
import { toChallenge, type Challenge } from './challenge.js'
import { createClerkAuth, internalsOf, type ClerkAuth, type ClerkAuthInternals } from './clerk-auth.js'
import { AuthError } from './errors.js'
import { andThen, rescue, type Eventually } from './eventually.js'
import type { ClerkAuthOptions, Environment } from './options.js'
import { requirementCheck, type Requirements } from './requirement.js'

export type { Eventually } from './eventually.js'
export { checkOptions, type Environment } from './options.js'

// Not a name like `req.auth`: other libraries write that one, and reading theirs as ours would be a bypass.
export const STATE: unique symbol = Symbol.for('clerk-auth.state')

interface State {
  readonly clerk: ClerkAuthInternals
  readonly auth: Auth
}

/** What a guard does with a caller who may not pass. */
export type Refusal =
  { readonly answer: Pick<Challenge, 'status' | 'headers'> & { readonly body: object } } | { readonly error: AuthError }

/**
 * The instance that a middleware works with: the one that it was given, or a new one.
 *
 * @throws {TypeError} that names the option that is wrong or missing
 */
export function instanceOf(options: ClerkAuthOptions | ClerkAuth | undefined, environment?: Environment): ClerkAuth {
  return isInstance(options) ? options : createClerkAuth(options, environment)
}

export function isInstance(options: ClerkAuthOptions | ClerkAuth | undefined): options is ClerkAuth {
  return internalsOf(options) !== undefined
}

/**
 * Works out who sent a request and keeps that with it. Refuses nobody.
 *
 * Of two instances on one way the inner one counts; one instance does its work once.
 */
export function identify(request: object, source: AuthSource, clerk: ClerkAuth): Eventually<void> {
  const internals = internalsOf(clerk)!
  if (stateOf(request)?.clerk === internals) return
  return andThen(internals.authenticate(source), (auth) => setState(request, { clerk: internals, auth }))
}

/**
 * Who sent a request, as {@link identify} found out.
 *
 * @throws {TypeError} where the middleware did not run
 */
export function authOf(request: object): SessionAuth | Unauthenticated {
  return mountedState(request, 'getAuth()').auth
}

/**
 * The bearer token of a request, to pass on. It is read from the header again, for it is never kept.
 *
 * @returns `null` where there is none, or none that can be read
 */
export function tokenOf(source: AuthSource): string | null {
  const token = rescue(() => readBearerToken(source), nullForRefusal)
  return (token as string | null | undefined) ?? null
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
  return (holder, request) => {
    const { clerk, auth } = mountedState(holder, 'requireAuth()')
    return andThen(check(auth, request), (error) => error && refusalOf(error, request, clerk))
  }
}

/** Goes on with the value of `work`, in the same turn where it is there already. */
export function settle<T>(work: () => Eventually<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
  let value: Eventually<T>
  try {
    value = work()
  } catch (error) {
    return fail(error)
  }
  if (value instanceof Promise) value.then(done, fail)
  else done(value)
}

function refusalOf(error: AuthError, request: object, { settings, emit }: ClerkAuthInternals): Refusal {
  const { realm, refusals, refusalBody } = settings.options
  if (error.status === 403) emit({ type: 'requirement-refused', code: error.code, tokenType: error.tokenType })
  const { status, headers, body } = toChallenge(error, realm === undefined ? {} : { realm })
  if (refusals === 'throw') return { error: Object.assign(error, { headers }) }
  if (!refusalBody) return { answer: { status, headers, body } }
  return {
    answer: { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: refusalBody(error, request) },
  }
}

function nullForRefusal(error: unknown): null {
  if (AuthError.is(error)) return null
  throw error
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
