import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import type { KeyRing } from '../tokens/keys.js'

/** The published key set, at the paths of the Backend API and the frontend API. */
export function getJwks(keys: KeyRing): readonly Endpoint[] {
  const answer = () => jsonAnswer({ keys: keys.published.map(({ publicJwk }) => publicJwk) })
  return [
    { operation: 'GetJWKS', method: 'GET', path: '/v1/jwks', answer },
    { operation: 'GetJWKS', method: 'GET', path: '/.well-known/jwks.json', answer },
  ]
}
