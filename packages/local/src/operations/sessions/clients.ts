import { clientAnswer } from '../../answers/session.js'
import { Refusal } from '../../api/errors.js'
import { strict, string } from '../../model/schema.js'
import { verifyOwnJwt } from '../../tokens/own-jwt.js'
import { operation } from '../operation.js'
import { resource } from '../resource.js'

/** Browsers and other clients that hold sessions. */
const client = resource('clients', {
  path: '/v1/clients',
  param: 'client_id',
  missing: clientNotFound,
  answer: (record, { world }) => clientAnswer(record, world),
})

export const clients = [
  client.list('GetClientList', { page: 'paginated' }),

  operation('VerifyClient', 'POST /v1/clients/verify', {
    body: strict({ token: string() }),
    async run({ instance, world, body }) {
      const jwt = await verifyOwnJwt(body.token, instance.keys)
      if (!jwt) throw new Refusal('cookie_invalid', 'The token could not be verified')
      const { id, rotating_token } = jwt.claims
      const missing = Object.entries({ id, rotating_token }).filter(([, claim]) => typeof claim !== 'string')
      if (typeof id !== 'string' || missing.length > 0)
        throw new Refusal(
          'cookie_invalid',
          `The token is missing the following claims: ${missing.map(([name]) => name).join(', ')}`,
        )
      const found = world.clients.byId(id)
      if (!found) throw clientNotFound(id)
      if (found.rotating_token === rotating_token) return clientAnswer(found, world)
      throw new Refusal('cookie_invalid', "The client's rotating key does not match the given one")
    },
  }),

  client.get('GetClient'),
]

function clientNotFound(id: string): Refusal {
  // The path of an operation that the instance does not have, which matches that of a client.
  if (id === 'handshake_payload')
    return new Refusal(
      'resource_not_found',
      'The local instance has no GET /v1/clients/handshake_payload: its README lists the supported operations',
    )
  return new Refusal('client_not_found', `No client was found with id ${id}`)
}
