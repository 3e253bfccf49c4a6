import { isLoopback } from '../support/loopback.js'

/** `http` on loopback, with any port: an application on the user's computer listens on a free one. */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:[/?].*)?)$/

/** What a browser runs or shows itself, in place of opening an application. */
const NOT_OF_APPLICATIONS = ['about:', 'blob:', 'data:', 'file:', 'javascript:', 'vbscript:', 'ws:', 'wss:']

/** Whether users may be sent there: `https`, `http` on loopback, or the scheme of an application. No fragment. */
export function isRedirectUri(uri: string): boolean {
  if (!canRedirectTo(uri)) return false
  const { protocol, hostname } = new URL(uri)
  if (protocol === 'http:') return isLoopback(hostname)
  return !NOT_OF_APPLICATIONS.includes(protocol)
}

/** Whether a `Location` can lead there with the answer appended: a URI, which is ASCII, without a fragment. */
export function canRedirectTo(uri: string): boolean {
  return URL.canParse(uri) && /^[\x21\x22\x24-\x7e]+$/.test(uri)
}

export const REDIRECT_URI_RULE = 'a URI of https, of http on loopback, or of an application, without a fragment'

/** From 1 to 100. */
export function isListOfRedirectUris(uris: unknown): uris is readonly string[] {
  const isValid = (uri: unknown) => typeof uri === 'string' && uri.length <= 1024 && isRedirectUri(uri)
  return Array.isArray(uris) && uris.length >= 1 && uris.length <= 100 && uris.every(isValid)
}

/**
 * Whether a requested URI is a registered one: the same, character by character (RFC 9700 section 2.1), except for the
 * port of a native application (RFC 8252 section 7.3).
 */
export function isSameRedirectUri(registered: string, requested: string, isNative: boolean): boolean {
  if (registered === requested) return true
  const [expected, given] = [LOOPBACK.exec(registered), LOOPBACK.exec(requested)]
  return isNative && expected !== null && given !== null && expected[1] === given[1] && expected[2] === given[2]
}
