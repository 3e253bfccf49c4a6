import type { AuthSource } from './auth-source.js'
import { readBearerToken } from './authorization.js'
import { andThen, type MaybePromise } from '../support/maybe-promise.js'
import { checkOrigin, readSessionCookie } from './session-cookie.js'

/** A token as a request carries it. Nothing is known of it yet. */
export interface SentToken {
  readonly token: string
  readonly from: 'header' | 'cookie'
}

/**
 * Gives the token that a request carries; `undefined` where there is none. Throws an `AuthError`:
 * `credentials-malformed`, `credentials-ambiguous` or `origin-not-allowed`.
 */
export type TokenReader = (source: AuthSource) => MaybePromise<SentToken | undefined>

/** When a cookie counts. */
export interface CookieRules {
  /** What the cookie is called; the first that is there counts. */
  readonly names: MaybePromise<readonly string[]>
  /** Those that may send a request with a cookie that does more than read. */
  readonly origins: readonly string[]
}

export function readHeader(source: AuthSource): SentToken | undefined {
  const token = readBearerToken(source)
  return token === undefined ? undefined : { token, from: 'header' }
}

/** The header counts. Only where it holds no token is the cookie looked at. */
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
