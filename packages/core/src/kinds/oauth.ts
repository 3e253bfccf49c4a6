import type { OAuthAuth } from '../auth/auth.js'
import { checkAudience, checkClaims, stringClaim, tokenIdOf } from '../token/claims.js'
import { deepFreeze } from '../support/deep-freeze.js'
import { AuthError } from '../auth/errors.js'
import { hasNothing } from '../auth/has.js'
import { isId, isNonEmptyString, isStrings, isSubject, type Answer } from '../introspection/answer.js'
import type { OpaquePolicy } from '../introspection/introspection.js'
import { member, type JsonObject } from '../support/json.js'
import type { JwtRules, Kind } from './kind.js'
import { RATE_20 } from './rates.js'

/** An OAuth client acting for a user: https://clerk.com/docs/guides/configure/auth-strategies/oauth/overview */
export const oauth = {
  jwt: {
    typ: 'at+jwt',
    reader: (rules) => (claims, now) => readOAuthJwt(claims, rules, now),
  },
  opaque: {
    prefix: 'oat_',
    verifyAt: '/oauth_applications/access_tokens/verify',
    bodyField: 'access_token',
    secrets: ['secretKey'],
    rate: RATE_20,
    isBilled: false,
    read: readOAuthAnswer,
    isInactive: ({ active }) => active === false,
    check: checkAnsweredAudience,
  },
  guardFields: ['org', 'scope', 'client', 'fresh'],
} as const satisfies Kind<OAuthAuth>

const USER_ID = /^user_\w+$/

/**
 * Reads claims as specified in RFC 9068. @throws {AuthError} what {@link checkClaims} throws, or `token-claim-invalid`
 */
function readOAuthJwt(claims: JsonObject, { issuers, audiences, clockSkewInMs }: JwtRules, now: number): OAuthAuth {
  const subject = stringClaim(claims, 'sub')
  if (!USER_ID.test(subject)) throw new AuthError('token-claim-invalid', { message: 'claim "sub" is not a user id' })
  const clientId = stringClaim(claims, 'client_id')
  // Sent by a client, not a page, so `azp` is not checked.
  const rules = {
    ...(issuers && { issuers }),
    ...(audiences && { audiences }),
    missingAzp: 'reject',
    clockSkewInMs,
  } as const
  const expiresAt = checkClaims(claims, rules, now)
  return oauthAuth({
    id: tokenIdOf(claims),
    subject,
    clientId,
    scopes: scopesOf(claims),
    orgId: member(claims, 'org_id'),
    audience: member(claims, 'aud'),
    actor: member(claims, 'act'),
    expiresAt,
  })
}

/** `scp` is a list, `scope` a string (RFC 8693 section 4.2). Malformed ones grant nothing. */
function scopesOf(claims: JsonObject): readonly string[] {
  const [scp, scope] = [member(claims, 'scp'), member(claims, 'scope')]
  if (scp !== undefined) return Array.isArray(scp) && scp.every((one) => typeof one === 'string') ? scp : []
  return typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : []
}

function readOAuthAnswer(answer: Answer, expiresAt: number | null): OAuthAuth | undefined {
  const { object, id, client_id: clientId, subject, scopes } = answer
  if (object !== 'clerk_idp_oauth_access_token' || !isId(id, 'oat') || !isSubject(subject, 'user')) return undefined
  if (!isNonEmptyString(clientId) || !isStrings(scopes)) return undefined
  const { org_id: orgId, aud: audience, act: actor } = answer
  return oauthAuth({ id, subject, clientId, scopes, orgId, audience, actor, expiresAt })
}

function checkAnsweredAudience({ audience }: OAuthAuth, { audiences }: OpaquePolicy): void {
  if (audiences) checkAudience(audience, audiences)
}

type Facts = Pick<OAuthAuth, 'id' | 'subject' | 'clientId' | 'scopes' | 'expiresAt'> & {
  readonly orgId: unknown
  readonly audience: unknown
  readonly actor: unknown
}

function oauthAuth({ id, subject, clientId, scopes, orgId, audience, actor, expiresAt }: Facts): OAuthAuth {
  return deepFreeze<OAuthAuth>({
    isAuthenticated: true,
    tokenType: 'oauth_token',
    id,
    subject,
    userId: subject,
    clientId,
    scopes,
    orgId: isNonEmptyString(orgId) ? orgId : undefined,
    audience: audienceOf(audience),
    actor: (actor ?? undefined) as OAuthAuth['actor'],
    expiresAt,
    has: hasNothing,
  })
}

function audienceOf(audience: unknown): readonly string[] | undefined {
  if (typeof audience === 'string') return [audience]
  return Array.isArray(audience) && audience.every((one) => typeof one === 'string') ? audience : undefined
}
