import type { ApiKeyAuth, M2mAuth, OAuthAuth } from './auth.js'
import { isTooDeep } from './json.js'
import { apiKeyAuth, m2mAuth, oauthAuth } from './machine-auth.js'
import type { OpaqueTokenType } from './opaque-token.js'

/** What Clerk says of an opaque token that it knows. */
export type Introspection =
  | { readonly active: true; readonly auth: M2mAuth | OAuthAuth | ApiKeyAuth }
  | {
      readonly active: false
      readonly code: 'token-revoked' | 'token-expired' | 'token-inactive' | 'token-binding-unsupported'
      /** Whether Clerk says so itself. What our own clock says may be over when the clock is right again. */
      readonly isLasting: boolean
    }

type Answer = Readonly<Record<string, unknown>>

/**
 * Reads the body of a 200. That status alone means nothing: a revoked or an expired token has it too.
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` for a body that is not of the documented shape: it tells nothing
 */
export function readIntrospection(tokenType: OpaqueTokenType, body: unknown, now: number): Introspection | undefined {
  if (typeof body !== 'object' || body === null || isTooDeep(body)) return undefined
  // Without a prototype: what the answer does not say, nobody else says for it.
  const answer = Object.assign(Object.create(null), body) as Answer
  if (tokenType === 'oauth_token' && answer['active'] === false)
    return { active: false, code: 'token-inactive', isLasting: true }

  const expiresAt = expiryOf(answer['expiration'])
  const { revoked, expired, active = true } = answer
  if (expiresAt === undefined || ![revoked, expired, active].every((flag) => typeof flag === 'boolean'))
    return undefined
  const auth = READERS[tokenType](answer, expiresAt)
  if (!auth) return undefined

  if (revoked) return { active: false, code: 'token-revoked', isLasting: true }
  if (expired) return { active: false, code: 'token-expired', isLasting: true }
  if (expiresAt !== null && !(expiresAt > now)) return { active: false, code: 'token-expired', isLasting: false }
  if (!active) return { active: false, code: 'token-inactive', isLasting: true }
  // Bound to a key or a certificate of its sender, which cannot be checked here: RFC 8705 section 3.2, RFC 9449 section 6.2.
  if ('cnf' in answer) return { active: false, code: 'token-binding-unsupported', isLasting: true }
  return { active: true, auth }
}

const READERS = {
  m2m_token: (answer, expiresAt) => {
    const { object, id, subject, claims, scopes = [] } = answer
    if (object !== 'machine_to_machine_token' || !isId(id, 'mt') || !isSubject(subject, 'mch')) return undefined
    if (!areTexts(scopes) || !scopes.every((scope) => isSubject(scope, 'mch'))) return undefined
    return m2mAuth({ id, subject, scopes, claims: claimsOf(claims), expiresAt })
  },
  oauth_token: (answer, expiresAt) => {
    const { object, id, client_id: clientId, subject, scopes } = answer
    if (object !== 'clerk_idp_oauth_access_token' || !isId(id, 'oat') || !isSubject(subject, 'user')) return undefined
    if (!isText(clientId) || !areTexts(scopes)) return undefined
    const { org_id: orgId, aud, act } = answer
    return oauthAuth({ id, subject, clientId, scopes, orgId, audience: aud, actor: act, expiresAt })
  },
  api_key: (answer, expiresAt) => {
    const { object, id, subject, name, claims, scopes } = answer
    if (object !== 'api_key' || !isId(id, 'ak') || !isSubject(subject, 'user|org|mch')) return undefined
    if (!isText(name) || !areTexts(scopes)) return undefined
    return apiKeyAuth({ id, subject, name, scopes, claims: claimsOf(claims), expiresAt })
  },
} as const satisfies Record<
  OpaqueTokenType,
  (answer: Answer, expiresAt: number | null) => M2mAuth | OAuthAuth | ApiKeyAuth | undefined
>

/** Below this a time is in seconds, for in milliseconds it would be before March 1973. Clerk writes both. */
const SECONDS_BELOW = 1e11

/** Milliseconds since the epoch; `null` for never; `undefined` for what is no time. */
function expiryOf(expiration: unknown): number | null | undefined {
  if (expiration === null) return null
  if (typeof expiration !== 'number' || !Number.isFinite(expiration) || expiration <= 0) return undefined
  return expiration < SECONDS_BELOW ? expiration * 1000 : expiration
}

function isId(value: unknown, prefix: string): value is string {
  return isText(value) && new RegExp(`^${prefix}_[0-9A-Fa-f]{32}$`).test(value)
}

function isSubject(value: unknown, prefixes: string): value is string {
  return isText(value) && new RegExp(`^(?:${prefixes})_\\w{27}$`).test(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

function claimsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>> | null) : null
}
