import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import { jsonAnswer, type Answer } from '../api/answer.js'
import { proxied } from './backend-api.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields } from './fields.js'
import type { KeyRing } from '../tokens/keys.js'
import type { StoredOAuthToken } from '../tokens/oauth-token.js'
import type { LocalSettings } from '../instance/settings.js'
import { presented, statusFields, type TokenStore, type Verification } from '../tokens/token-store.js'

export interface OAuthTokenApi extends Verification {
  readonly tokens: TokenStore<StoredOAuthToken>
  readonly keys: KeyRing
}

export function verifyOAuthAccessToken(api: OAuthTokenApi): readonly Endpoint[] {
  return proxied({
    operation: 'verifyOAuthAccessToken',
    method: 'POST',
    path: '/oauth_applications/access_tokens/verify',
    async answer(request) {
      const { access_token: accessToken, secret } = await readBodyFields(request, FIELDS)
      const token = accessToken ?? secret
      if (token === undefined)
        throw new Refusal('bad_request', "Invalid 'body.access_token': access_token must be included.")
      return token.split('.').length === 3 ? verifyJwt(token, api) : verifyOpaque(token, api)
    },
  })
}

function verifyOpaque(token: string, api: OAuthTokenApi): Answer {
  const found = presented(api.tokens, token, api)
  const { last_used_at: _, ...status } = statusFields(found, api.now())
  return jsonAnswer({
    ...answerFields(found.id, found.clientId, found.subject, found.scopes),
    ...inUnit(api.settings, status),
    ...(found.audience && { aud: found.audience }),
    ...(found.actor && { act: found.actor }),
  })
}

async function verifyJwt(token: string, { keys, isSubject, now, settings }: OAuthTokenApi): Promise<Answer> {
  const keySet = createLocalJWKSet({ keys: keys.published.map(({ publicJwk }) => publicJwk) })
  try {
    const { payload } = await jwtVerify(token, keySet, { currentDate: new Date(now()), typ: 'at+jwt' })
    if (!isSubject(payload.sub ?? '')) throw new Refusal('resource_not_found', 'The user of the token no longer exists')
    return jsonAnswer(ofClaims(payload, settings))
  } catch (error) {
    if (error instanceof errors.JWTExpired) return jsonAnswer({ active: false })
    if (error instanceof errors.JOSEError)
      throw new Refusal('resource_not_found', 'The token was not issued by this instance')
    throw error
  }
}

function ofClaims(
  { jti, client_id, sub, scope, iat = 0, exp = 0, aud, act }: JWTPayload,
  settings: Required<LocalSettings>,
) {
  const times = { expiration: exp * 1000, created_at: iat * 1000, updated_at: iat * 1000 }
  return {
    ...answerFields(jti, client_id, sub, typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []),
    ...inUnit(settings, { revoked: false, revocation_reason: null, expired: false, ...times }),
    ...(aud !== undefined && { aud: [aud].flat() }),
    ...(act !== undefined && { act }),
  }
}

// `type` is not in the specification, but the official client reads it.
function answerFields(id: unknown, clientId: unknown, subject: unknown, scopes: readonly string[]) {
  return { object: 'clerk_idp_oauth_access_token', id, client_id: clientId, type: 'oauth_token', subject, scopes }
}

interface Times {
  readonly expiration: number | null
  readonly created_at: number
  readonly updated_at: number
}

function inUnit<T extends Times>({ oauthTimestamps }: Required<LocalSettings>, status: T): T {
  if (oauthTimestamps === 'ms') return status
  const seconds = (ms: number) => Math.floor(ms / 1000)
  const { expiration, created_at, updated_at } = status
  return {
    ...status,
    expiration: expiration === null ? null : seconds(expiration),
    created_at: seconds(created_at),
    updated_at: seconds(updated_at),
  }
}

const FIELDS = { access_token: { type: 'string' }, secret: { type: 'string' } } as const
