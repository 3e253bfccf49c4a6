import type { M2mAuth } from './auth.js'
import { checkClaims, text, type ClaimRules } from './claims.js'
import { AuthError } from './errors.js'
import { member, type JsonObject } from './json.js'
import { m2mAuth } from './machine-auth.js'
import { checkMachineScope, MACHINE_ID } from './machine-scope.js'
import type { ClaimsReader } from './verify-jwt.js'

/** What is not the machine's own claim. */
const REGISTERED: ReadonlySet<string> = new Set(['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'])

/** Reads M2M tokens in JWT form. Throws what `checkClaims` throws, `token-claim-invalid` or `machine-out-of-scope`. */
export function m2mReader(rules: ClaimRules, machineId: string): ClaimsReader<M2mAuth> {
  return (claims, now) => {
    const subject = text(claims, 'sub')
    if (!MACHINE_ID.test(subject)) throw new AuthError('token-claim-invalid', { message: 'claim "sub" is no machine' })
    const expiresAt = checkClaims(claims, rules, now)
    const jti = member(claims, 'jti')
    const own = Object.entries(claims).filter(([name]) => !REGISTERED.has(name))
    const auth = m2mAuth({
      id: typeof jti === 'string' ? jti : '',
      subject,
      scopes: scopesOf(claims),
      claims: own.length > 0 ? Object.fromEntries(own) : null,
      expiresAt,
    })
    checkMachineScope(auth, machineId)
    return auth
  }
}

/** `scopes` says which machines the token is for. Only where it is absent does `aud` say so. */
function scopesOf(claims: JsonObject): readonly string[] {
  const scopes = member(claims, 'scopes')
  if (typeof scopes === 'string') return scopes.split(' ').filter((scope) => scope !== '')
  const listed = scopes === undefined ? member(claims, 'aud') : scopes
  if (typeof listed === 'string') return [listed]
  return Array.isArray(listed) && listed.every((one) => typeof one === 'string') ? listed : []
}
