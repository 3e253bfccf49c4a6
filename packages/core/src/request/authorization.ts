import { countOf, headerOf, type AuthSource } from './auth-source.js'
import { AuthError } from '../auth/errors.js'

const SCHEME_LENGTH = 'Bearer'.length

/**
 * Reads the bearer token of a request: `Authorization: Bearer <token>` (RFC 6750 section 2.1, RFC 9110 section 11.6.2).
 * Tokens in the query or body are ignored.
 *
 * Does not check the characters: {@link checkBearerToken} does, for tokens that are not cached.
 *
 * @returns `undefined` if there is no credential, or one with another scheme
 * @throws {AuthError} `credentials-malformed` or `credentials-ambiguous`
 * @throws {TypeError} if `source` has no headers
 */
export function readBearerToken(source: AuthSource): string | undefined {
  const value = authorizationOf(source)
  if (value === undefined) return undefined
  // A custom source, such as the parameters of a WebSocket, may return anything.
  if (typeof value !== 'string') throw new AuthError('credentials-malformed')

  const isBearer = value.charCodeAt(SCHEME_LENGTH) === 0x20 && value.slice(0, SCHEME_LENGTH).toLowerCase() === 'bearer'
  if (!isBearer) return refuseUnlessOtherScheme(value)

  return value.slice(SCHEME_LENGTH).replace(/^ +/, '')
}

/**
 * Refuses strings that cannot be bearer tokens: empty, with spaces, or with characters that are not allowed in a
 * header.
 *
 * @throws {AuthError} `credentials-malformed` or `credentials-ambiguous`
 */
export function checkBearerToken(token: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return
  throw new AuthError(holdsTwoCredentials(`Bearer ${token}`) ? 'credentials-ambiguous' : 'credentials-malformed')
}

/** The value of the one `Authorization` header. */
function authorizationOf(source: AuthSource): unknown {
  if (countOf(source, 'authorization') > 1) throw new AuthError('credentials-ambiguous')
  const value = headerOf(source, 'authorization')
  if (!Array.isArray(value)) return value
  if (value.length > 1) throw new AuthError('credentials-ambiguous')
  return value[0]
}

/** Credentials with another scheme are not for us, so they count as missing; anything without a scheme is an error. */
function refuseUnlessOtherScheme(value: string): undefined {
  if (holdsTwoCredentials(value)) throw new AuthError('credentials-ambiguous')
  // A single space, because the rest also matches spaces: ambiguity would cause quadratic backtracking.
  const otherScheme = /^[!#$%&'*+.^`|~\w-]+ [\x20-\x7e]+$/
  if (!otherScheme.test(value)) throw new AuthError('credentials-malformed')
  return undefined
}

/** Duplicate headers arrive joined by a comma: RFC 9110 section 5.3. */
function holdsTwoCredentials(value: string): boolean {
  return /^[^,]*,\s*bearer /i.test(value) || /^bearer +[^, ]*, [\x20-\x7e]*$/i.test(value)
}
