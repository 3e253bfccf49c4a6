import type { M2mAuth, OAuthAuth } from './auth.js'
import type { Verifiers } from './authenticate.js'
import type { Rate } from './budget.js'
import type { Clock } from './clock.js'
import { NOTHING_DECLARED } from './declaration.js'
import type { EventListener } from './events.js'
import { andThen } from './eventually.js'
import type { Fetch } from './http.js'
import type { KeySource } from './key-source.js'
import { checkAudience } from './claims.js'
import { checkMachineScope } from './machine-scope.js'
import type { OpaqueTokenType } from './opaque-token.js'
import { m2mReader } from './read-m2m.js'
import { oauthReader } from './read-oauth.js'
import { sessionReader } from './read-session.js'
import { templateReader } from './read-template.js'
import type { RemoteVerdicts } from './remote-verdicts.js'
import type { Settings } from './settings.js'
import { slotsOf } from './slots.js'
import { jwtVerifier } from './verify-jwt.js'
import { remoteVerifier, type RemotePolicy, type RemoteVerifier } from './verify-remote.js'

export interface VerifierParts {
  readonly settings: Settings
  readonly keys: KeySource
  readonly verdicts: RemoteVerdicts
  readonly clock: Clock
  readonly fetch: Fetch
  readonly emit: EventListener
  readonly closed: AbortSignal
}

export type RemoteVerifiers = Readonly<Partial<Record<OpaqueTokenType, RemoteVerifier>>>

/** Within what Clerk allows an instance: https://clerk.com/docs/guides/how-clerk-works/system-limits */
const RATES: Record<OpaqueTokenType, { readonly live: Rate; readonly test: Rate }> = {
  m2m_token: { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } },
  api_key: { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } },
  oauth_token: { live: { perSecond: 20, burst: 100 }, test: { perSecond: 5, burst: 50 } },
}

const MAX_IN_FLIGHT = 64

/** Which kinds of token there are, and how each of their forms is verified. A new kind is a row here. */
export function verifiersOf(parts: VerifierParts, remote: RemoteVerifiers): Verifiers {
  const { settings, keys, clock } = parts
  const { claimRules, keyOrigin, localIssuer, options } = settings
  const { issuers, audiences, clockSkewInMs } = claimRules
  const jwtRules = { keys, localIssuer, clockSkewInMs, clock }
  // A machine has no origin, and its audience is a machine.
  const machineRules = { ...(issuers && { issuers }), missingAzp: 'reject', clockSkewInMs } as const
  const oauthRules = { ...machineRules, ...(audiences && { audiences }) }

  const jwt = keyOrigin.from !== 'nowhere' && {
    session_token: jwtVerifier(jwtRules, sessionReader(claimRules, options.treatPendingAsSignedOut ?? true)),
    // Without a machine id it cannot be told whether a token is meant for this service.
    ...(options.machineId !== undefined && {
      m2m_token: jwtVerifier(jwtRules, m2mReader(machineRules, options.machineId)),
    }),
    oauth_token: jwtVerifier(jwtRules, oauthReader(oauthRules)),
    jwt_template: jwtVerifier(jwtRules, templateReader(claimRules)),
  }
  return {
    session_token: { ...(jwt && { jwt: jwt.session_token }) },
    m2m_token: {
      ...(jwt && jwt.m2m_token && { jwt: jwt.m2m_token }),
      ...(remote.m2m_token && { opaque: machineVerifier(parts, remote.m2m_token) }),
    },
    oauth_token: {
      ...(jwt && { jwt: jwt.oauth_token }),
      ...(remote.oauth_token && { opaque: oauthVerifier(remote.oauth_token, audiences) }),
    },
    api_key: { ...(remote.api_key && { opaque: remote.api_key.verify }) },
    jwt_template: { ...(jwt && { jwt: jwt.jwt_template }) },
  }
}

/** One for each kind that there is a secret for. All share the bound on calls at one time. */
export function remoteVerifiersOf(parts: VerifierParts): RemoteVerifiers {
  const { settings, verdicts, clock, fetch, emit, closed } = parts
  const { apiUrl, secrets, localIssuer, options } = settings
  const policy: RemotePolicy = options.remote ?? NOTHING_DECLARED
  const slots = slotsOf(policy.maxInFlight ?? MAX_IN_FLIGHT, verdicts.hasKnown, clock, closed)
  const entries = Object.entries(secrets) as [OpaqueTokenType, string][]
  return Object.fromEntries(
    entries.map(([tokenType, secret]) => {
      const rate = rateOf(tokenType, secret, policy.callsPerSecond)
      return [
        tokenType,
        remoteVerifier({
          tokenType,
          apiUrl,
          secret,
          localIssuer,
          rate,
          policy,
          verdicts,
          slots,
          fetch,
          clock,
          emit,
          closed,
        }),
      ]
    }),
  )
}

function rateOf(tokenType: OpaqueTokenType, secret: string, callsPerSecond: number | undefined): Rate {
  if (callsPerSecond !== undefined) return { perSecond: callsPerSecond, burst: Math.max(1, 2 * callsPerSecond) }
  return RATES[tokenType][secret.startsWith('sk_test_') ? 'test' : 'live']
}

/**
 * With a machine's secret Clerk compares the scope with that machine. The scopes that it lists are compared with
 * `machineId` as well, so that the secret of another machine does not go unnoticed; it need not list any. With the
 * instance's secret the comparison is ours alone.
 */
function machineVerifier(
  { settings, emit }: VerifierParts,
  remote: RemoteVerifier,
): (token: string) => ReturnType<RemoteVerifier['verify']> {
  const { machineSecretKey, machineId } = settings.options
  const clerkCompares = machineSecretKey !== undefined
  if (clerkCompares && machineId === undefined) return remote.verify
  let told = false
  return (token) =>
    andThen(remote.verify(token), (auth) => {
      const machine = auth as M2mAuth
      if (machineId === undefined) {
        if (!told) emit({ type: 'machine-scope-unchecked' })
        told = true
      } else if (!clerkCompares || machine.scopes.length > 0) checkMachineScope(machine, machineId)
      return auth
    })
}

/** The audience is this API's configuration, so it is compared on each request and not remembered with Clerk's word. */
function oauthVerifier(
  { verify }: RemoteVerifier,
  audiences: readonly string[] | undefined,
): (token: string) => ReturnType<RemoteVerifier['verify']> {
  if (!audiences) return verify
  return (token) =>
    andThen(verify(token), (auth) => {
      checkAudience((auth as OAuthAuth).audience, audiences)
      return auth
    })
}
