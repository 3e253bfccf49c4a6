import { sha1 } from '#signature'
import { headerOf, methodOf, type AuthSource } from './auth-source.js'
import { AuthError } from './errors.js'
import { andThen, type Eventually } from './eventually.js'

const NAME = '__session'

/** As much of the digest of the publishable key as stands in the name of a cookie. */
const SUFFIX_LENGTH = 8

/**
 * What the cookie with the session token is called. The name that says which instance it belongs to comes first: two
 * instances on one domain do not read each other's.
 *
 * Source: https://clerk.com/docs/guides/how-clerk-works/cookies
 */
export function sessionCookieNames(publishableKey: string | undefined): Eventually<readonly string[]> {
  if (publishableKey === undefined) return [NAME]
  return andThen(sha1(publishableKey.trim()), (digest) => [`${NAME}_${digest.slice(0, SUFFIX_LENGTH)}`, NAME])
}

/**
 * Reads the session token that a browser sent along as a cookie (RFC 6265 section 5.4).
 *
 * @param names the first of them that is there counts
 * @returns `undefined` where none is there, or an empty one, as after signing out
 * @throws {AuthError} `credentials-ambiguous` where a name is there with two values, or `credentials-malformed`
 */
export function readSessionCookie(source: AuthSource, names: readonly string[]): string | undefined {
  const header = headerOf(source, 'cookie')
  if (header === undefined) return undefined
  const headers: readonly unknown[] = Array.isArray(header) ? header : [header]
  if (!headers.every((text) => typeof text === 'string')) throw new AuthError('credentials-malformed')
  const pairs = headers.join(';').split(';')
  for (const name of names) {
    // Not the first of two: whoever can set a cookie on a sibling domain would choose which one is read.
    const [value, ...others] = new Set(valuesOf(pairs, name))
    if (others.length > 0) throw new AuthError('credentials-ambiguous')
    if (value) return value
  }
  return undefined
}

/** A browser puts one space before each pair but the first, and none elsewhere: RFC 6265 section 4.2.1. */
function valuesOf(pairs: readonly string[], name: string): string[] {
  return pairs.flatMap((pair) => {
    const trimmed = pair.replace(/^[ \t]+/, '')
    return trimmed.startsWith(`${name}=`) ? [trimmed.slice(name.length + 1).replace(/^"(.*)"$/, '$1')] : []
  })
}

/**
 * Refuses a request that another site may have made a browser send: a cookie goes along with those too. Whoever only
 * reads is let through, for the other site does not see the answer.
 *
 * @param origins those that may send a request with a cookie
 * @throws {AuthError} `origin-not-allowed`
 */
export function checkOrigin(source: AuthSource, origins: readonly string[]): void {
  if (isSafe(source) || headerOf(source, 'sec-fetch-site') === 'same-origin') return
  const origin = headerOf(source, 'origin')
  if (typeof origin === 'string' && origins.includes(origin)) return
  throw new AuthError('origin-not-allowed', { tokenType: 'session_token' })
}

/** RFC 9110 section 9.2.1. A WebSocket begins with GET, and the other site may read what comes of it: RFC 6455 section 10.2. */
function isSafe(source: AuthSource): boolean {
  const method = methodOf(source)
  return (method === 'GET' || method === 'HEAD') && headerOf(source, 'upgrade') === undefined
}
