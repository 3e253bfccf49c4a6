import { AuthError } from './errors.js'

/** Where a request's headers are read from: what a framework, the Fetch API or Node hands out, or a function. */
export type AuthSource =
  | { readonly headers: FetchHeaders | HeaderRecord; readonly rawHeaders?: readonly string[] }
  | FetchHeaders
  | HeaderReader

/** Gives the value of the header with this lower-case name. */
export type HeaderReader = (lowerCaseName: string) => string | undefined
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>
export interface FetchHeaders {
  get(name: string): string | null
}

const SCHEME_LENGTH = 'Bearer'.length

/**
 * Reads the bearer token of a request: `Authorization: Bearer <token>` (RFC 6750 section 2.1, RFC 9110 section 11.6.2).
 * A token in the query, in the body or in a cookie is not looked for.
 *
 * Its characters are not looked at: {@link checkBearerToken} does, for a token that is not remembered.
 *
 * @returns `undefined` where there is no credential, or one of another scheme
 * @throws {AuthError} `credentials-malformed` or `credentials-ambiguous`
 * @throws {TypeError} where `source` has no headers to read
 */
export function readBearerToken(source: AuthSource): string | undefined {
  const value = authorizationOf(source)
  if (value === undefined || value === null) return undefined
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

function authorizationOf(source: AuthSource): unknown {
  if (typeof source === 'function') return source('authorization')

  // `headers` before `get`: a request of Express has a `get` too, which does not tell two headers of one name.
  const { headers, rawHeaders } = (source ?? {}) as { headers?: unknown; rawHeaders?: readonly string[] }
  if (typeof headers === 'object' && headers !== null && !isFetchHeaders(headers)) {
    if (rawHeaders && countAuthorization(rawHeaders) > 1) throw new AuthError('credentials-ambiguous')
    return onlyValueOf((headers as HeaderRecord)['authorization'])
  }
  const fetchHeaders = headers ?? source
  if (isFetchHeaders(fetchHeaders)) return fetchHeaders.get('authorization')
  throw new TypeError(
    'the source has no headers: give a Request, Headers, an IncomingMessage, { headers } or a function',
  )
}

function onlyValueOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  if (value.length > 1) throw new AuthError('credentials-ambiguous')
  return value[0]
}

function isFetchHeaders(value: unknown): value is FetchHeaders {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function'
}

/** Node keeps the first of two `Authorization` headers and drops the second; only `rawHeaders` tells. */
function countAuthorization(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count
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
  return /^[^,]*,\s*bearer /i.test(value) || /^bearer [^, ]*, *[\w-]+ /i.test(value)
}
