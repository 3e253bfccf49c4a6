import { sha1 } from '#signature'
import { headerOf, methodOf, type AuthSource } from './auth-source.js'
import { AuthError } from '../auth/errors.js'
import { andThen, type MaybePromise } from '../support/maybe-promise.js'
import { MAX_TOKEN_LENGTH } from '../token/jws.js'

const NAME = '__session'

/** As much of the digest of the publishable key as stands in the name of a cookie. */
const SUFFIX_LENGTH = 8

/**
 * What the cookie with the session token is called. The name that says which instance it belongs to comes first: two
 * instances on one domain do not read each other's.
 *
 * Source: https://clerk.com/docs/guides/how-clerk-works/cookies
 */
export function sessionCookieNames(publishableKey: string | undefined): MaybePromise<readonly string[]> {
  if (publishableKey === undefined) return [NAME]
  return andThen(sha1(publishableKey.trim()), (digest) => [`${NAME}_${digest.slice(0, SUFFIX_LENGTH)}`, NAME])
}

/** Characters of all `Cookie` headers of a request together: as much as Node accepts over HTTP/1.1. */
const MAX_COOKIES_LENGTH = 16_384
/** Browsers send a few: one for each instance that the site has used. Each one costs a search. */
const MAX_SESSION_COOKIES = 64

/**
 * Reads the session token from the cookies of a request (RFC 6265 section 5.4), in one pass and with little work,
 * whatever they hold.
 *
 * @param names in order of precedence; each begins with `__session`
 * @returns `undefined` if no cookie has one of these names, or only an empty one, as after signing out
 * @throws {AuthError} `credentials-ambiguous` for two values of one name; `token-too-large`; `credentials-malformed` for
 * more than 16 KiB of cookies, which are not read, or more than 64 session cookies
 */
export function readSessionCookie(source: AuthSource, names: readonly string[]): string | undefined {
  const cookies = cookiesOf(source)
  if (cookies === undefined) return undefined
  const pairs = sessionPairs(cookies)
  for (const name of names) {
    const [value, ...others] = pairs.filter((pair) => pair.name === name).map((pair) => pair.value)
    // Not the first of two: whoever can set a cookie on a sibling domain would choose which one is read.
    if (others.some((other) => other !== value)) throw new AuthError('credentials-ambiguous')
    if (value && value.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')
    if (value) return value
  }
  return undefined
}

/** All `Cookie` headers as one: HTTP/2 splits them (RFC 9113 section 8.2.3), and a source may keep them as a list. */
function cookiesOf(source: AuthSource): string | undefined {
  const header = headerOf(source, 'cookie')
  if (header === undefined) return undefined
  const headers: readonly unknown[] = Array.isArray(header) ? header : [header]
  let length = -1
  for (const cookies of headers) {
    if (typeof cookies !== 'string') throw new AuthError('credentials-malformed')
    length += cookies.length + 1
    if (length > MAX_COOKIES_LENGTH)
      throw new AuthError('credentials-malformed', { message: 'the cookies of the request are larger than 16 KiB' })
  }
  return headers.join(';')
}

interface CookiePair {
  readonly name: string
  readonly value: string
}

/** The cookies whose names begin with `__session`. Only those are looked at: splitting all of them would cost far more. */
function sessionPairs(cookies: string): CookiePair[] {
  const pairs: CookiePair[] = []
  let searches = 0
  for (let at = cookies.indexOf(NAME); at !== -1;) {
    if (++searches > MAX_SESSION_COOKIES)
      throw new AuthError('credentials-malformed', { message: 'the request has too many session cookies' })
    const semicolon = cookies.indexOf(';', at)
    const end = semicolon === -1 ? cookies.length : semicolon
    const equals = cookies.indexOf('=', at)
    if (startsPair(cookies, at) && equals !== -1 && equals < end)
      pairs.push({ name: cookies.slice(at, equals), value: unquoted(cookies.slice(equals + 1, end)) })
    at = cookies.indexOf(NAME, end)
  }
  return pairs
}

const SEMICOLON = 0x3b
const SPACE = 0x20
const TAB = 0x09

/** A browser puts one space before each pair but the first: RFC 6265 section 4.2.1. */
function startsPair(cookies: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before--) {
    const character = cookies.charCodeAt(before)
    if (character !== SPACE && character !== TAB) return character === SEMICOLON
  }
  return true
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
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
