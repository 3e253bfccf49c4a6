import type { StoredApiKey } from '../tokens/api-key.js'
import { jsonAnswer } from '../api/answer.js'
import { proxied } from './backend-api.js'
import type { Endpoint } from '../api/endpoint.js'
import { readBodyFields } from './fields.js'
import { presented, statusFields, type TokenStore, type Verification } from '../tokens/token-store.js'

export interface ApiKeyApi extends Verification {
  readonly keys: TokenStore<StoredApiKey>
}

export function verifyApiKey(api: ApiKeyApi): readonly Endpoint[] {
  return proxied({
    operation: 'verifyApiKey',
    method: 'POST',
    path: '/api_keys/verify',
    async answer(request) {
      const { secret } = await readBodyFields(request, FIELDS, { strict: true })
      return jsonAnswer(apiKeyJson(presented(api.keys, secret, api), api.now()))
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
