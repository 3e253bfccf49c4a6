import { jsonAnswer } from '../http/answer.js'
import { bearerOf, proxied } from './backend-api.js'
import type { Endpoint } from '../http/endpoint.js'
import { Refusal } from '../http/errors.js'
import { readBodyFields } from './fields.js'
import type { StoredM2MToken } from '../tokens/m2m-token.js'
import type { Machines } from '../tokens/machines.js'
import type { LocalSettings } from '../settings.js'
import type { KeyRing } from '../tokens/keys.js'
import { m2mTokenOfJwt } from '../tokens/m2m-jwt.js'
import { presented, statusFields, type TokenStore } from '../tokens/token-store.js'

export interface M2MTokenApi {
  readonly tokens: TokenStore<StoredM2MToken>
  readonly machines: Machines
  readonly keys: KeyRing
  readonly now: () => number
  readonly settings: Required<LocalSettings>
}

/** With the secret key: any token. With that of a machine: a token that is for this machine. */
export function verifyM2MToken({ tokens, machines, keys, now, settings }: M2MTokenApi): readonly Endpoint[] {
  return proxied({
    operation: 'verifyM2MToken',
    method: 'POST',
    path: '/m2m_tokens/verify',
    async answer(request) {
      const { token } = await readBodyFields(request, FIELDS, { strict: true })
      const ofJwt = await m2mTokenOfJwt(token, keys, now())
      const found = ofJwt ?? presented(tokens, token, now(), settings)
      const receiver = machines.bySecret(bearerOf(request) ?? '')
      if (!machines.byId(found.subject)) throw new Refusal('resource_not_found', 'The machine of the token is no more')
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
