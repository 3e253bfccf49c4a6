import type { AuthError, TokenType } from './errors.js'
import { hasNothing, type AskedOfSession } from './has.js'
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

/**
 * A user, by a token from a JWT template: https://clerk.com/docs/guides/sessions/jwt-templates
 *
 * Whoever wrote the template chose what it says. It belongs to no session, so it has no organization and no factors,
 * and nothing revokes it.
 */
export interface TemplateAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'jwt_template'
  /** `jti`; empty where the token has none. */
  readonly id: string
  readonly userId: string
  /** All of them, those of the template too. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly has: (asked: AskedOfSession) => false
}

/** A machine, by an M2M token: https://clerk.com/docs/guides/development/machine-auth/m2m-tokens */
export interface M2mAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'm2m_token'
  /** The token. */
  readonly id: string
  readonly subject: string
  /** The machine that calls; the same as `subject`. */
  readonly machineId: string
  /** The machines that the token may be used with. */
  readonly scopes: readonly string[]
  /** What the machine wrote into its token: its own word, not Clerk's. */
  readonly claims: Readonly<Record<string, unknown>> | null
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  readonly has: (asked: AskedOfSession) => false
}

/** An OAuth client that acts for a user, by an access token. */
export interface OAuthAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'oauth_token'
  /** The token. */
  readonly id: string
  readonly subject: string
  /** The user for whom the client acts; the same as `subject`. */
  readonly userId: string
  readonly clientId: string
  /** What the user granted to the client. */
  readonly scopes: readonly string[]
  readonly orgId: string | undefined
  readonly audience: readonly string[] | undefined
  /** Who acts in the user's place; `undefined` where nobody does. */
  readonly actor: Actor | undefined
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  readonly has: (asked: AskedOfSession) => false
}

/** Whoever an API key belongs to: https://clerk.com/docs/guides/development/machine-auth/api-keys */
export interface ApiKeyAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'api_key'
  /** The key. */
  readonly id: string
  /** A user, an organization or a machine. */
  readonly subject: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly claims: Readonly<Record<string, unknown>> | null
  /** `null` where the key is no user's. */
  readonly userId: string | null
  /** `null` where the key is no organization's. */
  readonly orgId: string | null
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  readonly has: (asked: AskedOfSession) => false
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
  readonly id: null
  readonly subject: null
  readonly machineId: null
  readonly clientId: null
  readonly name: null
  readonly scopes: null
  readonly claims: null
  readonly audience: null
  readonly expiresAt: null
  readonly has: (asked: AskedOfSession) => false
}

/** By kind. */
export interface AuthByTokenType {
  readonly session_token: SessionAuth
  readonly m2m_token: M2mAuth
  readonly oauth_token: OAuthAuth
  readonly api_key: ApiKeyAuth
  readonly jwt_template: TemplateAuth
}

/** A caller whose credential was verified. */
export type AuthenticatedAuth = AuthByTokenType[TokenType]

type KeyOf<Union> = Union extends unknown ? keyof Union : never
type Readable<One, Union> = One extends unknown
  ? One & { readonly [Missing in Exclude<KeyOf<Union>, keyof One>]?: undefined }
  : never

type AnyKind = Exclude<AuthenticatedAuth, TemplateAuth>

/**
 * A caller of any kind that `'any'` accepts. Every field can be read before `tokenType` was looked at: one that the kind
 * does not have is `undefined`.
 */
export type AnyAuth = Readable<AnyKind, AnyKind>

/** Who is calling. */
export type Auth = AuthenticatedAuth | Unauthenticated

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
    id: null,
    subject: null,
    machineId: null,
    clientId: null,
    name: null,
    scopes: null,
    claims: null,
    audience: null,
    expiresAt: null,
    has: hasNothing,
  })
}
