import type { AuthError } from './errors.js'
import { hasAll, type AskedOfSession } from './has.js'
import type { JsonObject } from './json.js'
import { activeOrganization } from './organization.js'
import type { CustomClaims, Permission, Role } from './register.js'
import type { FactorVerificationAge } from './reverification.js'

/** The claims of a session token: https://clerk.com/docs/guides/sessions/session-tokens */
export type SessionClaims = Readonly<CustomClaims> & {
  readonly iss: string
  /** The user. */
  readonly sub: string
  /** The session. */
  readonly sid: string
  /** Seconds since the epoch. */
  readonly exp: number
  /** Seconds since the epoch. */
  readonly iat: number
  /** Seconds since the epoch. */
  readonly nbf?: number
  /** The origin that asked for the token. */
  readonly azp?: string
  /** Features, plan and factor ages, as the token packs them: ask `has()`. */
  readonly fea?: unknown
  readonly pla?: unknown
  readonly fva?: unknown
}

/** Who acts in the user's place, where the session is impersonated (RFC 8693 section 4.1). */
export interface Actor {
  readonly sub: string
  readonly [name: string]: unknown
}

/** A signed-in user. */
export interface SessionAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'session_token'
  readonly userId: string
  readonly sessionId: string
  readonly sessionClaims: SessionClaims
  readonly sessionStatus: 'active' | 'pending' | null
  /** The active organization; `undefined` where none is. */
  readonly orgId: string | undefined
  /** With exactly one `org:` before it. */
  readonly orgRole: Role | undefined
  readonly orgSlug: string | undefined
  /** Full keys, such as `org:invoices:create`; `undefined` where no organization is active. */
  readonly orgPermissions: readonly Permission[] | undefined
  /** Who acts in the user's place; `undefined` where nobody does. */
  readonly actor: Actor | undefined
  /** Minutes since the first and the second factor were verified, -1 for a factor that is not enrolled. */
  readonly factorVerificationAge: FactorVerificationAge | null
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whether all that is asked holds. */
  readonly has: (asked: AskedOfSession) => boolean
}

/** A caller who is not known, and why. Every id is `null`, so that taking one out compiles and finds nobody. */
export interface Unauthenticated {
  readonly isAuthenticated: false
  readonly tokenType: null
  readonly error: AuthError
  readonly userId: null
  readonly sessionId: null
  readonly sessionClaims: null
  /** `pending` where a session was refused for that alone. */
  readonly sessionStatus: 'pending' | null
  readonly orgId: null
  readonly orgRole: null
  readonly orgSlug: null
  readonly orgPermissions: null
  readonly actor: null
  readonly factorVerificationAge: null
  readonly expiresAt: null
  readonly has: (asked: AskedOfSession) => false
}

/** A caller whose credential was verified. */
export type AuthenticatedAuth = SessionAuth

/** Who is calling. */
export type Auth = AuthenticatedAuth | Unauthenticated

/** What a verified session token says, in the words of Clerk's auth object. Frozen, for other requests see it too. */
export function sessionAuth(
  claims: JsonObject,
  ids: { readonly userId: string; readonly sessionId: string; readonly expiresAt: number },
): SessionAuth {
  const { orgId, orgRole, orgSlug, orgPermissions } = activeOrganization(claims)
  const sessionClaims = claims as unknown as SessionClaims
  const facts = { orgId, orgRole, orgPermissions, sessionClaims }
  return Object.freeze<SessionAuth>({
    isAuthenticated: true,
    tokenType: 'session_token',
    userId: ids.userId,
    sessionId: ids.sessionId,
    sessionClaims,
    sessionStatus: sessionStatus(claims),
    orgId,
    orgRole,
    orgSlug,
    orgPermissions,
    actor: (claims['act'] ?? undefined) as Actor | undefined,
    factorVerificationAge: (claims['fva'] ?? null) as FactorVerificationAge | null,
    expiresAt: ids.expiresAt,
    has: (asked) => hasAll(facts, asked),
  })
}

export function unauthenticated(error: AuthError): Unauthenticated {
  return Object.freeze<Unauthenticated>({
    isAuthenticated: false,
    tokenType: null,
    error,
    userId: null,
    sessionId: null,
    sessionClaims: null,
    sessionStatus: error.code === 'session-pending' ? 'pending' : null,
    orgId: null,
    orgRole: null,
    orgSlug: null,
    orgPermissions: null,
    actor: null,
    factorVerificationAge: null,
    expiresAt: null,
    has: () => false,
  })
}

export function sessionStatus(claims: JsonObject): 'active' | 'pending' | null {
  const status = claims['sts']
  return status === 'active' || status === 'pending' ? status : null
}
