import type { AcceptsToken } from '../kinds/accepts-token.js'
import type { Auth } from '../auth/auth.js'
import type { AuthSource } from '../request/auth-source.js'
import { createClerkAuth, internalsOf, type ClerkAuth } from '../clerk-auth.js'
import type { Environment } from '../config/environment.js'
import type { ClerkAuthOptions } from '../config/options.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import { addState, stateBy } from './state.js'

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
      resource: undefined,
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
