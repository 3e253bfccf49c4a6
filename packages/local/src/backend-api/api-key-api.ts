import { apiKeyRecord, type StoredApiKey } from '../tokens/api-key.js'
import { jsonAnswer } from '../api/answer.js'
import { proxied } from './backend-api.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { POSITIVE, readBodyFields, readPathFields, readQueryFields } from './fields.js'
import { pageOf } from './page.js'
import { isExpired } from '../tokens/token-store.js'
import { apiKeyJson, type ApiKeyApi } from './verify-api-key.js'

/** Manages API keys. */
export function apiKeyApi({ keys, isSubject, now }: ApiKeyApi): readonly Endpoint[] {
  const path = '/api_keys'

  /** @throws {Refusal} */
  function keyOf(request: EndpointRequest): StoredApiKey {
    const key = keys.byId(readPathFields(request, PATH_FIELDS).api_key_id)
    if (!key) throw new Refusal('resource_not_found', 'The API key was not found')
    return key
  }

  /** @throws {Refusal} */
  function refuseUnknownSubject(subject: string): void {
    if (!isSubject(subject)) throw new Refusal('resource_not_found', 'The subject was not found')
  }

  return [
    proxied({
      operation: 'createApiKey',
      method: 'POST',
      path,
      async answer(request) {
        const body = await readBodyFields(request, CREATE_FIELDS, { strict: true })
        const { subject, name, type = 'api_key', scopes = [], description = null, claims = null } = body
        refuseUnknownSubject(subject)
        const fields = { subject, name, type, scopes, description, claims, createdBy: body.created_by ?? null }
        const key = keys.add(apiKeyRecord(fields, body.seconds_until_expiration ?? null, now()))
        return jsonAnswer({ ...apiKeyJson(key, now()), secret: key.token })
      },
    }),
    proxied({
      operation: 'getApiKeys',
      method: 'GET',
      path,
      answer(request) {
        const asked = readQueryFields(request, LIST_FIELDS)
        const found = keys
          .ofSubject(asked.subject)
          .filter((key) => asked.type === undefined || key.type === asked.type)
          .filter((key) => asked.query === undefined || key.id === asked.query || key.name.includes(asked.query))
          .filter((key) => asked.include_invalid || (!key.revoked && !isExpired(key, now())))
        const { page, total } = pageOf(found, asked.limit, asked.offset)
        return jsonAnswer({ data: page.map((key) => apiKeyJson(key, now())), total_count: total })
      },
    }),
    proxied({
      operation: 'getApiKey',
      method: 'GET',
      path: `${path}/:api_key_id`,
      answer: (request) => jsonAnswer(apiKeyJson(keyOf(request), now())),
    }),
    proxied({
      operation: 'updateApiKey',
      method: 'PATCH',
      path: `${path}/:api_key_id`,
      async answer(request) {
        const key = keyOf(request)
        const body = await readBodyFields(request, UPDATE_FIELDS, { strict: true })
        const { subject = key.subject, scopes = key.scopes, description = key.description, claims = key.claims } = body
        refuseUnknownSubject(subject)
        const expiration = expirationOf(body.seconds_until_expiration, key, now())
        const changed = { ...key, subject, scopes, description, claims, expiration, updatedAt: now() }
        return jsonAnswer(apiKeyJson(keys.records.set(changed), now()))
      },
    }),
    proxied({
      operation: 'deleteApiKey',
      method: 'DELETE',
      path: `${path}/:api_key_id`,
      answer(request) {
        const { id } = keyOf(request)
        keys.records.remove(id)
        return jsonAnswer({ object: 'api_key', id, deleted: true })
      },
    }),
    proxied({
      operation: 'getApiKeySecret',
      method: 'GET',
      path: `${path}/:api_key_id/secret`,
      answer: (request) => jsonAnswer({ secret: keyOf(request).token }),
    }),
    proxied({
      operation: 'revokeApiKey',
      method: 'POST',
      path: `${path}/:api_key_id/revoke`,
      async answer(request) {
        const { id } = keyOf(request)
        const { revocation_reason: reason = null } = await readBodyFields(request, REVOKE_FIELDS, { strict: true })
        return jsonAnswer(apiKeyJson(keys.revoke(id, reason, now())!, now()))
      },
    }),
  ].flat()
}

function expirationOf(seconds: number | null | undefined, key: StoredApiKey, now: number): number | null {
  if (seconds === undefined) return key.expiration
  return seconds === null ? null : Math.round(now + seconds * 1000)
}

const SUBJECT = { type: 'string', required: true, pattern: /^(user|org|mch|scim)_\w{27}$/ } as const

const COMMON_FIELDS = {
  description: { type: 'string', nullable: true, max: 255 },
  claims: { type: 'object', nullable: true },
  scopes: { type: 'strings' },
  seconds_until_expiration: { type: 'number', nullable: true, min: POSITIVE },
} as const

const CREATE_FIELDS = {
  ...COMMON_FIELDS,
  name: { type: 'string', required: true, min: 3 },
  subject: SUBJECT,
  type: { type: 'string', min: 3 },
  created_by: { type: 'string', nullable: true, pattern: /^user_\w{27}$/ },
} as const

const UPDATE_FIELDS = {
  ...COMMON_FIELDS,
  subject: { type: 'string', pattern: SUBJECT.pattern },
} as const

const LIST_FIELDS = {
  subject: SUBJECT,
  type: { type: 'string' },
  include_invalid: { type: 'boolean' },
  limit: { type: 'integer', min: 1, max: 100 },
  offset: { type: 'integer', min: 0 },
  query: { type: 'string' },
} as const

const PATH_FIELDS = { api_key_id: { type: 'string', required: true, pattern: /^ak_[0-9A-Fa-f]{32}$/ } } as const
const REVOKE_FIELDS = { revocation_reason: { type: 'string', nullable: true } } as const
