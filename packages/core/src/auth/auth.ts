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
  /** The origin that requested the token. */
  readonly azp?: string
  /** Features, plan and factor ages, as encoded in the token. Use `has()` to check them. */
  readonly fea?: unknown
  readonly pla?: unknown
  readonly fva?: unknown
}

/** The impersonator: who acts on the user's behalf (RFC 8693 section 4.1). */
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
  /** The verified claims, with the custom ones. */
  readonly sessionClaims: SessionClaims
  /** `pending` only if pending sessions are accepted; `null` if the token does not say. */
  readonly sessionStatus: 'active' | 'pending' | null
  /** The active organization, if any. */
  readonly orgId: string | undefined
  /** With exactly one `org:` prefix. */
  readonly orgRole: Role | undefined
  /** The slug of the active organization; `undefined` without one. */
  readonly orgSlug: string | undefined
  /** Full keys, such as `org:invoices:create`; `undefined` without an active organization. */
  readonly orgPermissions: readonly Permission[] | undefined
  /** The impersonator; `undefined` if the user is not impersonated. */
  readonly actor: Actor | undefined
  /** Minutes since the first and second factor were verified; -1 for a factor that is not enrolled. */
  readonly factorVerificationAge: FactorVerificationAge | null
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whether the user meets all of the given conditions. */
  readonly has: (asked: AskedOfSession) => boolean
}

/**
 * A user, identified by a token from a JWT template: https://clerk.com/docs/guides/sessions/jwt-templates
 *
 * The author of the template chose the claims. The token does not belong to a session, so it has no organization or
 * factors, and cannot be revoked.
 */
export interface TemplateAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'jwt_template'
  /** `jti`; empty if the token has none. */
  readonly id: string
  readonly userId: string
  /** All claims, including those of the template. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Always `false`: only sessions have roles, permissions, features, plans and factors. */
  readonly has: (asked: AskedOfSession) => false
}

/** A machine, identified by an M2M token: https://clerk.com/docs/guides/development/machine-auth/m2m-tokens */
export interface M2mAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'm2m_token'
  /** The id of the token. */
  readonly id: string
  /** The calling machine. */
  readonly subject: string
  /** The calling machine; same as `subject`. */
  readonly machineId: string
  /** The machines that the token may be used with. */
  readonly scopes: readonly string[]
  /** Custom claims, set by the machine itself and not vouched for by Clerk. */
  readonly claims: Readonly<Record<string, unknown>> | null
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  /** Always `false`: only sessions have roles, permissions, features, plans and factors. */
  readonly has: (asked: AskedOfSession) => false
}

/** An OAuth client acting for a user, identified by an access token. */
export interface OAuthAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'oauth_token'
  /** The id of the token. */
  readonly id: string
  /** The user the client acts for. */
  readonly subject: string
  /** The user the client acts for; same as `subject`. */
  readonly userId: string
  /** The OAuth client that the token was issued to. */
  readonly clientId: string
  /** The scopes that the user granted to the client. */
  readonly scopes: readonly string[]
  /** The organization that the user chose for the client, if any. */
  readonly orgId: string | undefined
  /** The resources that the token is for (`aud`); `undefined` if the token does not say. */
  readonly audience: readonly string[] | undefined
  /** The impersonator; `undefined` if the user is not impersonated. */
  readonly actor: Actor | undefined
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  /** Always `false`: only sessions have roles, permissions, features, plans and factors. */
  readonly has: (asked: AskedOfSession) => false
}

/** The owner of an API key: https://clerk.com/docs/guides/development/machine-auth/api-keys */
export interface ApiKeyAuth {
  readonly isAuthenticated: true
  readonly tokenType: 'api_key'
  /** The id of the key. */
  readonly id: string
  /** A user, an organization or a machine. */
  readonly subject: string
  /** The name that its owner gave to the key. */
  readonly name: string
  /** The scopes that the key was created with. */
  readonly scopes: readonly string[]
  /** Custom claims, set when the key was created. */
  readonly claims: Readonly<Record<string, unknown>> | null
  /** `null` if the key does not belong to a user. */
  readonly userId: string | null
  /** `null` if the key does not belong to an organization. */
  readonly orgId: string | null
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
  /** Always `false`: only sessions have roles, permissions, features, plans and factors. */
  readonly has: (asked: AskedOfSession) => false
}

/**
 * An unauthenticated caller, and why. Every id is `null`, so destructuring one compiles and never identifies a caller.
 */
export interface Unauthenticated {
  readonly isAuthenticated: false
  readonly tokenType: null
  /** Why the caller is not authenticated. */
  readonly error: AuthError
  readonly userId: null
  readonly sessionId: null
  readonly sessionClaims: null
  /** `pending` if that is the only reason the session was refused. */
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

/** Callers by kind of token. */
export interface AuthByTokenType {
  readonly session_token: SessionAuth
  readonly m2m_token: M2mAuth
  readonly oauth_token: OAuthAuth
  readonly api_key: ApiKeyAuth
  readonly jwt_template: TemplateAuth
}

/** A caller with a verified token. */
export type AuthenticatedAuth = AuthByTokenType[TokenType]

type KeyOf<Union> = Union extends unknown ? keyof Union : never
type Readable<One, Union> = One extends unknown
  ? One & { readonly [Missing in Exclude<KeyOf<Union>, keyof One>]?: undefined }
  : never

type AnyKind = Exclude<AuthenticatedAuth, TemplateAuth>

/**
 * A caller of any kind that `'any'` accepts. Every field can be read without narrowing by `tokenType`; fields that the
 * kind does not have are `undefined`.
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
