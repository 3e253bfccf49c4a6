import type { EndpointRequest } from './endpoint.js'
import { errorAnswer } from './errors.js'
import type { Answer } from './answer.js'

/** The versions that the instance speaks. They differ in one rule: the newer has another operation for metadata. */
const SPOKEN = ['2025-11-10', '2026-05-12'] as const

export type ApiVersion = (typeof SPOKEN)[number]

/** Versions that Clerk has published and the instance answers as 2025-11-10. */
const ALSO_ACCEPTED = ['2021-02-05', '2024-10-01', '2025-03-12', '2025-04-10', '2025-12-03']

/** The version that a request without one gets. */
export const NEWEST_VERSION: ApiVersion = '2026-05-12'

/** The version of the answer to a request. */
export function apiVersionOf(request: EndpointRequest): ApiVersion {
  const [requested] = requestedVersions(request)
  if (requested === undefined) return NEWEST_VERSION
  return SPOKEN.find((version) => version === requested) ?? '2025-11-10'
}

/** @returns `undefined` if the version is acceptable */
export function refuseVersion(request: EndpointRequest): Answer | undefined {
  const [version, ...more] = requestedVersions(request)
  if (more.length > 0) return invalidVersion('it was sent more than once')
  if (version === undefined || [...SPOKEN, ...ALSO_ACCEPTED].includes(version)) return undefined
  return invalidVersion('it is not a published version')
}

function requestedVersions({ headers, query }: EndpointRequest): readonly string[] {
  return [headers['clerk-api-version'] ?? [], query.getAll('__clerk_api_version')].flat()
}

function invalidVersion(reason: string): Answer {
  return errorAnswer('api_version_invalid', `Invalid Clerk API version: ${reason}`)
}
