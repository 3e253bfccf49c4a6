import type { Actor, SessionAuth, SessionClaims } from '../auth/auth.js'
import { checkClaims, numericDate, stringClaim } from '../token/claims.js'
import { AuthError } from '../auth/errors.js'
import { hasAll } from '../auth/has.js'
import { member, type JsonObject } from '../support/json.js'
import { activeOrganization } from '../auth/organization.js'
import type { FactorVerificationAge } from '../auth/reverification.js'
import type { JwtRules, Kind } from './kind.js'

/** A signed-in user: https://clerk.com/docs/guides/sessions/session-tokens */
export const session = {
  jwt: {
    category: 'cl_B7d4PD111AAA',
    isKindOf: (claims) => member(claims, 'sid') !== undefined,
    reader: (rules) => (claims, now) => readSession(claims, rules, now),
  },
  guardFields: ['org', 'role', 'permission', 'feature', 'plan', 'impersonation', 'reverification', 'fresh'],
} as const satisfies Kind<SessionAuth>

/** @throws {AuthError} what {@link checkClaims} throws, `token-claim-invalid` or `session-pending` */
function readSession(claims: JsonObject, rules: JwtRules, now: number): SessionAuth {
  const userId = stringClaim(claims, 'sub')
  const sessionId = stringClaim(claims, 'sid')
  numericDate(claims, 'iat')
  const expiresAt = checkClaims(claims, rules, now)
  const sessionStatus = statusOf(claims)
  if (rules.treatPendingAsSignedOut && sessionStatus === 'pending') throw new AuthError('session-pending')

  // `iss`, `sub`, `sid`, `exp` and `iat` have been checked. The types of custom claims are declared by the application
  // and not checked.
  const sessionClaims = claims as unknown as SessionClaims
  const { orgId, orgRole, orgSlug, orgPermissions } = activeOrganization(claims)
  const auth: SessionAuth = {
    isAuthenticated: true,
    tokenType: 'session_token',
    userId,
    sessionId,
    sessionClaims,
    sessionStatus,
    orgId,
    orgRole,
    orgSlug,
    orgPermissions,
    actor: (member(claims, 'act') ?? undefined) as Actor | undefined,
    factorVerificationAge: (member(claims, 'fva') ?? null) as FactorVerificationAge | null,
    expiresAt,
    has: Object.freeze((asked) => hasAll(auth, asked)),
  }
  return Object.freeze(auth)
}

function statusOf(claims: JsonObject): 'active' | 'pending' | null {
  const status = member(claims, 'sts')
  return status === 'active' || status === 'pending' ? status : null
}
