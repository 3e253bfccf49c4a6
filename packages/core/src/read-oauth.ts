import type { OAuthAuth } from './auth.js'
import { checkClaims, text, type ClaimRules } from './claims.js'
import { AuthError } from './errors.js'
import { member, type JsonObject } from './json.js'
import { oauthAuth } from './machine-auth.js'
import type { ClaimsReader } from './verify-jwt.js'

const USER_ID = /^user_\w+$/

/** Reads OAuth access tokens in JWT form (RFC 9068). Throws what `checkClaims` throws, or `token-claim-invalid`. */
export function oauthReader(rules: ClaimRules): ClaimsReader<OAuthAuth> {
  return (claims, now) => {
    const subject = text(claims, 'sub')
    if (!USER_ID.test(subject)) throw new AuthError('token-claim-invalid', { message: 'claim "sub" is no user' })
    const clientId = text(claims, 'client_id')
    const expiresAt = checkClaims(claims, rules, now)
    const jti = member(claims, 'jti')
    return oauthAuth({
      id: typeof jti === 'string' ? jti : '',
      subject,
      clientId,
      scopes: scopesOf(claims),
      orgId: member(claims, 'org_id'),
      audience: member(claims, 'aud'),
      actor: member(claims, 'act'),
      expiresAt,
    })
  }
}

/** `scp` is a list, `scope` a text (RFC 8693 section 4.2). What is malformed grants nothing. */
function scopesOf(claims: JsonObject): readonly string[] {
  const [scp, scope] = [member(claims, 'scp'), member(claims, 'scope')]
  if (scp !== undefined) return Array.isArray(scp) && scp.every((one) => typeof one === 'string') ? scp : []
  return typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : []
}
