import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import { Refusal } from '../../api/errors.js'
import type { Instance } from '../../instance/instance.js'
import type { LocalSettings } from '../../model/settings.js'
import { object, optional, string } from '../../model/schema.js'
import { presented, statusFields } from '../../tokens/opaque-token.js'
import { operation } from '../operation.js'

export const oauthAccessTokens = [
  operation('verifyOAuthAccessToken', 'POST /oauth_applications/access_tokens/verify', {
    proxied: true,
    body: object({ access_token: optional(string()), secret: optional(string()) }),
    run({ body: { access_token, secret }, instance }) {
      const token = access_token ?? secret
      if (token === undefined)
        throw new Refusal('bad_request', "Invalid 'body.access_token': access_token must be included.")
      return token.split('.').length === 3 ? ofJwt(token, instance) : ofOpaque(token, instance)
    },
  }),
]

function ofOpaque(token: string, { world, settings }: Instance) {
  const found = presented(world, world.oauth_tokens, token, settings.invalidOpaqueTokens)
  const { id, client_id, subject, scopes, audience, actor } = found
  const { last_used_at: _, ...status } = statusFields(found, world.now())
  return {
    object: 'clerk_idp_oauth_access_token',
    id,
    client_id,
    subject,
    scopes,
    ...inUnit(settings, status),
    ...(audience && { aud: audience }),
    ...(actor && { act: actor }),
  }
}

/** @throws {Refusal} if the instance did not issue the JWT, or its user or OAuth application does not exist */
async function ofJwt(token: string, { keys, world, settings }: Instance) {
  const keySet = createLocalJWKSet({ keys: keys.published.map(({ publicJwk }) => publicJwk) })
  try {
    const { payload } = await jwtVerify(token, keySet, { currentDate: new Date(world.now()), typ: 'at+jwt' })
    const { jti, sub = '', client_id } = payload
    const isKnown = world.users.byId(sub) && world.oauth_applications.find('client_id', String(client_id))
    if (!isKnown || jti === undefined)
      throw new Refusal('resource_not_found', 'The user or OAuth application of the token does not exist')
    return ofClaims(payload, settings)
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { active: false }
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
    object: 'clerk_idp_oauth_access_token',
    id: jti,
    client_id,
    subject: sub,
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    ...inUnit(settings, { revoked: false, revocation_reason: null, expired: false, ...times }),
    ...(aud !== undefined && { aud: [aud].flat() }),
    ...(act !== undefined && { act }),
  }
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
