import type { AuthenticatedAuth } from '../auth/auth.js'

/** What revocations and forgotten answers are about. */
export type Subject =
  /** `token`: the SHA-256 digest of one, of a JWT without its signature. */
  | { readonly subject: 'token' | 'tokenId' | 'sessionId' | 'userId' | 'machineId'; readonly id: string }
  /** Tokens with that active organization: all, those of a user, or those of a user in another role than `except`. */
  | { readonly subject: 'organization'; readonly organizationId: string }
  | { readonly subject: 'membership'; readonly organizationId: string; readonly userId: string }
  | { readonly subject: 'role'; readonly organizationId: string; readonly userId: string; readonly except: string }
  | { readonly subject: 'all' }

/** An entry of the log of revocations. A later one of the same kind and subject replaces an earlier one. */
export type Tombstone =
  | (Subject &
      (
        | { readonly effect: 'refuse' }
        /**
         * JWTs issued at `at` or earlier are refused, and Clerk is asked again about opaque tokens: the subject may get
         * new tokens. Milliseconds since the epoch, by Clerk's clock if known.
         */
        | { readonly effect: 'refuse-earlier'; readonly at: number }
        /** Clerk is asked again. */
        | { readonly effect: 'ask-again'; readonly at: number }
      ))
  | WebhookArrival

/** Not about any token: a webhook of Clerk arrived. Milliseconds since the epoch, by the clock of the receiver. */
export interface WebhookArrival {
  readonly subject: 'webhooks'
  readonly effect: 'arrived'
  readonly at: number
}

/** A token, as far as revocations are concerned. */
export interface RevocableToken {
  /** SHA-256, of a JWT without its signature. */
  readonly digest: string
  /** `undefined` for a token that was refused. */
  readonly auth: AuthenticatedAuth | undefined
  /** `iat` of a JWT, in seconds since the epoch; `undefined` if it has none. */
  readonly issuedAt: number | undefined | 'opaque'
}

/** Tombstones with the same name replace each other. */
export function nameOf(tombstone: Tombstone): string {
  const name = nameOfSubject(tombstone)
  return tombstone.effect === 'ask-again' ? `ask-again ${name}` : name
}

/** A tombstone replaces those of the same name whose rank is not higher. */
export function rankOf(tombstone: Tombstone): number {
  if (tombstone.effect === 'arrived') return minuteOf(tombstone.at)
  return tombstone.effect === 'refuse' ? Number.MAX_SAFE_INTEGER : tombstone.at
}

/** Arrivals are logged once a minute, so that webhooks that revoke nothing do not fill the log. */
export function minuteOf(at: number): number {
  return Math.floor(at / 60_000)
}

/** The names of the tombstones that may apply to a token. */
export function namesFor({ digest, auth }: Pick<RevocableToken, 'digest' | 'auth'>): readonly string[] {
  const names = subjectsOf(digest, auth).map(nameOfSubject)
  return [...names, ...names.map((name) => `ask-again ${name}`)]
}

/** Whether a token must be refused. Clerk has just been asked about it if it is opaque. */
export function refuses(tombstone: Tombstone, { auth, issuedAt }: RevocableToken, clockSkewInMs: number): boolean {
  if (!concerns(tombstone, auth)) return false
  if (tombstone.effect !== 'refuse-earlier') return tombstone.effect === 'refuse'
  return issuedAt !== 'opaque' && !(issuedAt !== undefined && issuedAt * 1000 > tombstone.at + clockSkewInMs)
}

/** Whether a result from before the tombstone must not be used any more. */
export function outdates(tombstone: Tombstone, token: RevocableToken, clockSkewInMs: number): boolean {
  if (tombstone.effect === 'refuse' || token.issuedAt !== 'opaque') return refuses(tombstone, token, clockSkewInMs)
  return concerns(tombstone, token.auth)
}

/** `jti` of a session token, or the id of a token of any other kind. */
export function tokenIdOf(auth: AuthenticatedAuth): unknown {
  return auth.tokenType === 'session_token' ? (auth.sessionClaims as { jti?: unknown }).jti : auth.id
}

function subjectsOf(digest: string, auth: AuthenticatedAuth | undefined): readonly Subject[] {
  const subjects: Subject[] = [{ subject: 'all' }, { subject: 'token', id: digest }]
  if (!auth) return subjects
  const tokenId = tokenIdOf(auth)
  if (typeof tokenId === 'string' && tokenId !== '') subjects.push({ subject: 'tokenId', id: tokenId })
  if ('sessionId' in auth) subjects.push({ subject: 'sessionId', id: auth.sessionId })
  if ('machineId' in auth) subjects.push({ subject: 'machineId', id: auth.machineId })
  const userId = 'userId' in auth ? auth.userId : null
  if (userId !== null) subjects.push({ subject: 'userId', id: userId })
  // An impersonation ends with the account of the impersonator.
  const impersonator: unknown = 'actor' in auth ? auth.actor?.sub : undefined
  if (typeof impersonator === 'string') subjects.push({ subject: 'userId', id: impersonator })
  const organizationId = ('orgId' in auth && auth.orgId) || undefined
  if (organizationId === undefined) return subjects
  subjects.push({ subject: 'organization', organizationId })
  if (userId !== null) {
    subjects.push({ subject: 'membership', organizationId, userId })
    subjects.push({ subject: 'role', organizationId, userId, except: '' })
  }
  return subjects
}

function nameOfSubject(subject: Subject | WebhookArrival): string {
  if ('id' in subject) return `${subject.subject} ${subject.id}`
  if (subject.subject === 'all' || subject.subject === 'webhooks') return subject.subject
  return [subject.subject, subject.organizationId, 'userId' in subject ? subject.userId : ''].join(' ')
}

function concerns(tombstone: Tombstone, auth: AuthenticatedAuth | undefined): boolean {
  return tombstone.subject !== 'role' || !(auth && 'orgRole' in auth) || auth.orgRole !== tombstone.except
}
