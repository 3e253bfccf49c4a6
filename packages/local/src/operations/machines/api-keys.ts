import { Refusal } from '../../api/errors.js'
import { boolean, integer, json, list, nullish, number, optional, strict, string } from '../../model/schema.js'
import type { ApiKey } from '../../model/token.js'
import type { World } from '../../state/world.js'
import { apiKeyRecord } from '../../tokens/api-key.js'
import { expirationOf, isExpired, isSubject, presented, revokeToken, statusFields } from '../../tokens/opaque-token.js'
import { operation } from '../operation.js'
import { resource } from '../resource.js'

const ID = string({ pattern: /^ak_[0-9A-Fa-f]{32}$/ })

const apiKey = resource('api_keys', {
  path: '/api_keys',
  param: 'api_key_id',
  params: { api_key_id: ID },
  proxied: true,
  missing: () => new Refusal('resource_not_found', 'The API key was not found'),
  answer: (record, { world }) => apiKeyAnswer(record, world),
})

const SUBJECT = string({ pattern: /^(user|org|mch|scim)_\w{27}$/ })

const CHANGEABLE = {
  description: nullish(string({ max: 255 })),
  claims: nullish(json()),
  scopes: optional(list(string())),
  seconds_until_expiration: nullish(number({ moreThan: 0 })),
} as const

export const apiKeys = [
  operation('createApiKey', 'POST /api_keys', {
    proxied: true,
    body: strict({
      ...CHANGEABLE,
      name: string({ min: 3 }),
      subject: SUBJECT,
      type: optional(string({ min: 3 })),
      created_by: nullish(string({ pattern: /^user_\w{27}$/ })),
    }),
    run({ world, body }) {
      const { seconds_until_expiration: ttlInSeconds = null, ...fields } = body
      refuseUnknownSubject(world, fields.subject)
      const key = world.api_keys.add(apiKeyRecord(fields, ttlInSeconds, world.now()))
      return { ...apiKeyAnswer(key, world), secret: key.token }
    },
  }),

  apiKey.list('getApiKeys', {
    query: {
      subject: SUBJECT,
      type: optional(string()),
      include_invalid: optional(boolean()),
      limit: optional(integer({ min: 1, max: 100 })),
      query: optional(string()),
    },
    of: ({ world, query }) => world.api_keys.where('subject', query.subject),
    filter: (key, { world, query: { type, query, include_invalid } }) =>
      (type === undefined || key.type === type) &&
      (query === undefined || key.id === query || key.name.includes(query)) &&
      (include_invalid === true || (!key.revoked && !isExpired(key, world.now()))),
    page: 'envelope',
  }),

  apiKey.get('getApiKey'),

  apiKey.update('updateApiKey', {
    body: strict({ ...CHANGEABLE, subject: optional(SUBJECT) }),
    run({ id }, { world, body }) {
      const { seconds_until_expiration: ttlInSeconds, ...changes } = body
      if (changes.subject !== undefined) refuseUnknownSubject(world, changes.subject)
      return world.api_keys.update(id, {
        ...changes,
        expiration: ttlInSeconds === undefined ? undefined : expirationOf(world.now(), ttlInSeconds),
      })
    },
  }),

  apiKey.remove('deleteApiKey'),

  operation('getApiKeySecret', 'GET /api_keys/{api_key_id}/secret', {
    proxied: true,
    params: { api_key_id: ID },
    run: (call) => ({ secret: apiKey.recordOf(call).token }),
  }),

  apiKey.act('revokeApiKey', 'POST', '/revoke', {
    body: strict({ revocation_reason: nullish(string()) }),
    run: (key, { world, body }) => revokeToken(world.api_keys, key, body.revocation_reason ?? null),
  }),

  operation('verifyApiKey', 'POST /api_keys/verify', {
    proxied: true,
    body: strict({ secret: string() }),
    run({ world, body, instance: { settings } }) {
      const key = presented(world, world.api_keys, body.secret, settings.invalidOpaqueTokens)
      return apiKeyAnswer(key, world)
    },
  }),
]

/** @throws {Refusal} if there is no such user, organization or machine */
function refuseUnknownSubject(world: World, subject: string): void {
  if (!isSubject(world, subject)) throw new Refusal('resource_not_found', 'The subject was not found')
}

function apiKeyAnswer(key: ApiKey, world: World) {
  const { id, type, subject, name, description, claims, scopes, created_by } = key
  const status = statusFields(key, world.now())
  return { object: 'api_key', id, type, subject, name, description, claims, scopes, created_by, ...status }
}
