import { jsonAnswer } from '../api/answer.js'
import { apiVersionOf, type ApiVersion } from './backend-api.js'
import type { Community } from '../people/community.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import type { KeyRing } from '../tokens/keys.js'
import { verifyOwnJwt } from '../tokens/own-jwt.js'
import { BARE_PAGE_FIELDS, barePageAnswer } from './page.js'
import { isAlive, type SessionClient } from '../people/session.js'
import { sessionJson } from './session-api.js'

/** Browsers and other clients that hold sessions. */
export function clientApi({ sessions }: Community, keys: KeyRing): readonly Endpoint[] {
  const path = '/v1/clients'

  function json(client: SessionClient, version: ApiVersion) {
    const own = sessions.all().filter((session) => session.clientId === client.id && isAlive(session))
    const [latest] = own.toSorted((a, b) => b.lastActiveAt - a.lastActiveAt)
    return {
      object: 'client',
      id: client.id,
      session_ids: own.map(({ id }) => id),
      sessions: own.map((session) => sessionJson(session, version)),
      sign_in_id: null,
      sign_up_id: null,
      last_active_session_id: latest?.id ?? null,
      ...(version !== '2025-03-12' && { last_authentication_strategy: null }),
      created_at: client.createdAt,
      updated_at: client.updatedAt,
    }
  }

  /** @throws {Refusal} */
  function clientOf(id: string): SessionClient {
    const client = sessions.clients.byId(id)
    if (!client) throw new Refusal('client_not_found', `No client was found with id ${id}`)
    return client
  }

  return [
    {
      operation: 'GetClientList',
      method: 'GET',
      path,
      answer: (request) =>
        barePageAnswer(sessions.clients.all().toReversed(), readQueryFields(request, BARE_PAGE_FIELDS), (client) =>
          json(client, apiVersionOf(request)),
        ),
    },
    {
      operation: 'VerifyClient',
      method: 'POST',
      path: `${path}/verify`,
      async answer(request) {
        const { token } = await readBodyFields(request, VERIFY_FIELDS, { strict: true })
        const jwt = await verifyOwnJwt(token, keys)
        if (!jwt) throw new Refusal('cookie_invalid', 'The token could not be verified')
        const { id, rotating_token: rotating } = jwt.claims
        const missing = Object.entries({ id, rotating_token: rotating }).filter(([, it]) => typeof it !== 'string')
        if (typeof id !== 'string' || missing.length > 0)
          throw new Refusal(
            'cookie_invalid',
            `The token is missing the following claims: ${missing.map(([name]) => name).join(', ')}`,
          )
        const client = clientOf(id)
        if (client.rotatingToken === rotating) return jsonAnswer(json(client, apiVersionOf(request)))
        throw new Refusal('cookie_invalid', "The client's rotating key does not match the given one")
      },
    },
    {
      operation: 'GetClient',
      method: 'GET',
      path: `${path}/:client_id`,
      answer(request) {
        const { client_id: id = '' } = request.params
        if (id === 'handshake_payload') throw new Refusal('resource_not_found', NO_HANDSHAKE)
        return jsonAnswer(json(clientOf(id), apiVersionOf(request)))
      },
    },
  ]
}

/** The path would otherwise match that of a client. */
const NO_HANDSHAKE =
  'The local instance has no GET /v1/clients/handshake_payload: its README lists the supported operations'

const VERIFY_FIELDS = { token: { type: 'string', required: true } } as const
