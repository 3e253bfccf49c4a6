import type { JwtKind, TokenKind } from '../tokens/token-kind.js'
import { isListOf } from '../support/input.js'
import { isLoopbackUrl } from '../support/loopback.js'
import { isLocalKid } from '../tokens/keys.js'
import { finding, type Finding } from './refusal-codes.js'
import { own, type JsonObject } from '../support/strict-json.js'
import { between, moment } from '../support/durations.js'

/** What an API requires of a token. Omitted options are not checked. */
export interface ApiRules {
  readonly accepts: readonly TokenKind[]
  readonly issuers?: readonly string[] | undefined
  readonly audiences?: readonly string[] | undefined
  readonly authorizedParties?: readonly string[] | undefined
  readonly missingAzp: 'reject' | 'allow'
  /** the machine that the API runs as; `any`: not checked */
  readonly machineId?: string | undefined
  /** whose secret key it verifies opaque M2M tokens with: a machine's key finds only tokens for that machine */
  readonly asksAs: 'instance' | 'machine'
  readonly clockSkewInMs: number
  readonly pending: 'refuse' | 'allow'
  readonly localIssuer: 'refuse' | 'allow'
}

type Check = Finding | undefined

/**
 * The first problem that an API finds in the claims of a JWT of this kind; `undefined`: none.
 *
 * @param now milliseconds since the epoch
 */
export function claimsFinding(kind: JwtKind, claims: JsonObject, rules: ApiRules, now: number): Check {
  switch (kind) {
    case 'session_token':
      return (
        stringFinding(claims, 'sub') ??
        stringFinding(claims, 'sid') ??
        timeFinding(claims, 'iat') ??
        commonFinding(claims, rules, now) ??
        pendingFinding(claims, rules)
      )
    case 'm2m_token':
      return (
        subjectFinding(claims, /^mch_\w{27}$/, 'a machine, mch_ and 27 characters') ??
        commonFinding(claims, { ...rules, authorizedParties: undefined, audiences: undefined }, now) ??
        scopeFinding(machineScopesOf(claims), rules)
      )
    case 'oauth_token':
      return (
        subjectFinding(claims, /^user_\w+$/, 'a user, user_…') ??
        stringFinding(claims, 'client_id') ??
        commonFinding(claims, { ...rules, authorizedParties: undefined }, now)
      )
    case 'jwt_template':
      return stringFinding(claims, 'sub') ?? commonFinding(claims, rules, now)
  }
}

/** The token is bound to a key or certificate of its sender: RFC 7800. */
export function bindingFinding(claims: JsonObject): Check {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  return finding('token-binding-unsupported', 'it has "cnf", so it requires a proof of possession')
}

/** @param issuer already checked to be a string */
export function localIssuerFinding(kid: string | undefined, issuer: string, { localIssuer }: ApiRules): Check {
  const isLocal = isLocalKid(kid) || isLoopbackUrl(issuer)
  if (localIssuer === 'allow' || !isLocal) return undefined
  return finding('token-invalid-issuer', 'a local instance issued it, and no API in production trusts those')
}

export function audienceFinding(aud: unknown, audiences: readonly string[] | undefined): Check {
  if (!audiences) return undefined
  const values = typeof aud === 'string' ? [aud] : aud
  const isList = isListOf(values, (value) => typeof value === 'string' && value !== '')
  if (isList && values.some((value) => audiences.includes(value as string))) return undefined
  return finding('token-invalid-audience', `${claimText('aud', aud)}, and the API expects ${either(audiences)}`)
}

/** @param scopes ids of the machines that a token is for */
export function scopeFinding(scopes: readonly unknown[], { machineId }: ApiRules): Check {
  if (machineId === 'any' || machineId === undefined || scopes.includes(machineId)) return undefined
  return finding('machine-out-of-scope', `it is for ${quoted(scopes)}, and the API is ${JSON.stringify(machineId)}`)
}

function commonFinding(claims: JsonObject, rules: ApiRules, now: number): Check {
  return (
    timeFinding(claims, 'exp') ??
    optionalTimeFinding(claims, 'iat') ??
    optionalTimeFinding(claims, 'nbf') ??
    stringFinding(claims, 'iss') ??
    contradictionFinding(claims) ??
    issuerFinding(claims, rules) ??
    lifeFinding(claims, rules, now) ??
    partyFinding(claims, rules) ??
    audienceFinding(own(claims, 'aud'), rules.audiences)
  )
}

