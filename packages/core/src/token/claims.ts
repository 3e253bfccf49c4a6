import { AuthError } from '../auth/errors.js'
import { member, type JsonObject, type JsonValue } from '../support/json.js'

/** The expected claims of tokens of any kind. Missing members are not checked. */
export interface ClaimRules {
  /** `iss` must equal one of these. */
  readonly issuers?: readonly string[]
  /** `aud` must contain one of these. */
  readonly audiences?: readonly string[]
  /** `azp` must equal one of these. */
  readonly authorizedParties?: readonly string[]
  /** Whether to accept tokens without `azp` if `authorizedParties` is set. */
  readonly missingAzp: 'reject' | 'allow'
  /** Allowed difference between the issuer's clock and ours, in milliseconds. */
  readonly clockSkewInMs: number
}

// Seconds. The limit of Date (ECMA-262 section 21.4.1.1), so that the milliseconds are exact.
const MAX_NUMERIC_DATE = 8.64e12

/**
 * Checks the registered claims (RFC 7519 section 4.1) of a payload whose signature has already been verified.
 *
 * @param now milliseconds since the epoch
 * @returns `exp`, in milliseconds since the epoch
 * @throws {AuthError} `token-claim-invalid`, `token-invalid-issuer`, `token-expired`, `token-not-active-yet`,
 * `token-iat-in-the-future`, `token-invalid-authorized-parties` or `token-invalid-audience`
 */
export function checkClaims(claims: JsonObject, rules: ClaimRules, now: number): number {
  const exp = numericDate(claims, 'exp')
  const iat = optionalNumericDate(claims, 'iat')
  const nbf = optionalNumericDate(claims, 'nbf')
  const iss = stringClaim(claims, 'iss')
  if (iat > exp || nbf > exp)
    throw new AuthError('token-claim-invalid', { message: 'the times in the token contradict each other' })

  if (rules.issuers && !rules.issuers.includes(iss)) throw new AuthError('token-invalid-issuer')
  checkTimes({ exp, iat, nbf }, rules.clockSkewInMs, now)
  if (rules.authorizedParties) checkAzp(member(claims, 'azp'), rules.authorizedParties, rules.missingAzp)
  if (rules.audiences) checkAudience(member(claims, 'aud'), rules.audiences)
  return exp
}

/** `jti`, or an empty string if the token has none. */
export function tokenIdOf(claims: JsonObject): string {
  const jti = member(claims, 'jti')
  return typeof jti === 'string' ? jti : ''
}

/** `iat`, which has been checked, in seconds since the epoch. */
export function issuedAtOf(claims: JsonObject): number | undefined {
  return member(claims, 'iat') as number | undefined
}

/**
 * Reads a claim that must be a non-empty string.
 *
 * @throws {AuthError} `token-claim-invalid`
 */
export function stringClaim(claims: JsonObject, name: string): string {
  const value = member(claims, name)
  if (typeof value === 'string' && value !== '') return value
  throw new AuthError('token-claim-invalid', { message: `claim "${name}" is missing or not a string` })
}

/**
 * Refuses sender-constrained tokens (`cnf`: RFC 7800). The proof of possession cannot be checked here, and accepting
 * them as bearer tokens would let stolen ones be used: RFC 9449 section 7.2, RFC 8705 section 3.
 *
 * @throws {AuthError} `token-binding-unsupported`
 */
export function checkNotBound(claims: JsonObject): void {
  if (Object.hasOwn(claims, 'cnf')) throw new AuthError('token-binding-unsupported')
}

/** An optional time. If it is missing, it counts as long ago. */
function optionalNumericDate(claims: JsonObject, name: string): number {
  return member(claims, name) === undefined ? Number.NEGATIVE_INFINITY : numericDate(claims, name)
}

/**
 * Reads a required NumericDate: seconds in the token (RFC 7519 section 2), milliseconds here.
 *
 * @throws {AuthError} `token-claim-invalid`
 */
export function numericDate(claims: JsonObject, name: string): number {
  const value = member(claims, name)
  if (typeof value === 'number' && value >= 1 && value <= MAX_NUMERIC_DATE) return Math.floor(value) * 1000
  throw new AuthError('token-claim-invalid', { message: `claim "${name}" is missing or not a NumericDate` })
}

function checkTimes(times: { exp: number; iat: number; nbf: number }, skew: number, now: number): void {
  // Not `<=`: if the clock returns NaN, every token must be refused.
  if (!(times.exp > now - skew))
    throw new AuthError('token-expired', {
      message: 'the token has expired; if this happens for new tokens too, the clock of this server is ahead',
    })
  if (times.nbf > now + skew) throw new AuthError('token-not-active-yet')
  if (times.iat > now + skew) throw new AuthError('token-iat-in-the-future')
}

function checkAzp(azp: JsonValue | undefined, parties: readonly string[], missing: 'reject' | 'allow'): void {
  if (azp === undefined && missing === 'allow') return
  if (!(parties as readonly unknown[]).includes(azp)) throw new AuthError('token-invalid-authorized-parties')
}

/**
 * Checks the audience of a token.
 *
 * @throws {AuthError} `token-invalid-audience`
 */
export function checkAudience(aud: unknown, audiences: readonly string[]): void {
  const values = typeof aud === 'string' ? [aud] : aud
  const areStrings = Array.isArray(values) && values.every((value) => typeof value === 'string' && value !== '')
  if (!areStrings || !values.some((value) => audiences.includes(value))) throw new AuthError('token-invalid-audience')
}
