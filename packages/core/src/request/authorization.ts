import { countOf, headerOf, type AuthSource } from './auth-source.js'
import { AuthError } from '../auth/errors.js'

const SCHEME_LENGTH = 'Bearer'.length

/**
 * Reads the bearer token of a request: `Authorization: Bearer <token>` (RFC 6750 section 2.1, RFC 9110 section 11.6.2).
 * A token in the query or in the body is not looked for.
 *
 * Its characters are not looked at: {@link checkBearerToken} does, for a token that is not remembered.
 *
 * @returns `undefined` where there is no credential, or one of another scheme
 * @throws {AuthError} `credentials-malformed` or `credentials-ambiguous`
 * @throws {TypeError} where `source` has no headers to read
 */
export function readBearerToken(source: AuthSource): string | undefined {
  const value = authorizationOf(source)
  if (value === undefined) return undefined
  // A source of the application's own, such as the parameters of a WebSocket, may hold anything.
  if (typeof value !== 'string') throw new AuthError('credentials-malformed')

  const isBearer = value.charCodeAt(SCHEME_LENGTH) === 0x20 && value.slice(0, SCHEME_LENGTH).toLowerCase() === 'bearer'
  if (!isBearer) return refuseUnlessOtherScheme(value)

  return value.slice(SCHEME_LENGTH).replace(/^ +/, '')
}

/**
 * Refuses what no bearer token can be: nothing, or more than one word, or characters that no header should hold.
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

/** Another scheme is somebody else's credential, so there is none for us; what is no scheme at all is an error. */
function refuseUnlessOtherScheme(value: string): undefined {
  if (holdsTwoCredentials(value)) throw new AuthError('credentials-ambiguous')
  // One space, for those after it are among what follows: two ways to read them would take quadratic time.
  const otherScheme = /^[!#$%&'*+.^`|~\w-]+ [\x20-\x7e]+$/
  if (!otherScheme.test(value)) throw new AuthError('credentials-malformed')
  return undefined
}

/** Two headers of one name arrive joined by a comma: RFC 9110 section 5.3. */
function holdsTwoCredentials(value: string): boolean {
  return /^[^,]*,\s*bearer /i.test(value) || /^bearer +[^, ]*, [\x20-\x7e]*$/i.test(value)
}
