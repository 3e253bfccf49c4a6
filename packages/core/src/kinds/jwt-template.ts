import type { TemplateAuth } from '../auth/auth.js'
import { checkClaims, stringClaim, tokenIdOf } from '../token/claims.js'
import { hasNothing } from '../auth/has.js'
import type { JsonObject } from '../support/json.js'
import type { JwtRules, Kind } from './kind.js'

/** A user, identified by a token from a JWT template: https://clerk.com/docs/guides/sessions/jwt-templates */
export const jwtTemplate = {
  jwt: {
    category: 'cl_B7d4PD222AAA',
    isKindOf: () => true, // any other token, so this kind comes last in the table
    reader: (rules) => (claims, now) => readTemplateToken(claims, rules, now),
  },
  guardFields: [],
  // The claims are defined by the author of the template.
  mustBeNamed: true,
} as const satisfies Kind<TemplateAuth>

/** @throws {AuthError} what {@link checkClaims} throws, or `token-claim-invalid` */
function readTemplateToken(claims: JsonObject, rules: JwtRules, now: number): TemplateAuth {
  const userId = stringClaim(claims, 'sub')
  const expiresAt = checkClaims(claims, rules, now)
  return Object.freeze<TemplateAuth>({
    isAuthenticated: true,
    tokenType: 'jwt_template',
    id: tokenIdOf(claims),
    userId,
    claims,
    expiresAt,
    has: hasNothing,
  })
}
