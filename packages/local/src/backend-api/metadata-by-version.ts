import { apiVersionOf } from './backend-api.js'
import { unknownField } from './fields.js'
import type { EndpointRequest } from '../api/endpoint.js'

const METADATA = ['public_metadata', 'private_metadata', 'unsafe_metadata']

/**
 * Updating a user or organization could change its metadata until a version that has a separate operation for that.
 *
 * @throws {Refusal}
 */
export function refuseMetadata(request: EndpointRequest, body: object): void {
  if (apiVersionOf(request) < '2026-05-12') return
  const given = METADATA.find((name) => Object.hasOwn(body, name))
  if (given !== undefined) throw unknownField(request, given)
}
