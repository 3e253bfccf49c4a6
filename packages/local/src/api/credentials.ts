import type { Answer } from './answer.js'
import type { EndpointRequest } from './endpoint.js'
import { errorAnswer } from './errors.js'

/** Who may call the Backend API. */
export interface Credentials {
  readonly secretKey: string
  readonly isMachineSecret: (secret: string) => boolean
}

/** Paths that Clerk serves through a proxy with its own error body, also without `/v1`. */
const PROXIED = /^(\/v1)?\/(m2m_tokens|api_keys|oauth_applications\/access_tokens)(\/|$)/

/** The only part of the Backend API that machines may call. */
const OF_MACHINES = /^(\/v1)?\/m2m_tokens(\/|$)/

/** The only part that anyone may call. */
export const INTERSTITIAL_PATH = '/v1/public/interstitial'

export function isProxied(path: string): boolean {
  return PROXIED.test(path)
}

/** The bearer token of a request. */
export function bearerOf({ headers }: EndpointRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Checked before routing, as in Clerk: an unknown path without a key is 401, not 404. */
export function refuseAuthorization(request: EndpointRequest, credentials: Credentials): Answer | undefined {
  const { path } = request
  if (path !== '/v1' && !path.startsWith('/v1/') && !isProxied(path)) return undefined
  if (path === INTERSTITIAL_PATH) return undefined
  const key = bearerOf(request)
  if (key === undefined) return errorAnswer('authorization_header_format_invalid')
  if (key === credentials.secretKey) return undefined
  if (!key.startsWith('ak_') || !OF_MACHINES.test(path)) return errorAnswer('clerk_key_invalid')
  return credentials.isMachineSecret(key) ? undefined : errorAnswer('machine_secret_key_invalid')
}
