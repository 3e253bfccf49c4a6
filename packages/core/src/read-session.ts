import type { SessionAuth } from './auth.js'
import { checkClaims, numericDate, text, type ClaimRules } from './claims.js'
import { AuthError } from './errors.js'
import { sessionAuth, sessionStatus } from './session-auth.js'
import type { ClaimsReader } from './verify-jwt.js'

/** Reads session tokens. Throws what `checkClaims` throws, `token-claim-invalid` or `session-pending`. */
export function sessionReader(rules: ClaimRules, treatPendingAsSignedOut: boolean): ClaimsReader<SessionAuth> {
  return (claims, now) => {
    const userId = text(claims, 'sub')
    const sessionId = text(claims, 'sid')
    numericDate(claims, 'iat')
    const expiresAt = checkClaims(claims, rules, now)
    if (treatPendingAsSignedOut && sessionStatus(claims) === 'pending') throw new AuthError('session-pending')
    return sessionAuth(claims, { userId, sessionId, expiresAt })
  }
}
