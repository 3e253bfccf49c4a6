import type { AuthenticatedAuth } from '../auth/auth.js'
import type { OpaqueForm } from '../introspection/introspection.js'
import type { JsonObject } from '../support/json.js'
import type { ClaimRules } from '../token/claims.js'

/** What sets one kind of credential apart. Everything that differs by kind is read from here. */
export interface Kind<A extends AuthenticatedAuth = AuthenticatedAuth> {
  /** Its form as a JWT, verified here. */
  readonly jwt?: JwtForm<A>
  /** Its form as an opaque token, verified by asking Clerk. */
  readonly opaque?: OpaqueForm<A>
  /** The fields of a requirement that such a caller can meet. */
  readonly guardFields: readonly GuardField[]
  /** Whether `acceptsToken: 'any'` leaves it out, so that it has to be named. */
  readonly mustBeNamed?: true
}

/** The fields of a requirement that only some kinds of credential can meet. */
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

export interface JwtForm<A> {
  /** The header parameter `cat`, by which Clerk names the kind. */
  readonly category?: string
  /** The header parameter `typ`, where it names the kind (RFC 9068 section 2.1). */
  readonly typ?: 'at+jwt'
  /** Whether verified claims are of this kind, for a token whose header does not tell. */
  readonly isKindOf?: (claims: JsonObject) => boolean
  /** The option without which such a token cannot be verified. */
  readonly needs?: 'machineId'
  /** Prepares the reader of verified claims. */
  readonly reader: (rules: JwtRules) => ClaimsReader<A>
}

/** What the configuration asks of a JWT. */
export interface JwtRules extends ClaimRules {
  readonly treatPendingAsSignedOut: boolean
  /** This service's machine, or `any`. */
  readonly machineId: string | undefined
}

/**
 * Checks the claims of a JWT whose signature has been verified, and says who is calling.
 *
 * @param now milliseconds since the epoch
 * @throws {AuthError} what {@link checkClaims} throws, and what the kind adds
 */
export type ClaimsReader<A> = (claims: JsonObject, now: number) => A
