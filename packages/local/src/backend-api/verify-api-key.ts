import type { StoredApiKey } from '../tokens/api-key.js'
import { jsonAnswer } from '../http/answer.js'
import { proxied } from './backend-api.js'
import type { Endpoint } from '../http/endpoint.js'
import { Refusal } from '../http/errors.js'
import { readBodyFields } from './fields.js'
import type { LocalSettings } from '../settings.js'
import type { IsSubject } from '../tokens/subjects.js'
import { presented, statusFields, type TokenStore } from '../tokens/token-store.js'

export interface ApiKeyApi {
  readonly keys: TokenStore<StoredApiKey>
  readonly isSubject: IsSubject
  readonly now: () => number
  readonly settings: Required<LocalSettings>
}

export function verifyApiKey({ keys, isSubject, now, settings }: ApiKeyApi): readonly Endpoint[] {
  return proxied({
    operation: 'verifyApiKey',
    method: 'POST',
    path: '/api_keys/verify',
    async answer(request) {
      const { secret } = await readBodyFields(request, FIELDS, { strict: true })
      const found = presented(keys, secret, now(), settings)
      if (!isSubject(found.subject)) throw new Refusal('resource_not_found', 'The owner of the API key is no more')
      return jsonAnswer(apiKeyJson(found, now()))
    },
  })
}

export function apiKeyJson(key: StoredApiKey, now: number): object {
  return {
    object: 'api_key',
    id: key.id,
    type: key.type,
    subject: key.subject,
    name: key.name,
    description: key.description,
    claims: key.claims,
    scopes: key.scopes,
    created_by: key.createdBy,
    ...statusFields(key, now),
  }
}

const FIELDS = { secret: { type: 'string', required: true } } as const
