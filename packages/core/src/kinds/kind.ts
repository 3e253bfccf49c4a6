import type { AuthenticatedAuth } from '../auth/auth.js'
import type { OpaqueForm } from '../introspection/introspection.js'
import type { JsonObject } from '../support/json.js'
import type { ClaimRules } from '../token/claims.js'

/** Everything that differs between kinds of token. */
export interface Kind<A extends AuthenticatedAuth = AuthenticatedAuth> {
  /** The JWT form, verified locally. */
  readonly jwt?: JwtForm<A>
  /** The opaque form, verified by asking Clerk. */
  readonly opaque?: OpaqueForm<A>
  /** The fields of a requirement that callers of this kind can meet. */
  readonly guardFields: readonly GuardField[]
  /** Whether `acceptsToken: 'any'` excludes it, so that it must be named. */
  readonly mustBeNamed?: true
}

/** The fields of a requirement that only some kinds of token can meet. */
export type GuardField =
  | 'org'
  | 'role'
  | 'permission'
  | 'feature'
  | 'plan'
  | 'scope'
  | 'machine'
  | 'client'
  | 'impersonation'
  | 'reverification'
  | 'fresh'

export interface JwtForm<A> {
  /** The header parameter `cat`, which Clerk uses to identify the kind. */
  readonly category?: string
  /** The header parameter `typ`, if it identifies the kind (RFC 9068 section 2.1). */
  readonly typ?: 'at+jwt'
  /** Whether verified claims are of this kind, for tokens whose header does not say. */
  readonly isKindOf?: (claims: JsonObject) => boolean
  /** The option required to verify such tokens. */
  readonly needs?: 'machineId'
  /** Creates the reader of verified claims. */
  readonly reader: (rules: JwtRules) => ClaimsReader<A>
}

/** What the configuration requires of a JWT. */
export interface JwtRules extends ClaimRules {
  readonly treatPendingAsSignedOut: boolean
  /** This service's machine, or `any`. */
  readonly machineId: string | undefined
}

/**
 * Checks the claims of a JWT whose signature has been verified, and returns the caller.
 *
 * @param now milliseconds since the epoch
 * @throws {AuthError} those of {@link checkClaims}, and those of the kind
 */
export type ClaimsReader<A> = (claims: JsonObject, now: number) => A
