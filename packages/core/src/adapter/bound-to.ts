import type { AcceptsToken } from '../kinds/accepts-token.js'
import type { ClerkAuth } from '../clerk-auth.js'

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
 * @throws {TypeError} if an option is unknown, or `by` is not the return value of `clerkAuth()`
 */
export function boundTo<Request>(
  reader: string,
  options: BoundTo<Middleware<Request>> | undefined,
): ((request: Request) => ClerkAuth<AcceptsToken>) | undefined {
  if (!options) return undefined
  if (typeof options !== 'object')
    throw new TypeError(`${reader}: its last argument must be an object such as { by: … }`)
  const unknown = Object.keys(options).find((name) => name !== 'by' && name !== 'acceptsToken')
  if (unknown !== undefined) throw new TypeError(`${reader}: unknown option "${unknown}"; did you mean "by"?`)
  if (!Object.hasOwn(options, 'by')) return undefined
  const instanceFor = options.by?.[MIDDLEWARE]
  if (typeof instanceFor !== 'function')
    throw new TypeError(`${reader}: "by" must be the value that clerkAuth() returned`)
  return instanceFor
}