function stringFinding(claims: JsonObject, name: string): Check {
  const value = own(claims, name)
  if (typeof value === 'string' && value !== '') return undefined
  return finding('token-claim-invalid', `${claimText(name, value)}, and it must be a non-empty string`)
}

function subjectFinding(claims: JsonObject, pattern: RegExp, expected: string): Check {
  const sub = own(claims, 'sub')
  const problem = stringFinding(claims, 'sub')
  if (problem || pattern.test(sub as string)) return problem
  return finding('token-claim-invalid', `${claimText('sub', sub)}, and it must be ${expected}`)
}

/** Seconds, the range of a Date: ECMA-262 section 21.4.1.1. */
const MAX_NUMERIC_DATE = 8.64e12

/** Milliseconds since the epoch; `undefined`: the claim is not a time. */
export function timeOf(claims: JsonObject, name: string): number | undefined {
  const value = own(claims, name)
  const isTime = typeof value === 'number' && value >= 1 && value <= MAX_NUMERIC_DATE
  return isTime ? Math.floor(value) * 1000 : undefined
}

function timeFinding(claims: JsonObject, name: string): Check {
  if (timeOf(claims, name) !== undefined) return undefined
  const value = own(claims, name)
  return finding('token-claim-invalid', `${claimText(name, value)}, and it must be a number of seconds since 1970`)
}

function optionalTimeFinding(claims: JsonObject, name: string): Check {
  return own(claims, name) === undefined ? undefined : timeFinding(claims, name)
}

function contradictionFinding(claims: JsonObject): Check {
  const [exp = 0, iat = 0, nbf = 0] = ['exp', 'iat', 'nbf'].map((name) => timeOf(claims, name))
  if (iat <= exp && nbf <= exp) return undefined
  return finding('token-claim-invalid', `its "${iat > exp ? 'iat' : 'nbf'}" is later than its "exp"`)
}

function issuerFinding(claims: JsonObject, { issuers }: ApiRules): Check {
  const iss = own(claims, 'iss')
  if (!issuers || issuers.includes(iss as string)) return undefined
  return finding('token-invalid-issuer', `${claimText('iss', iss)}, and the API expects ${either(issuers)}`)
}

function lifeFinding(claims: JsonObject, { clockSkewInMs: skew }: ApiRules, now: number): Check {
  const [exp = 0, nbf = -Infinity, iat = -Infinity] = ['exp', 'nbf', 'iat'].map((name) => timeOf(claims, name))
  const allowed = skew > 0 ? `, and the API allows a clock skew of ${between(0, skew)}` : ''
  if (exp <= now - skew) return finding('token-expired', `it expired ${moment(exp, now)}${allowed}`)
  if (nbf > now + skew) return finding('token-not-active-yet', `it is active ${moment(nbf, now)}${allowed}`)
  if (iat > now + skew)
    return finding('token-iat-in-the-future', `its issue time is in the future: ${moment(iat, now)}${allowed}`)
  return undefined
}

function partyFinding(claims: JsonObject, { authorizedParties, missingAzp }: ApiRules): Check {
  const azp = own(claims, 'azp')
  if (!authorizedParties || (azp === undefined && missingAzp === 'allow')) return undefined
  if (authorizedParties.includes(azp as string)) return undefined
  const because = `${claimText('azp', azp)}, and the API allows ${either(authorizedParties)}`
  return finding('token-invalid-authorized-parties', because)
}

function pendingFinding(claims: JsonObject, { pending }: ApiRules): Check {
  if (pending === 'allow' || own(claims, 'sts') !== 'pending') return undefined
  return finding('session-pending', 'its "sts" is "pending": the user still has a task to complete')
}

/** `scopes` lists the machines that a token is for; `aud` only if `scopes` is absent. */
function machineScopesOf(claims: JsonObject): readonly unknown[] {
  const scopes = own(claims, 'scopes')
  if (typeof scopes === 'string') return scopes.split(' ').filter(Boolean)
  const listed = scopes === undefined ? own(claims, 'aud') : scopes
  if (typeof listed === 'string') return [listed]
  return isListOf(listed, (item) => typeof item === 'string') ? listed : []
}

function claimText(name: string, value: unknown): string {
  return value === undefined ? `it has no "${name}"` : `its "${name}" is ${JSON.stringify(value)}`
}

function either(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ')
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ') || 'no machine'
}
