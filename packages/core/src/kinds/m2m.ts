import type { M2mAuth } from '../auth/auth.js'
import { deepFreeze } from '../support/deep-freeze.js'
import { checkClaims, stringClaim, tokenIdOf } from '../token/claims.js'
import { AuthError } from '../auth/errors.js'
import { hasNothing } from '../auth/has.js'
import { isId, isStrings, isSubject, objectOrNull, type Answer } from '../introspection/answer.js'
import type { OpaquePolicy } from '../introspection/introspection.js'
import { member, type JsonObject } from '../support/json.js'
import type { JwtRules, Kind } from './kind.js'
import { RATE_80 } from './rates.js'

export const MACHINE_ID = /^mch_\w{27}$/

/** A machine: https://clerk.com/docs/guides/development/machine-auth/m2m-tokens */
export const m2m = {
  jwt: {
    category: 'cl_B7d4PD333AAA',
    isKindOf: isMachine,
    // Without the id of this service's machine, the scopes of a token cannot be checked.
    needs: 'machineId',
    reader: (rules) => (claims, now) => readM2mJwt(claims, rules, now),
  },
  opaque: {
    prefix: 'mt_',
    verifyAt: '/m2m_tokens/verify',
    bodyField: 'token',
    secrets: ['machineSecretKey', 'secretKey'],
    rate: RATE_80,
    isBilled: true,
    read: readM2mAnswer,
    check: checkAnsweredScope,
  },
  guardFields: ['machine', 'fresh'],
} as const satisfies Kind<M2mAuth>

export function isMachine(claims: JsonObject): boolean {
  const sub = member(claims, 'sub')
  return typeof sub === 'string' && sub.startsWith('mch_')
}

/** Registered claims, as opposed to the machine's custom claims. */
const REGISTERED: ReadonlySet<string> = new Set(['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'])

/** @throws {AuthError} what {@link checkClaims} throws, `token-claim-invalid` or `machine-out-of-scope` */
function readM2mJwt(claims: JsonObject, { issuers, clockSkewInMs, machineId }: JwtRules, now: number): M2mAuth {
  const subject = stringClaim(claims, 'sub')
  if (!MACHINE_ID.test(subject))
    throw new AuthError('token-claim-invalid', { message: 'claim "sub" is not a machine id' })
  // A machine has no origin, and its audience is a machine, so `azp` and `aud` are not checked.
  const expiresAt = checkClaims(claims, { ...(issuers && { issuers }), missingAzp: 'reject', clockSkewInMs }, now)
  const own = Object.entries(claims).filter(([name]) => !REGISTERED.has(name))
  const auth = m2mAuth({
    id: tokenIdOf(claims),
    subject,
    scopes: scopesOf(claims),
    claims: own.length > 0 ? Object.fromEntries(own) : null,
    expiresAt,
  })
  checkScope(auth, machineId)
  return auth
}

/** `scopes` lists the machines that the token is for. `aud` is used only if it is missing. */
function scopesOf(claims: JsonObject): readonly string[] {
  const scopes = member(claims, 'scopes')
  if (typeof scopes === 'string') return scopes.split(' ').filter((scope) => scope !== '')
  const listed = scopes === undefined ? member(claims, 'aud') : scopes
  if (typeof listed === 'string') return [listed]
  return isStrings(listed) ? listed : []
}

function readM2mAnswer(answer: Answer, expiresAt: number | null): M2mAuth | undefined {
  const { object, id, subject, claims, scopes = [] } = answer
  if (object !== 'machine_to_machine_token' || !isId(id, 'mt') || !isSubject(subject, 'mch')) return undefined
  if (!isStrings(scopes) || !scopes.every((scope) => isSubject(scope, 'mch'))) return undefined
  return m2mAuth({ id, subject, scopes, claims: objectOrNull(claims), expiresAt })
}

/**
 * If asked with a machine's secret, Clerk checks the scopes against that machine. Scopes in the response, which are
 * optional, are also checked against `machineId`, to detect the secret of another machine. If asked with the instance's
 * secret, Clerk does not check the scopes.
 */
function checkAnsweredScope(auth: M2mAuth, { machineId, machineSecretKey, scopeUnchecked }: OpaquePolicy): void {
  const clerkCompares = machineSecretKey !== undefined
  if (machineId === undefined) return clerkCompares ? undefined : scopeUnchecked()
  if (!clerkCompares || auth.scopes.length > 0) checkScope(auth, machineId)
}

/**
 * Checks that a token may be used with this service. Which machines may call is up to the guards.
 *
 * @throws {AuthError} `machine-out-of-scope`
 */
function checkScope({ scopes }: M2mAuth, machineId: string | undefined): void {
  if (machineId === 'any' || (machineId !== undefined && scopes.includes(machineId))) return
  throw new AuthError('machine-out-of-scope', {
    message:
      'the scopes of the token do not include this machine: check that "machineId" is the id of this service, ' +
      'and that the calling machine has it in its scopes',
  })
}

function m2mAuth(facts: Pick<M2mAuth, 'id' | 'subject' | 'scopes' | 'claims' | 'expiresAt'>): M2mAuth {
  const { id, subject, scopes, claims, expiresAt } = facts
  return deepFreeze<M2mAuth>({
    isAuthenticated: true,
    tokenType: 'm2m_token',
    id,
    subject,
    machineId: subject,
    scopes,
    claims,
    expiresAt,
    has: hasNothing,
  })
}
