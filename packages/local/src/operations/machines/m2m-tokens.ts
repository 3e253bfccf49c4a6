import { isDeepStrictEqual } from 'node:util'
import { Refusal } from '../../api/errors.js'
import type { Machine } from '../../model/machine.js'
import { integer, json, nullish, number, oneOf, optional, strict, string } from '../../model/schema.js'
import type { M2MToken } from '../../model/token.js'
import type { World } from '../../state/world.js'
import { signJwt } from '../../tokens/issuer.js'
import { m2mTokenOfJwt } from '../../tokens/m2m-jwt.js'
import { m2mJwtParts, m2mRecord, type M2MGrant } from '../../tokens/m2m-token.js'
import { machineWithSecret } from '../../tokens/machine.js'
import { isExpired, presented, revokeToken, statusFields } from '../../tokens/opaque-token.js'
import { FLAG } from '../fields.js'
import { operation, type Call } from '../operation.js'
import { BY_CREATION, inOrder, pageOf } from '../page.js'

/** Claims that the instance sets in every M2M JWT. */
const RESERVED_CLAIMS = ['iss', 'sub', 'exp', 'nbf', 'iat', 'jti']

export const m2mTokens = [
  operation('createM2MToken', 'POST /m2m_tokens', {
    proxied: true,
    status: 201,
    body: strict({
      token_format: optional(oneOf('opaque', 'jwt')),
      seconds_until_expiration: nullish(number({ moreThan: 0 })),
      claims: nullish(json()),
      min_remaining_ttl_seconds: optional(integer({ min: 0 })),
    }),
    async run({ world, body, bearer, instance }) {
      const machine = machineWithSecret(world, bearer)
      if (!machine) throw new Refusal('machine_secret_key_invalid')
      const grant = grantOf(machine, body, instance.settings)
      if (body.token_format !== 'jwt') {
        const token = reusable(world, grant, body.min_remaining_ttl_seconds)
        return withToken(token ?? world.m2m_tokens.add(m2mRecord(grant, world.now())), world)
      }
      // Not stored, because a JWT can be neither listed nor revoked.
      const { mint, settings, keys } = instance
      const record = m2mRecord(grant, world.now())
      const token = await signJwt(m2mJwtParts(grant, mint.issuer(), settings, record.id), keys.current)
      return withToken({ ...UNUSED, ...record, token }, world)
    },
  }),

  operation('getM2MTokens', 'GET /m2m_tokens', {
    proxied: true,
    query: {
      subject: string({ pattern: /^mch_\w{27}$/ }),
      revoked: FLAG,
      expired: FLAG,
      limit: optional(number({ min: 1, max: 100 })),
      offset: nullish(number({ min: 0 })),
    },
    run({ world, query, bearer }) {
      const { subject, revoked, expired, limit, offset } = query
      const caller = machineWithSecret(world, bearer)
      if (caller && caller.id !== subject) throw new Refusal('authorization_invalid')
      if (!world.machines.byId(subject)) throw new Refusal('resource_not_found', 'The machine was not found')
      const found = world.m2m_tokens
        .where('subject', subject)
        .filter((token) => (revoked || !token.revoked) && (expired || !isExpired(token, world.now())))
      const page = pageOf(inOrder(world, found, BY_CREATION), { limit, offset: offset ?? 0 })
      return { m2m_tokens: page.map((token) => tokenAnswer(token, world)), total_count: found.length }
    },
  }),

  operation('revokeM2MToken', 'POST /m2m_tokens/{m2m_token_id}/revoke', {
    proxied: true,
    params: { m2m_token_id: string({ pattern: /^mt_[0-9A-Fa-f]{32}$/ }) },
    body: strict({ revocation_reason: nullish(string()) }),
    run({ world, params, body, bearer }) {
      const token = world.m2m_tokens.byId(params['m2m_token_id'] ?? '')
      const caller = machineWithSecret(world, bearer)
      if (!token || (caller && caller.id !== token.subject))
        throw new Refusal('resource_not_found', 'The token was not found')
      return tokenAnswer(revokeToken(world.m2m_tokens, token, body.revocation_reason ?? null), world)
    },
  }),

  operation('verifyM2MToken', 'POST /m2m_tokens/verify', {
    proxied: true,
    body: strict({ token: string() }),
    async run({ world, body, bearer, instance: { keys, settings } }) {
      const ofJwt = await m2mTokenOfJwt(body.token, keys, world.now())
      const isKnownJwt = ofJwt !== undefined && world.machines.byId(ofJwt.subject) !== undefined
      const found = isKnownJwt ? ofJwt : presented(world, world.m2m_tokens, body.token, settings.invalidOpaqueTokens)
      // With the secret key of the instance: any token. With that of a machine: only tokens for that machine.
      const receiver = machineWithSecret(world, bearer)
      if (receiver && !found.scopes.includes(receiver.id))
        throw new Refusal(settings.outOfScope === '404' ? 'resource_not_found' : 'authorization_invalid')
      return tokenAnswer(found, world)
    },
  }),
]

interface RequestedGrant {
  readonly token_format?: 'opaque' | 'jwt' | undefined
  readonly seconds_until_expiration?: number | null | undefined
  readonly claims?: M2MGrant['claims'] | undefined
}

/** @throws {Refusal} if the caller sets a claim that the instance sets itself */
function grantOf(machine: Machine, requested: RequestedGrant, settings: Call['instance']['settings']): M2MGrant {
  const { token_format, seconds_until_expiration: ttl, claims = null } = requested
  const reserved = Object.keys(claims ?? {}).find((claim) => RESERVED_CLAIMS.includes(claim))
  if (reserved !== undefined)
    throw new Refusal('machine_token_reserved_claim', `You can't use the reserved claim: '${reserved}'`)
  // A JWT must expire: the setting applies only to opaque tokens.
  const neverExpires = ttl === null && token_format !== 'jwt' && settings.m2mTokensWithoutTtl === 'never-expire'
  const ttlInSeconds = neverExpires ? null : (ttl ?? machine.default_token_ttl)
  return { machine, scopes: machine.scopes, ttlInSeconds, claims }
}

/**
 * An existing token with the same grant and enough remaining lifetime, if the caller allows reuse.
 *
 * @throws {Refusal} if no token can live that long
 */
function reusable(world: World, grant: M2MGrant, remaining: number | undefined): M2MToken | undefined {
  if (remaining === undefined) return undefined
  if (remaining >= (grant.ttlInSeconds ?? Infinity))
    throw new Refusal(
      'bad_request',
      "Invalid 'body.min_remaining_ttl_seconds': it must be less than the lifetime of the token",
    )
  const now = world.now()
  return world.m2m_tokens
    .where('subject', grant.machine.id)
    .findLast(
      (token) =>
        !token.revoked &&
        !isExpired(token, now) &&
        (token.expiration ?? Infinity) - now >= remaining * 1000 &&
        isDeepStrictEqual([token.claims, token.scopes], [grant.claims, grant.scopes]),
    )
}

const UNUSED = { revoked: false, revocation_reason: null, last_used_at: null } as const

function withToken(token: M2MToken, world: World) {
  return { ...tokenAnswer(token, world), token: token.token }
}

function tokenAnswer(token: M2MToken, world: World) {
  const { id, subject, claims, scopes } = token
  return { object: 'machine_to_machine_token', id, subject, claims, scopes, ...statusFields(token, world.now()) }
}
