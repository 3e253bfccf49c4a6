import { sha1 } from '#signature'
import { headerOf, methodOf, type AuthSource } from './auth-source.js'
import { AuthError } from '../auth/errors.js'
import { andThen, type MaybePromise } from '../support/maybe-promise.js'
import { MAX_TOKEN_LENGTH } from '../token/jws.js'

const NAME = '__session'

/** The length of the publishable key digest in the cookie name. */
const SUFFIX_LENGTH = 8

/**
 * The names of the session cookie. The name specific to the instance comes first, so that two instances on one domain
 * do not read each other's cookies.
 *
 * Source: https://clerk.com/docs/guides/how-clerk-works/cookies
 */
export function sessionCookieNames(publishableKey: string | undefined): MaybePromise<readonly string[]> {
  if (publishableKey === undefined) return [NAME]
  return andThen(sha1(publishableKey.trim()), (digest) => [`${NAME}_${digest.slice(0, SUFFIX_LENGTH)}`, NAME])
}

/** Total characters of the `Cookie` headers of a request: Node's limit for HTTP/1.1. */
const MAX_COOKIES_LENGTH = 16_384
/** Browsers send only a few, one for each instance that the site has used. Each costs a search. */
const MAX_SESSION_COOKIES = 64

/**
 * Reads the session token from the cookies of a request (RFC 6265 section 5.4), in one pass with bounded work.
 *
 * @param names in order of precedence; each begins with `__session`
 * @returns `undefined` if no cookie has one of these names, or only an empty one, as after signing out
 * @throws {AuthError} `credentials-ambiguous` for two values of one name; `token-too-large`; `credentials-malformed`
 * for more than 16 KiB of cookies, which are not read, or more than 64 session cookies
 */
export function readSessionCookie(source: AuthSource, names: readonly string[]): string | undefined {
  const cookies = cookiesOf(source)
  if (cookies === undefined) return undefined
  const pairs = sessionPairs(cookies)
  for (const name of names) {
    const [value, ...others] = pairs.filter((pair) => pair.name === name).map((pair) => pair.value)
    // Do not just take the first: an attacker who can set cookies on a sibling domain could choose which one is read.
    if (others.some((other) => other !== value)) throw new AuthError('credentials-ambiguous')
    if (value && value.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')
    if (value) return value
  }
  return undefined
}

/** Joins all `Cookie` headers: HTTP/2 splits them (RFC 9113 section 8.2.3), and a source may keep them as a list. */
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

/** The cookies whose names start with `__session`. Parsing all of them would cost far more. */
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

/** Browsers put one space before each pair except the first: RFC 6265 section 4.2.1. */
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
 * Refuses requests that another site may have caused (CSRF), because browsers attach the cookie to those too. Reads are
 * allowed, because the other site cannot see the response.
 *
 * @param origins origins that may send requests with a cookie
 * @throws {AuthError} `origin-not-allowed`
 */
export function checkOrigin(source: AuthSource, origins: readonly string[]): void {
  if (isSafe(source) || headerOf(source, 'sec-fetch-site') === 'same-origin') return
  const origin = headerOf(source, 'origin')
  if (typeof origin === 'string' && origins.includes(origin)) return
  throw new AuthError('origin-not-allowed', { tokenType: 'session_token' })
}

/**
 * RFC 9110 section 9.2.1. A WebSocket starts with GET, but other sites can read its messages: RFC 6455 section 10.2.
 */
function isSafe(source: AuthSource): boolean {
  const method = methodOf(source)
  return (method === 'GET' || method === 'HEAD') && headerOf(source, 'upgrade') === undefined
}
