import { isLoopback } from '../token/local-issuer.js'
import type { ClerkAuthOptions } from './options.js'

/**
 * The origin of the Frontend API, which is also the issuer.
 *
 * @throws {TypeError} naming the option
 */
export function frontendApiOf(
  { frontendApiUrl, publishableKey }: ClerkAuthOptions,
  insecure: boolean,
): string | undefined {
  if (frontendApiUrl !== undefined) return originOf('frontendApiUrl', frontendApiUrl, insecure)
  if (publishableKey === undefined) return undefined
  const host = hostOfPublishableKey(publishableKey)
  return originOf('publishableKey', isLoopback(host.replace(/:\d+$/, '')) ? `http://${host}` : host, insecure)
}

function originOf(option: string, value: string, insecure: boolean): string {
  const text = /^[a-z]+:\/\//i.test(value) ? value : `https://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.username || url.password || url.pathname !== '/' || url.search || url.hash)
    throw new TypeError(`option "${option}" is not an origin such as "https://clerk.example.com"`)
  checkProtocol(option, url, insecure)
  return url.origin
}

/** `pk_test_` or `pk_live_`, then the host of the Frontend API and a `$`, in base64. */
function hostOfPublishableKey(publishableKey: string): string {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(publishableKey.trim())?.[1]
  const decoded = encoded === undefined ? '' : decodeBase64(encoded)
  const host = /^([A-Za-z0-9.-]+(?::\d{1,5})?)\$$/.exec(decoded)?.[1]
  if (!host)
    throw new TypeError(
      'option "publishableKey" is not valid: copy CLERK_PUBLISHABLE_KEY from the API keys page of the dashboard',
    )
  return host
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}

function checkProtocol(option: string, url: URL, insecure: boolean): void {
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && (insecure || isLoopback(url.hostname))) return
  throw new TypeError(`option "${option}" must be an https: URL; http: is allowed only for loopback hosts`)
}

/**
 * The URL of the Backend API, without a trailing slash.
 *
 * @throws {TypeError} naming the option
 */
export function backendApiOf(
  { apiUrl = 'https://api.clerk.com' }: Pick<ClerkAuthOptions, 'apiUrl'>,
  insecure: boolean,
): string {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  // Not `search` and `hash`: they are empty if nothing follows the "?" or "#".
  if (!url || url.username || url.password || /[?#]/.test(apiUrl))
    throw new TypeError('option "apiUrl" is not a URL such as "https://api.clerk.com"')
  checkProtocol('apiUrl', url, insecure)
  return apiUrl.replace(/\/+$/, '')
}
