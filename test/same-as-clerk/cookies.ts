import { createHash } from 'node:crypto'
import { KEYS } from './both.js'
import { SECOND, sessionToken, type Claims, type Header } from './tokens.js'

export const APP = 'https://app.example.com'

/** What both are told, so that they read cookies. Clerk's SDK reads them in any case. */
export const COOKIES = {
  authorizedParties: [APP],
  here: { cookies: true, publishableKey: KEYS.publishableKey },
}

/** What stands behind the name of a cookie: which instance it belongs to. */
export const SUFFIX = createHash('sha1').update(KEYS.publishableKey).digest('base64url').slice(0, 8)
export const SUFFIXED = `__session_${SUFFIX}`

/** When the user signed in, as Clerk's frontend tells it: without that, Clerk's SDK takes no session from a cookie. */
const SIGNED_IN = [`__client_uat=${SECOND - 60}`, `__client_uat_${SUFFIX}=${SECOND - 60}`]

/** A session token for the cookie: it names the site that uses it. */
export function cookieToken(claims: Claims = {}, header: Header = {}): string {
  return sessionToken({ azp: APP, ...claims }, header)
}

/** A request with cookies. */
export function requestWithCookies(
  cookies: readonly string[],
  { signedIn = SIGNED_IN, method = 'GET', headers = {} }: RequestParts = {},
): Request {
  return new Request('https://api.example.com/', {
    method,
    headers: { Cookie: [...signedIn, ...cookies].join('; '), ...headers },
  })
}

export interface RequestParts {
  readonly signedIn?: readonly string[]
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}
