import { Refusal } from '../http/errors.js'
import { issuedAt } from './lifetime.js'
import { createRecords, type Records } from '../state/records.js'
import type { LocalSettings } from '../settings.js'
import type { IsSubject } from './subjects.js'

/** An issued opaque token or API key. Times are milliseconds since the epoch. */
export interface StoredToken {
  readonly id: string
  readonly token: string
  readonly subject: string
  readonly revoked: boolean
  readonly revocationReason: string | null
  /** `null`: never */
  readonly expiration: number | null
  readonly lastUsedAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface TokenStore<T extends StoredToken> {
  /** @throws {Refusal} if the store is full */
  readonly add: (token: T) => T
  readonly byId: (id: string) => T | undefined
  readonly byToken: (token: string) => T | undefined
  /** newest first */
  readonly ofSubject: (subject: string) => readonly T[]
  /** Revoking a token again does not change the reason. */
  readonly revoke: (id: string, reason: string | null, now: number) => T | undefined
  readonly touch: (token: T, now: number) => T
  readonly records: Records<T>
}

export function createTokenStore<T extends StoredToken>(maxTokens?: number): TokenStore<T> {
  const records = createRecords<T>([], maxTokens)
  let ids = new Map<string, string>()
  records.watch((change) => {
    if (change.kind === 'set') ids.set(change.after.token, change.after.id)
    else if (change.kind === 'removed') ids.delete(change.before.token)
    else ids = new Map(records.all().map(({ token, id }) => [token, id]))
  })
  return {
    add: records.set,
    byId: records.byId,
    byToken: (token) => records.byId(ids.get(token) ?? ''),
    ofSubject: (subject) =>
      records
        .all()
        .filter((token) => token.subject === subject)
        .toReversed(),
    revoke(id, revocationReason, now) {
      const token = records.byId(id)
      if (!token || token.revoked) return token
      return records.set({ ...token, revoked: true, revocationReason, updatedAt: now })
    },
    touch: (token, now) => records.set({ ...token, lastUsedAt: now }),
    records,
  }
}

export function isExpired({ expiration }: StoredToken, now: number): boolean {
  return expiration !== null && expiration <= now
}

/** The fields common to all new records. An already expired one was issued before it expired. */
export function newRecord(now: number, ttlInSeconds: number | null, usualTtlInSeconds: number) {
  const createdAt = issuedAt(now, (ttlInSeconds ?? Infinity) * 1000, usualTtlInSeconds * 1000)
  return {
    revoked: false,
    revocationReason: null,
    expiration: ttlInSeconds === null ? null : Math.round(now + ttlInSeconds * 1000),
    lastUsedAt: null,
    createdAt,
    updatedAt: createdAt,
  }
}

/** What is needed to decide whether a token is valid. */
export interface Verification {
  readonly isSubject: IsSubject
  readonly now: () => number
  readonly settings: Required<LocalSettings>
}

/**
 * Returns the record of a token that a caller presents.
 *
 * @throws {Refusal} if it or its subject does not exist, or it is no longer valid and the settings do not ask to return
 *   such tokens
 */
export function presented<T extends StoredToken>(
  store: TokenStore<T>,
  token: string,
  { isSubject, now, settings }: Verification,
): T {
  const found = store.byToken(token)
  if (found && isSubject(found.subject)) {
    if (!found.revoked && !isExpired(found, now())) return store.touch(found, now())
    if (settings.invalidOpaqueTokens === '200') return found
  }
  throw new Refusal('resource_not_found', 'The token was not found, or is no longer valid')
}

/** The fields common to the responses for all kinds of records. */
export function statusFields(token: StoredToken, now: number) {
  return {
    revoked: token.revoked,
    revocation_reason: token.revocationReason,
    expired: isExpired(token, now),
    expiration: token.expiration,
    last_used_at: token.lastUsedAt,
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  }
}
