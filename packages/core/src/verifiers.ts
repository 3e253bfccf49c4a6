import type { AuthenticatedAuth } from './auth/auth.js'
import type { Rate } from './support/token-bucket.js'
import type { Clock } from './support/clock.js'
import { NO_OPTIONS } from './support/declaration.js'
import { AuthError, type TokenType } from './auth/errors.js'
import type { EventListener } from './auth/events.js'
import type { OpaqueForm } from './introspection/introspection.js'
import type { Revocations } from './fleet/revocations.js'
import type { Sharing } from './fleet/sharing.js'
import { sharedAnswers } from './introspection/shared-answers.js'
import type { Fetch } from './support/http.js'
import type { KeySource } from './keys/key-source.js'
import { splitJws } from './token/jws.js'
import { checkAccepted } from './kinds/accepts-token.js'
import { typeByHeader } from './kinds/classify.js'
import type { ClaimsReader } from './kinds/kind.js'
import { kindOf, OPAQUE_TOKEN_TYPES, TOKEN_TYPES, type OpaqueTokenType } from './kinds/kinds.js'
import type { IntrospectionCache } from './introspection/introspection-cache.js'
import { missingVariable, type Settings } from './config/settings.js'
import { sessionStatus, type SessionStatus } from './introspection/session-status.js'
import { slotsOf } from './introspection/slots.js'
import { jwtVerifier, type JwtVerifier } from './verify-jwt.js'
import { opaqueVerifier, type OpaqueVerifier } from './introspection/verify-opaque.js'
import type { RemotePolicy } from './introspection/remote.js'

export interface VerifierParts {
  readonly settings: Settings
  readonly keys: KeySource
  readonly introspections: IntrospectionCache
  readonly revocations: Revocations
  readonly sharing: Sharing | undefined
  readonly clock: Clock
  readonly fetch: Fetch
  readonly emit: EventListener
  readonly closed: AbortSignal
}

/** The verifiers: JWTs are verified locally, opaque tokens by asking Clerk. */
export interface Verifiers {
  readonly jwt: JwtVerifier
  /** One for each kind for which a secret is configured. */
  readonly opaque: Readonly<Partial<Record<OpaqueTokenType, OpaqueVerifier>>>
  /** Asks Clerk about sessions; `undefined` without a secret key. */
  readonly sessions: SessionStatus | undefined
  /**
   * Refuses a token for which this API lacks a key or secret.
   *
   * @throws {AuthError} `verification-misconfigured`, naming the variable to set
   */
  readonly cannotVerify: (tokenType: TokenType, form: 'jwt' | 'opaque') => never
}

export function verifiersOf(parts: VerifierParts): Verifiers {
  const { settings, keys, clock } = parts
  const { claimRules, keyOrigin, localIssuer, options } = settings
  const { treatPendingAsSignedOut = true, machineId } = options

  function cannotVerify(tokenType: TokenType, form: 'jwt' | 'opaque'): never {
    const variable = missingVariable(settings, tokenType, form)
    const reason = `no key or secret to verify ${tokenType} in ${form === 'jwt' ? 'JWT' : form} form`
    const message = variable ? `${reason}: set ${variable}` : reason
    throw new AuthError('verification-misconfigured', { message, tokenType })
  }

  const readers = Object.fromEntries(
    TOKEN_TYPES.flatMap((tokenType) => {
      const { jwt } = kindOf(tokenType)
      const lacks = jwt?.needs !== undefined && options[jwt.needs] === undefined
      return jwt && !lacks ? [[tokenType, jwt.reader({ ...claimRules, treatPendingAsSignedOut, machineId })]] : []
    }),
  ) as Partial<Record<TokenType, ClaimsReader<AuthenticatedAuth>>>
  const readerOf = (tokenType: TokenType) => readers[tokenType] ?? cannotVerify(tokenType, 'jwt')

  const { clockSkewInMs } = claimRules
  return {
    jwt:
      keyOrigin.from === 'none'
        ? keylessVerifier(cannotVerify)
        : jwtVerifier({ keys, readerOf, localIssuer, clockSkewInMs, clock }),
    opaque: opaqueVerifiersOf(parts),
    sessions: sessionStatusOf(parts),
    cannotVerify,
  }
}

/** For an API without keys: it only distinguishes tokens it does not accept from tokens for which it lacks a key. */
function keylessVerifier(cannotVerify: Verifiers['cannotVerify']): JwtVerifier {
  return async (token, accepted) => {
    const byHeader = typeByHeader(splitJws(token).header)
    if (byHeader) checkAccepted(byHeader, accepted)
    const tokenType = byHeader ?? [...accepted].find((tokenType) => kindOf(tokenType).jwt)
    if (!tokenType) throw new AuthError('token-type-mismatch')
    return cannotVerify(tokenType, 'jwt')
  }
}

const MAX_IN_FLIGHT = 64
export const REMEMBER_IN_MS = 30_000

/** All kinds share the limit on concurrent calls. */
function opaqueVerifiersOf(parts: VerifierParts): Verifiers['opaque'] {
  const { settings, introspections, revocations, sharing, clock, fetch, emit, closed } = parts
  const { apiUrl, claimRules, localIssuer, options } = settings
  const { machineId, machineSecretKey } = options
  const policy: RemotePolicy = options.remote ?? NO_OPTIONS
  const slots = slotsOf(policy.maxInFlight ?? MAX_IN_FLIGHT, introspections.hasKnown, clock, closed)
  const scopeUnchecked = once(() => emit({ type: 'machine-scope-unchecked' }))
  const localPolicy = { audiences: claimRules.audiences, machineId, machineSecretKey, scopeUnchecked }

  const verifiers: Partial<Record<OpaqueTokenType, OpaqueVerifier>> = {}
  for (const tokenType of OPAQUE_TOKEN_TYPES) {
    const form: OpaqueForm<AuthenticatedAuth> = kindOf(tokenType).opaque!
    const secret = settings.secrets[tokenType]
    if (secret === undefined) continue
    const rate = rateOf(form, secret, policy)
    const { rememberInMs = REMEMBER_IN_MS } = policy
    const question = { tokenType, form, apiUrl, secret, revocations, clock }
    verifiers[tokenType] = opaqueVerifier({
      ...question,
      localPolicy,
      localIssuer,
      rate,
      policy,
      introspections,
      shared: sharing && sharedAnswers({ ...question, sharing, rememberInMs }),
      knowsRevocations: () => !sharing || sharing.isCurrent(),
      slots,
      fetch,
      emit,
      closed,
    })
  }
  return verifiers
}

function sessionStatusOf({ settings, clock, fetch, emit, closed }: VerifierParts): SessionStatus | undefined {
  const { apiUrl, localIssuer, options } = settings
  const { secretKey, apiVersion = 'v1', remote } = options
  if (secretKey === undefined) return undefined
  const { timeoutInMs }: RemotePolicy = remote ?? NO_OPTIONS
  const secret = secretKey.trim()
  return sessionStatus({ apiUrl, apiVersion, secret, localIssuer, timeoutInMs, fetch, clock, emit, closed })
}

function rateOf({ rate }: OpaqueForm<AuthenticatedAuth>, secret: string, { callsPerSecond }: RemotePolicy): Rate {
  if (callsPerSecond !== undefined) return { perSecond: callsPerSecond, burst: Math.max(1, 2 * callsPerSecond) }
  return rate[secret.startsWith('sk_test_') ? 'test' : 'live']
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}
