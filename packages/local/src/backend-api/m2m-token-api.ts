import { isDeepStrictEqual } from 'node:util'
import { jsonAnswer, type Answer } from '../api/answer.js'
import { bearerOf, proxied } from './backend-api.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { POSITIVE, readBodyFields, readPathFields, readQueryFields } from './fields.js'
import { signJwt, type JwtMint } from '../tokens/issuer.js'
import { m2mJwtParts, m2mRecord, type M2MGrant, type StoredM2MToken } from '../tokens/m2m-token.js'
import { pageOf } from './page.js'
import { isExpired } from '../tokens/token-store.js'
import { m2mTokenJson, type M2MTokenApi } from './verify-m2m-token.js'

/** Claims that the instance sets in every M2M JWT. */
const RESERVED_CLAIMS = ['iss', 'sub', 'exp', 'nbf', 'iat', 'jti']

/** Creates, lists and revokes M2M tokens. */
export function m2mTokenApi(api: M2MTokenApi, mint: JwtMint): readonly Endpoint[] {
  return [
    proxied({
      operation: 'createM2MToken',
      method: 'POST',
      path: '/m2m_tokens',
      answer: (request) => create(request, api, mint),
    }),
    proxied({
      operation: 'getM2MTokens',
      method: 'GET',
      path: '/m2m_tokens',
      answer: (request) => list(request, api),
    }),
    proxied({
      operation: 'revokeM2MToken',
      method: 'POST',
      path: '/m2m_tokens/:m2m_token_id/revoke',
      answer: (request) => revoke(request, api),
    }),
  ].flat()
}

async function create(request: EndpointRequest, api: M2MTokenApi, { keys, issuer }: JwtMint): Promise<Answer> {
  const machine = api.machines.bySecret(bearerOf(request) ?? '')
  if (!machine) throw new Refusal('machine_secret_key_invalid')

  const body = await readBodyFields(request, CREATE_FIELDS, { strict: true })
  const { token_format: format, claims = null, min_remaining_ttl_seconds: remaining } = body
  const reserved = Object.keys(claims ?? {}).find((claim) => RESERVED_CLAIMS.includes(claim))
  if (reserved) throw new Refusal('machine_token_reserved_claim', `You can't use the reserved claim: '${reserved}'`)

  const now = api.now()
  const asked = body.seconds_until_expiration
  // A JWT must expire: the setting applies only to opaque tokens.
  const neverExpires = asked === null && format !== 'jwt' && api.settings.m2mTokensWithoutTtl === 'never-expire'
  const ttlInSeconds = neverExpires ? null : (asked ?? machine.defaultTokenTtl)
  const grant: M2MGrant = { machine, scopes: machine.scopes, ttlInSeconds, claims }
  if (format === 'jwt') {
    // Not stored, because a JWT can be neither listed nor revoked.
    const record = m2mRecord(grant, now)
    const token = await signJwt(m2mJwtParts(grant, issuer(), api.settings, record.id), keys.current)
    return jsonAnswer({ ...m2mTokenJson(record, now), token }, 201)
  }
  const token = reusable(grant, remaining, api) ?? api.tokens.add(m2mRecord(grant, now))
  return jsonAnswer({ ...m2mTokenJson(token, now), token: token.token }, 201)
}

/** An existing token with the same grant and enough remaining lifetime, if the caller allows reuse. */
function reusable(
  grant: M2MGrant,
  remaining: number | undefined,
  { tokens, now }: M2MTokenApi,
): StoredM2MToken | undefined {
  if (remaining === undefined) return undefined
  if (remaining >= (grant.ttlInSeconds ?? Infinity))
    throw new Refusal(
      'bad_request',
      "Invalid 'body.min_remaining_ttl_seconds': it must be less than the lifetime of the token",
    )
  return tokens
    .ofSubject(grant.machine.id)
    .find(
      (token) =>
        !token.revoked &&
        !isExpired(token, now()) &&
        (token.expiration ?? Infinity) - now() >= remaining * 1000 &&
        isDeepStrictEqual([token.claims, token.scopes], [grant.claims, grant.scopes]),
    )
}

function list(request: EndpointRequest, { tokens, machines, now }: M2MTokenApi): Answer {
  const { subject, revoked, expired, limit, offset } = readQueryFields(request, LIST_FIELDS)
  const caller = machines.bySecret(bearerOf(request) ?? '')
  if (caller && caller.id !== subject) throw new Refusal('authorization_invalid')
  if (!machines.byId(subject)) throw new Refusal('resource_not_found', 'The machine was not found')
  const found = tokens
    .ofSubject(subject)
    .filter((token) => (revoked || !token.revoked) && (expired || !isExpired(token, now())))
  const { page, total } = pageOf(found, limit, offset)
  return jsonAnswer({ m2m_tokens: page.map((token) => m2mTokenJson(token, now())), total_count: total })
}

async function revoke(request: EndpointRequest, { tokens, machines, now }: M2MTokenApi): Promise<Answer> {
  const { m2m_token_id: id } = readPathFields(request, PATH_FIELDS)
  const { revocation_reason: reason = null } = await readBodyFields(request, REVOKE_FIELDS, { strict: true })
  const caller = machines.bySecret(bearerOf(request) ?? '')
  const mayRevoke = !caller || caller.id === tokens.byId(id)?.subject
  const token = mayRevoke ? tokens.revoke(id, reason, now()) : undefined
  if (!token) throw new Refusal('resource_not_found', 'The token was not found')
  return jsonAnswer(m2mTokenJson(token, now()))
}

const CREATE_FIELDS = {
  token_format: { type: 'string', oneOf: ['opaque', 'jwt'] },
  seconds_until_expiration: { type: 'number', nullable: true, min: POSITIVE },
  claims: { type: 'object', nullable: true },
  min_remaining_ttl_seconds: { type: 'integer', min: 0 },
} as const

const LIST_FIELDS = {
  subject: { type: 'string', required: true, pattern: /^mch_\w{27}$/ },
  revoked: { type: 'boolean' },
  expired: { type: 'boolean' },
  limit: { type: 'integer', min: 1, max: 100 },
  offset: { type: 'integer', min: 0 },
} as const

const PATH_FIELDS = { m2m_token_id: { type: 'string', required: true, pattern: /^mt_[0-9A-Fa-f]{32}$/ } } as const
const REVOKE_FIELDS = { revocation_reason: { type: 'string', nullable: true } } as const
