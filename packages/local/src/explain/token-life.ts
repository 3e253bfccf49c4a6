import { timeOf } from './check-claims.js'
import type { JsonObject } from '../support/strict-json.js'

/** The lifetime of a token. Times are milliseconds since the epoch; `null`: unknown. */
export interface TokenLife {
  readonly issuedAt: number | null
  readonly notBefore: number | null
  /** `null`: never */
  readonly expiresAt: number | null
  readonly now: number
}

export function lifeOfClaims(claims: JsonObject, now: number): TokenLife {
  const [issuedAt = null, notBefore = null, expiresAt = null] = ['iat', 'nbf', 'exp'].map((name) =>
    timeOf(claims, name),
  )
  return { issuedAt, notBefore, expiresAt, now }
}
