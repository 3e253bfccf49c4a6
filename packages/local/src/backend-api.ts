import type { Answer } from './answer.js'
import type { EndpointRequest } from './endpoint.js'
import { errorAnswer } from './errors.js'

/** Every version that Clerk has published a specification of, oldest first. */
const API_VERSIONS = [
  '2021-02-05',
  '2024-10-01',
  '2025-03-12',
  '2025-04-10',
  '2025-11-10',
  '2025-12-03',
  '2026-05-12',
] as const

/** What Clerk refuses before it looks for the operation: an unknown path without a key is 401, not 404. */
export function refuseBeforeRouting(request: EndpointRequest, secretKey: string): Answer | undefined {
  return refuseAuthorization(request, secretKey) ?? refuseVersion(request)
}

/** The version that a request is answered by. */
export function apiVersionOf(request: EndpointRequest): string {
  return askedVersions(request).find(isKnownVersion) ?? API_VERSIONS[API_VERSIONS.length - 1]!
}

function refuseAuthorization({ path, headers }: EndpointRequest, secretKey: string): Answer | undefined {
  if (path !== '/v1' && !path.startsWith('/v1/')) return undefined
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (key === undefined) return errorAnswer('authorization_header_format_invalid')
  return key === secretKey ? undefined : errorAnswer('clerk_key_invalid')
}

function refuseVersion(request: EndpointRequest): Answer | undefined {
  const [version, ...more] = askedVersions(request)
  if (more.length > 0) return invalidVersion('it is given more than once')
  if (version !== undefined && !isKnownVersion(version)) return invalidVersion('it is not a published version')
  return undefined
}

function askedVersions({ headers, query }: EndpointRequest): readonly string[] {
  return [headers['clerk-api-version'] ?? [], query.getAll('__clerk_api_version')].flat()
}

function isKnownVersion(version: string): boolean {
  return API_VERSIONS.some((known) => known === version)
}

function invalidVersion(reason: string): Answer {
  return errorAnswer('api_version_invalid', `Invalid Clerk API version: ${reason}`)
}
