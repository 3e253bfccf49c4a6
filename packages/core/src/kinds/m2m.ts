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
    // Without the id of this service's machine it cannot be told whether a token is meant for it.
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
  guardFields: ['machine'],
} as const satisfies Kind<M2mAuth>

export function isMachine(claims: JsonObject): boolean {
  const sub = member(claims, 'sub')
  return typeof sub === 'string' && sub.startsWith('mch_')
}

/** Claims that are not the machine's own. */
const REGISTERED: ReadonlySet<string> = new Set(['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'])

/** @throws {AuthError} what {@link checkClaims} throws, `token-claim-invalid` or `machine-out-of-scope` */
function readM2mJwt(claims: JsonObject, { issuers, clockSkewInMs, machineId }: JwtRules, now: number): M2mAuth {
  const subject = stringClaim(claims, 'sub')
  if (!MACHINE_ID.test(subject))
    throw new AuthError('token-claim-invalid', { message: 'claim "sub" is not the id of a machine' })
  // A machine has no origin, and its audience is a machine: neither `azp` nor `aud` is compared.
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

/** `scopes` names the machines that the token is for. Only if it is absent does `aud`. */
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
 * Asked with a machine's secret, Clerk compares the scope with that machine. The scopes that the answer lists are compared
 * with `machineId` as well, so that the secret of another machine is noticed; it need not list any. Asked with the
 * instance's secret, Clerk compares nothing.
 */
function checkAnsweredScope(auth: M2mAuth, { machineId, machineSecretKey, scopeUnchecked }: OpaquePolicy): void {
  const clerkCompares = machineSecretKey !== undefined
  if (machineId === undefined) return clerkCompares ? undefined : scopeUnchecked()
  if (!clerkCompares || auth.scopes.length > 0) checkScope(auth, machineId)
}

/**
 * Checks that a token may be used with this service. That does not say which machine calls: guards name those that may.
 *
 * @throws {AuthError} `machine-out-of-scope`
 */
function checkScope({ scopes }: M2mAuth, machineId: string | undefined): void {
  if (machineId === 'any' || (machineId !== undefined && scopes.includes(machineId))) return
  throw new AuthError('machine-out-of-scope', {
    message:
      'the scopes of the token do not hold this machine: check that "machineId" is this service\'s own, ' +
      'and that the calling machine has its scope',
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
