import type { AuthSource } from './auth-source.js'
import { readBearerToken } from './authorization.js'
import { andThen, type MaybePromise } from '../support/maybe-promise.js'
import { checkOrigin, readSessionCookie } from './session-cookie.js'

/** A token from a request, **not** verified. */
export interface SentToken {
  readonly token: string
  readonly from: 'header' | 'cookie'
}

/**
 * Reads the token of a request; `undefined` if there is none. Throws an `AuthError`: `credentials-malformed`,
 * `credentials-ambiguous` or `origin-not-allowed`.
 */
export type TokenReader = (source: AuthSource) => MaybePromise<SentToken | undefined>

/** Which cookies are accepted. */
export interface CookieRules {
  /** The names of the cookie, in order of precedence. */
  readonly names: MaybePromise<readonly string[]>
  /** Origins that may send unsafe requests with a cookie. */
  readonly origins: readonly string[]
}

export function readHeader(source: AuthSource): SentToken | undefined {
  const token = readBearerToken(source)
  return token === undefined ? undefined : { token, from: 'header' }
}

/** Reads the cookie only if the header has no token. */
export function headerOrCookieReader({ names, origins }: CookieRules): TokenReader {
  let known: readonly string[] | undefined
  const named = andThen(names, (settled) => (known = settled))
  return (source) => readHeader(source) ?? andThen(known ?? named, (names) => fromCookie(source, names, origins))
}

function fromCookie(source: AuthSource, names: readonly string[], origins: readonly string[]): SentToken | undefined {
  const token = readSessionCookie(source, names)
  if (token === undefined) return undefined
  checkOrigin(source, origins)
  return { token, from: 'cookie' }
}
