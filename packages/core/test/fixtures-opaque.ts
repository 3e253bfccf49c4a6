import { hash } from 'node:crypto'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import { introspectionCache } from '../src/introspection/introspection-cache.js'
import { slotsOf } from '../src/introspection/slots.js'
import type { RemotePolicy } from '../src/introspection/remote.js'
import { opaqueVerifier, type OpaqueVerifierOptions } from '../src/introspection/verify-opaque.js'
import { KINDS } from '../src/kinds/kinds.js'
import type { CacheBounds } from '../src/token/verified-cache.js'
import { callsStarted } from '../src/support/single-flight.js'
import { fakeClock, MINUTE, noRevocations, SECOND } from './fixtures.js'
import { fakeClerk, opaque, recallOrVerify } from './fixtures-machines.js'

export const TOKEN = opaque('m2m_token')
export const digestOf = (token: string) => hash('sha256', token, 'hex')

/** A verifier of opaque M2M tokens that has made no call yet. */
export function startVerifier(
  policy: RemotePolicy = {},
  options: Partial<OpaqueVerifierOptions> = {},
  bounds: CacheBounds = {},
) {
  const clock = fakeClock()
  const clerk = fakeClerk()
  const events: ClerkAuthEvent[] = []
  const closed = new AbortController().signal
  const revocations = noRevocations(clock)
  const { rememberInMs = 30 * SECOND, maxInFlight = 64 } = policy
  const introspections = introspectionCache(rememberInMs, bounds, clock, revocations, policy.staleInMs)
  const slots = slotsOf(maxInFlight, introspections.hasKnown, clock, closed)
  const verifier = opaqueVerifier({
    tokenType: 'm2m_token',
    form: KINDS.m2m_token.opaque,
    localPolicy: { audiences: undefined, machineId: 'any', machineSecretKey: undefined, scopeUnchecked: () => {} },
    apiUrl: 'https://api.example.com',
    secret: 'sk_test_secret',
    rate: { perSecond: 1e6, burst: 1e6 },
    policy: { retries: 0, ...policy },
    introspections,
    revocations,
    shared: undefined,
    slots,
    fetch: clerk.fetch,
    clock,
    emit: (event) => void events.push(event),
    closed,
    random: () => 1,
    ...options,
  })
  return {
    clock,
    clerk,
    events,
    introspections,
    slots,
    verify: recallOrVerify(verifier),
    /** For a request that arrives now. */
    verifyAgain: (token = TOKEN, startedAfter = callsStarted()) =>
      verifier.verifyAgain(token, digestOf(token), startedAfter),
    stats: verifier.stats,
    revoke: (token: string) =>
      revocations.add({
        tombstone: { subject: 'token', id: digestOf(token), effect: 'refuse' },
        forMs: MINUTE,
      }),
    forgetUser: () =>
      revocations.add({ tombstone: { subject: 'all', effect: 'ask-again', at: clock.now() }, forMs: MINUTE }),
  }
}
