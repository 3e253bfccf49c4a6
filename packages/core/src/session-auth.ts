import type { Actor, SessionAuth, SessionClaims } from './auth.js'
import { hasAll } from './has.js'
import { member, type JsonObject } from './json.js'
import { activeOrganization } from './organization.js'
import type { FactorVerificationAge } from './reverification.js'

/** What a verified session token says, in the words of Clerk's auth object. Frozen, for other requests see it too. */
export function sessionAuth(
  claims: JsonObject,
  ids: { readonly userId: string; readonly sessionId: string; readonly expiresAt: number },
): SessionAuth {
  const { orgId, orgRole, orgSlug, orgPermissions } = activeOrganization(claims)
  // `iss`, `sub`, `sid` and `exp` are verified by now, `iat` is in all that Clerk issues, and the application answers for
  // the claims of its own that it has declared.
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
    actor: (member(claims, 'act') ?? undefined) as Actor | undefined,
    factorVerificationAge: (member(claims, 'fva') ?? null) as FactorVerificationAge | null,
    expiresAt: ids.expiresAt,
    has: Object.freeze((asked) => hasAll(facts, asked)),
  })
}

export function sessionStatus(claims: JsonObject): 'active' | 'pending' | null {
  const status = member(claims, 'sts')
  return status === 'active' || status === 'pending' ? status : null
}
