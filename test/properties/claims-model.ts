type Json = Readonly<Record<string, unknown>>

/** What an API requires of tokens, under the names of its options. */
export interface Expectations {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly clockSkewInMs: number
  readonly issuer: readonly string[] | undefined
  readonly audience: readonly string[] | undefined
  readonly authorizedParties: readonly string[] | undefined
  readonly missingAzp: 'reject' | 'allow'
  readonly treatPendingAsSignedOut: boolean
  readonly machineId: string
}

export type ClaimsFault =
  | 'token-claim-invalid'
  | 'token-invalid-issuer'
  | 'token-expired'
  | 'token-not-active-yet'
  | 'token-iat-in-the-future'
  | 'token-invalid-authorized-parties'
  | 'token-invalid-audience'
  | 'session-pending'
  | 'machine-out-of-scope'

type Rule = (claims: Json, expected: Expectations) => ClaimsFault | false

/** A JSON string of at least one character: StringOrURI of RFC 7519 section 2, without checking URIs. */
const isNonEmptyString = (value: unknown) => typeof value === 'string' && value.length > 0
/** Seconds since the epoch, after the epoch, and not later than the largest Date. */
const isTime = (value: unknown): value is number =>
  Number.isFinite(value) && !(Number(value) < 1) && Number(value) <= 8.64e12
const millis = (seconds: unknown) => (isTime(seconds) ? Math.trunc(seconds) * 1000 : Number.NaN)
/** A string or a list of strings, as `aud` is (RFC 7519 section 4.1.3). */
const strings = (value: unknown): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.every((one) => typeof one === 'string') ? list : []
}
const words = (value: unknown) => (typeof value === 'string' ? value.split(/ +/) : strings(value))

const required =
  (name: string, isGood: (value: unknown) => boolean): Rule =>
  (claims) =>
    !isGood(claims[name]) && 'token-claim-invalid'
const optional =
  (name: string, isGood: (value: unknown) => boolean): Rule =>
  (claims) =>
    name in claims && !isGood(claims[name]) && 'token-claim-invalid'

/** RFC 7519 sections 4.1.1 and 4.1.4 to 4.1.6. */
const OF_ALL: readonly Rule[] = [
  required('iss', isNonEmptyString),
  required('exp', isTime),
  optional('iat', isTime),
  optional('nbf', isTime),
  ({ iss }, { issuer }) =>
    isNonEmptyString(iss) && issuer !== undefined && !issuer.some((one) => one === iss) && 'token-invalid-issuer',
  ({ exp }, { now, clockSkewInMs }) => now >= millis(exp) + clockSkewInMs && 'token-expired',
  ({ nbf }, { now, clockSkewInMs }) => now < millis(nbf) - clockSkewInMs && 'token-not-active-yet',
  ({ iat }, { now, clockSkewInMs }) => now < millis(iat) - clockSkewInMs && 'token-iat-in-the-future',
  // A token that expires before it becomes valid or was issued.
  ({ exp, iat }) => millis(exp) < millis(iat) && 'token-claim-invalid',
  ({ exp, nbf }) => millis(exp) < millis(nbf) && 'token-claim-invalid',
]

/** RFC 7519 section 4.1.3, if the API has audiences: then a token must name one of them. */
const aud: Rule = ({ aud }, { audience }) =>
  audience !== undefined &&
  (strings(aud).includes('') || !strings(aud).some((one) => audience.includes(one))) &&
  'token-invalid-audience'

const azp: Rule = (claims, { authorizedParties, missingAzp }) => {
  if (!authorizedParties || (missingAzp === 'allow' && !('azp' in claims))) return false
  return !authorizedParties.some((one) => one === claims['azp']) && 'token-invalid-authorized-parties'
}

/** docs/configuration.md, "What a token must say", and docs/machines.md. */
const RULES = {
  session_token: [
    ...OF_ALL,
    required('sub', isNonEmptyString),
    required('sid', isNonEmptyString),
    required('iat', isTime),
    azp,
    aud,
    ({ sts }, { treatPendingAsSignedOut }) => treatPendingAsSignedOut && sts === 'pending' && 'session-pending',
  ],
  oauth_token: [
    ...OF_ALL,
    required('sub', (sub) => typeof sub === 'string' && /^user_[A-Za-z0-9_]+$/.test(sub)),
    required('client_id', isNonEmptyString),
    aud,
  ],
  jwt_template: [...OF_ALL, required('sub', isNonEmptyString), azp, aud],
  m2m_token: [
    ...OF_ALL,
    required('sub', (sub) => typeof sub === 'string' && /^mch_[A-Za-z0-9_]{27}$/.test(sub)),
    (claims, { machineId }) => {
      const scopes = 'scopes' in claims ? words(claims['scopes']) : strings(claims['aud'])
      return machineId !== 'any' && !scopes.includes(machineId) && 'machine-out-of-scope'
    },
  ],
} as const satisfies Record<string, readonly Rule[]>

/**
 * A model of the rules for claims, for comparison. It shares no code with the implementation and has no order: a token
 * may be refused for any rule that it breaks, and is accepted if it breaks none.
 */
export function claimsFaultsOf(kind: keyof typeof RULES, claims: Json, expected: Expectations): ClaimsFault[] {
  return RULES[kind].map((rule) => rule(claims, expected)).filter((fault) => fault !== false)
}
