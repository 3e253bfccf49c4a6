import type { TemplateAuth } from './auth.js'
import { checkClaims, text, type ClaimRules } from './claims.js'
import { hasNothing } from './has.js'
import { member } from './json.js'
import type { ClaimsReader } from './verify-jwt.js'

/** Reads tokens from JWT templates. Throws what `checkClaims` throws, or `token-claim-invalid`. */
export function templateReader(rules: ClaimRules): ClaimsReader<TemplateAuth> {
  return (claims, now) => {
    const userId = text(claims, 'sub')
    const expiresAt = checkClaims(claims, rules, now)
    const jti = member(claims, 'jti')
    return Object.freeze<TemplateAuth>({
      isAuthenticated: true,
      tokenType: 'jwt_template',
      id: typeof jti === 'string' ? jti : '',
      userId,
      claims,
      expiresAt,
      has: hasNothing,
    })
  }
}
