import type { Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { errorAnswer } from '../api/errors.js'
import { INTERSTITIAL_PATH } from './interstitial-api.js'

/** Every version for which Clerk has published a specification, oldest first. */
const API_VERSIONS = [
  '2021-02-05',
  '2024-10-01',
  '2025-03-12',
  '2025-04-10',
  '2025-11-10',
  '2025-12-03',
  '2026-05-12',
] as const

/** Paths that Clerk serves through a proxy with its own error body, also without `/v1`. */
const PROXIED = /^(\/v1)?\/(m2m_tokens|api_keys|oauth_applications\/access_tokens)(\/|$)/

/** The only part of the Backend API that machines may call. */
const OF_MACHINES = /^(\/v1)?\/m2m_tokens(\/|$)/

export function isProxied(path: string): boolean {
  return PROXIED.test(path)
}

/** The endpoint at both of its paths. */
export function proxied(endpoint: Endpoint): readonly Endpoint[] {
  return [endpoint, { ...endpoint, path: `/v1${endpoint.path}` }]
}

/** Who may call the Backend API. */
export interface Credentials {
  readonly secretKey: string
  readonly isMachineSecret: (secret: string) => boolean
}

/** Checks that Clerk makes before routing: an unknown path without a key is 401, not 404. */
export function refuseBeforeRouting(request: EndpointRequest, credentials: Credentials): Answer | undefined {
  return refuseAuthorization(request, credentials) ?? refuseVersion(request)
}

export type ApiVersion = (typeof API_VERSIONS)[number]

export const NEWEST_API_VERSION: ApiVersion = API_VERSIONS[API_VERSIONS.length - 1]!

/** The API version of the response to a request. */
export function apiVersionOf(request: EndpointRequest): ApiVersion {
  return askedVersions(request).find(isKnownVersion) ?? NEWEST_API_VERSION
}

/** The bearer token of a request. */
export function bearerOf({ headers }: EndpointRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function refuseAuthorization(request: EndpointRequest, credentials: Credentials): Answer | undefined {
  const { path } = request
  if (path !== '/v1' && !path.startsWith('/v1/') && !isProxied(path)) return undefined
  if (path === INTERSTITIAL_PATH) return undefined
  const key = bearerOf(request)
  if (key === undefined) return errorAnswer('authorization_header_format_invalid')
  if (key === credentials.secretKey) return undefined
  if (!key.startsWith('ak_') || !OF_MACHINES.test(path)) return errorAnswer('clerk_key_invalid')
  return credentials.isMachineSecret(key) ? undefined : errorAnswer('machine_secret_key_invalid')
}

function refuseVersion(request: EndpointRequest): Answer | undefined {
  const [version, ...more] = askedVersions(request)
  if (more.length > 0) return invalidVersion('it was sent more than once')
  if (version !== undefined && !isKnownVersion(version)) return invalidVersion('it is not a published version')
  return undefined
}

function askedVersions({ headers, query }: EndpointRequest): readonly string[] {
  return [headers['clerk-api-version'] ?? [], query.getAll('__clerk_api_version')].flat()
}

function isKnownVersion(version: string): version is ApiVersion {
  return API_VERSIONS.some((known) => known === version)
}

function invalidVersion(reason: string): Answer {
  return errorAnswer('api_version_invalid', `Invalid Clerk API version: ${reason}`)
}
