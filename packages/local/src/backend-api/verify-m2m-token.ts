import { jsonAnswer } from '../api/answer.js'
import { bearerOf, proxied } from './backend-api.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields } from './fields.js'
import type { StoredM2MToken } from '../tokens/m2m-token.js'
import type { Machines } from '../tokens/machines.js'
import type { KeyRing } from '../tokens/keys.js'
import { m2mTokenOfJwt } from '../tokens/m2m-jwt.js'
import { presented, statusFields, type TokenStore, type Verification } from '../tokens/token-store.js'

export interface M2MTokenApi extends Verification {
  readonly tokens: TokenStore<StoredM2MToken>
  readonly machines: Machines
  readonly keys: KeyRing
}

/** With the instance's secret key: any token. With a machine's secret key: only tokens for that machine. */
export function verifyM2MToken(api: M2MTokenApi): readonly Endpoint[] {
  const { tokens, machines, keys, isSubject, now, settings } = api
  return proxied({
    operation: 'verifyM2MToken',
    method: 'POST',
    path: '/m2m_tokens/verify',
    async answer(request) {
      const { token } = await readBodyFields(request, FIELDS, { strict: true })
      const jwtRecord = await m2mTokenOfJwt(token, keys, now())
      const found = jwtRecord && isSubject(jwtRecord.subject) ? jwtRecord : presented(tokens, token, api)
      const receiver = machines.bySecret(bearerOf(request) ?? '')
      if (receiver && !found.scopes.includes(receiver.id))
        throw new Refusal(settings.outOfScope === '404' ? 'resource_not_found' : 'authorization_invalid')
      return jsonAnswer(m2mTokenJson(found, now()))
    },
  })
}

export function m2mTokenJson(token: StoredM2MToken, now: number): object {
  return {
    object: 'machine_to_machine_token',
    id: token.id,
    subject: token.subject,
    claims: token.claims,
    scopes: token.scopes,
    ...statusFields(token, now),
  }
}

const FIELDS = { token: { type: 'string', required: true } } as const
