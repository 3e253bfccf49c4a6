import type { Endpoint } from '../../api/endpoint.js'
import { jsonAnswer } from '../../api/answer.js'
import type { Instance } from '../../instance/instance.js'
import { operation } from '../operation.js'

export const jwks = [operation('GetJWKS', 'GET /v1/jwks', { run: ({ instance }) => keySet(instance) })]

/** The same key set in the Frontend API, public and counted as the same operation. */
export function publicJwks(instance: Instance): Endpoint {
  return {
    method: 'GET',
    path: '/.well-known/jwks.json',
    operation: 'GetJWKS',
    answer: () => jsonAnswer(keySet(instance)),
  }
}

function keySet({ keys }: Instance) {
  return { keys: keys.published.map(({ publicJwk }) => publicJwk) }
}
