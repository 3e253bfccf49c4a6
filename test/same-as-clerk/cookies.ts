import { createHash } from 'node:crypto'
import { KEYS } from './both.js'
import { SECOND, sessionToken, type Claims, type Header } from './tokens.js'

export const APP = 'https://app.example.com'

/** The options of both for reading cookies. Clerk's SDK always reads them. */
export const COOKIES = {
  authorizedParties: [APP],
  here: { cookies: true, publishableKey: KEYS.publishableKey },
}

/** The suffix of the cookie names, which identifies the instance. */
export const SUFFIX = createHash('sha1').update(KEYS.publishableKey).digest('base64url').slice(0, 8)
export const SUFFIXED = `__session_${SUFFIX}`

/** The time of the sign-in, as Clerk's frontend sets it: without it, Clerk's SDK accepts no session cookie. */
const SIGNED_IN = [`__client_uat=${SECOND - 60}`, `__client_uat_${SUFFIX}=${SECOND - 60}`]

/** A session token for the cookie: its authorized party is the site. */
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
