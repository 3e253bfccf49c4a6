import { Refusal } from '../api/errors.js'
import type { LocalSettings } from '../model/settings.js'
import type { OpaqueToken } from '../model/token.js'
import type { Table } from '../state/table.js'
import type { World } from '../state/world.js'
import { issuedAt, representable } from './lifetime.js'

/** The tables of opaque tokens. */
const OPAQUE_TABLES = ['m2m_tokens', 'oauth_tokens', 'api_keys'] as const

function tableOf(world: World, name: (typeof OPAQUE_TABLES)[number]) {
  return world[name] as unknown as Table<OpaqueToken>
}

/** Whether the subject of a token or key, a user, organization or machine, still exists. */
export function isSubject({ users, organizations, machines }: World, id: string): boolean {
  return [users, organizations, machines].some(({ byId }) => byId(id) !== undefined)
}

/** An opaque token or API key whose subject exists: tokens of deleted subjects are treated as unknown. */
export function opaqueTokenOf(world: World, token: string): OpaqueToken | undefined {
  for (const name of OPAQUE_TABLES) {
    const found = tableOf(world, name).find('token', token)
    if (found && isSubject(world, found.subject)) return found
  }
  return undefined
}

export function isExpired({ expiration }: Pick<OpaqueToken, 'expiration'>, now: number): boolean {
  return expiration !== null && expiration <= now
}

/** When a new token expires and was created. An already expired one was created before it expired. */
export function lifetimeOf(now: number, ttlInSeconds: number | null, usualTtlInSeconds: number) {
  const created_at = representable(issuedAt(now, (ttlInSeconds ?? Infinity) * 1000, usualTtlInSeconds * 1000))
  return { expiration: expirationOf(now, ttlInSeconds), created_at, updated_at: created_at }
}

/** In milliseconds since the epoch; `null`: never. */
export function expirationOf(now: number, ttlInSeconds: number | null): number | null {
  return ttlInSeconds === null ? null : representable(Math.round(now + ttlInSeconds * 1000))
}

/**
 * Returns the record of a token that a caller presents, and notes its use.
 *
 * @param invalidTokens with `200`, an invalid token is returned too
 * @throws {Refusal} if it or its subject does not exist, or it is no longer valid
 */
export function presented<T extends OpaqueToken>(
  world: World,
  table: Pick<Table<T>, 'find' | 'update'>,
  token: string,
  invalidTokens: Required<LocalSettings>['invalidOpaqueTokens'],
): T {
  const found = table.find('token', token)
  if (found && isSubject(world, found.subject)) {
    const { id, revoked, updated_at } = found
    if (!revoked && !isExpired(found, world.now()))
      return table.update(id, { last_used_at: world.now(), updated_at } as Partial<T>)
    if (invalidTokens === '200') return found
  }
  throw new Refusal('resource_not_found', 'The token was not found, or is no longer valid')
}

/** Revokes a token. Revoking it again does not change the reason. */
export function revokeToken<T extends OpaqueToken>(
  table: Pick<Table<T>, 'update'>,
  token: T,
  reason: string | null,
): T {
  return token.revoked ? token : table.update(token.id, { revoked: true, revocation_reason: reason } as Partial<T>)
}

/**
 * Revokes an opaque token or an API key by itself or its id.
 *
 * @throws {TypeError} if it is a JWT or unknown
 */
export function revokeAny(world: World, tokenOrId: string, reason: string | null): void {
  if (tokenOrId.includes('.')) throw new TypeError('JWTs cannot be revoked: they are valid until they expire')
  for (const name of OPAQUE_TABLES) {
    const table = tableOf(world, name)
    const found = table.find('token', tokenOrId) ?? table.byId(tokenOrId)
    if (found) return void revokeToken(table, found, reason)
  }
  throw new TypeError('revoke() takes a token or API key of this instance, or its id')
}

/** The fields common to the answers about all kinds. */
export function statusFields(token: OpaqueToken, now: number) {
  const { revoked, revocation_reason, expiration, last_used_at, created_at, updated_at } = token
  return {
    revoked,
    revocation_reason,
    expired: isExpired(token, now),
    expiration,
    last_used_at,
    created_at,
    updated_at,
  }
}
