import { createClerkAuth, type ClerkAuthEvent, type ClerkAuthStats } from '@clerk-auth/core'
import { observeStats, otelListener } from '@clerk-auth/core/otel'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startFleet, until } from '../fleet/fleet.js'
import { startTelemetry } from './telemetry.js'

const tokenType = 'session_token'
const message = ''
const route = { method: 'GET', route: '/orgs/:orgId' }
const ofRoute = { 'http.request.method': 'GET', 'http.route': '/orgs/:orgId' }
const ofSession = { 'clerk_auth.token.type': 'session_token' }

const MEASURED: readonly [ClerkAuthEvent, metric: string, attributes: object][] = [
  [
    { type: 'credential-accepted', tokenType, cached: true },
    'clerk_auth.authentications',
    { ...ofSession, 'clerk_auth.outcome': 'accepted', 'clerk_auth.cached': true },
  ],
  [
    { type: 'credential-refused', tokenType, code: 'token-expired', message },
    'clerk_auth.authentications',
    { ...ofSession, 'clerk_auth.outcome': 'refused', 'error.type': 'token-expired' },
  ],
  [
    { type: 'credential-refused', tokenType: null, code: 'keys-unavailable', message },
    'clerk_auth.authentications',
    { 'clerk_auth.outcome': 'unavailable', 'error.type': 'keys-unavailable' },
  ],
  [
    { type: 'requirement-met', tokenType, ...route },
    'clerk_auth.authorizations',
    { ...ofSession, ...ofRoute, 'clerk_auth.outcome': 'accepted' },
  ],
  [
    { type: 'requirement-refused', tokenType, code: 'role-missing', message, ...route },
    'clerk_auth.authorizations',
    { ...ofSession, ...ofRoute, 'clerk_auth.outcome': 'refused', 'error.type': 'role-missing' },
  ],
  [
    { type: 'verification-asked', tokenType: 'api_key', outcome: 'passed', tookInMs: 20 },
    'clerk_auth.introspection.duration',
    { 'clerk_auth.token.type': 'api_key', 'clerk_auth.outcome': 'accepted' },
  ],
  [
    { type: 'verification-asked', tokenType: 'api_key', outcome: 'verification-unavailable', tookInMs: 20 },
    'clerk_auth.introspection.duration',
    {
      'clerk_auth.token.type': 'api_key',
      'clerk_auth.outcome': 'unavailable',
      'error.type': 'verification-unavailable',
    },
  ],
  [{ type: 'keys-fetched', keys: 1, unsuitable: 0, tookInMs: 20 }, 'clerk_auth.keys.fetch.duration', {}],
  [
    { type: 'keys-failed', reason: 'no answer', serving: true, retryInMs: 1000, tookInMs: 20 },
    'clerk_auth.keys.fetch.duration',
    { 'error.type': 'keys-unavailable' },
  ],
  [{ type: 'shared-store-failed', reason: 'x' }, 'clerk_auth.events', { 'clerk_auth.event': 'shared-store-failed' }],
  [
    { type: 'verification-not-asked', tokenType: 'api_key', code: 'verification-rate-limited' },
    'clerk_auth.events',
    {
      'clerk_auth.event': 'verification-not-asked',
      'clerk_auth.token.type': 'api_key',
      'error.type': 'verification-rate-limited',
    },
  ],
  [
    { type: 'impersonation', userId: 'user_secret', actorId: 'user_secret' },
    'clerk_auth.events',
    { 'clerk_auth.event': 'impersonation' },
  ],
]

describe('otelListener', () => {
  it.each(MEASURED.map(([event, metric, attributes]) => [event.type, metric, event, attributes] as const))(
    'measures %s as %s',
    async (_type, metric, event, attributes) => {
      const { meter, points } = startTelemetry()
      const listener = otelListener({ meter })
      listener(event)
      listener(event)
      expect(await points(metric)).toEqual([[attributes, 2]])
    },
  )

  it('measures durations in seconds, with the buckets of the conventions', async () => {
    const { meter, metrics } = startTelemetry()
    const listener = otelListener({ meter })
    listener({ type: 'keys-fetched', keys: 1, unsuitable: 0, tookInMs: 250 })
    const [metric] = await metrics()
    expect(metric).toMatchObject({
      descriptor: { unit: 's' },
      dataPoints: [{ value: { sum: 0.25, buckets: { boundaries: expect.arrayContaining([0.005, 10]) as number[] } } }],
    })
  })

  it('has one attribute value for all methods that callers make up', async () => {
    const { meter, points } = startTelemetry()
    const listener = otelListener({ meter })
    for (const method of ['PROPFIND', 'MADEUP']) listener({ type: 'requirement-met', tokenType, method })
    expect(await points('clerk_auth.authorizations')).toMatchObject([[{ 'http.request.method': '_OTHER' }, 2]])
  })
})

describe('observeStats', () => {
  const fleet = startFleet()

  it('measures keys, caches, revocations, billed calls and the shared store', async () => {
    const { meter, points } = startTelemetry()
    const { clerk } = fleet.start()
    onTestFinished(observeStats(clerk, { meter }))
    const value = async (name: string) => (await points(`clerk_auth.${name}`)).map(([, value]) => value)
    expect(await value('ready')).toEqual([0])
    expect(await value('keys.age')).toEqual([])
    expect(await value('shared_store.connected')).toEqual([])

    const { local } = fleet
    await clerk.verifyToken(await local.sessionToken())
    const key = await local.apiKey()
    for (let i = 0; i < 2; i++) await clerk.verifyToken(key, { acceptsToken: 'api_key' })
    await clerk.revoke({ sessionId: 'sess_1' })
    expect(await value('ready')).toEqual([1])
    expect(await value('keys.usable')).toEqual([1])
    const [age] = await value('keys.age')
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(60)
    expect(await points('clerk_auth.cache.entries')).toEqual([
      [{ 'clerk_auth.cache.name': 'verified' }, 1],
      [{ 'clerk_auth.cache.name': 'introspected' }, 1],
      [{ 'clerk_auth.cache.name': 'refused' }, 0],
    ])
    expect(await points('clerk_auth.introspection.billed')).toEqual([
      [{ 'clerk_auth.token.type': 'm2m_token' }, 0],
      [{ 'clerk_auth.token.type': 'oauth_token' }, 0],
      [{ 'clerk_auth.token.type': 'api_key' }, 1],
      [{ 'clerk_auth.token.type': 'session_token' }, 0],
    ])
    expect(await value('revocations.known')).toEqual([1])
    expect(await value('shared_store.connected')).toEqual([1])
    expect(await points('clerk_auth.shared_store.lookups')).toEqual([
      [{ 'clerk_auth.shared_store.hit': true }, 0],
      [{ 'clerk_auth.shared_store.hit': false }, 2],
    ])

    await fleet.redis.kill()
    await until(async () => (await value('shared_store.connected'))[0] === 0, 5000)
    expect((await value('shared_store.failures'))[0]).toBeGreaterThan(0)
    await fleet.redis.restart()
  })

  it('measures nothing of a store without one, and nothing at all once it was stopped', async () => {
    const { meter, metrics } = startTelemetry()
    const clerk = createClerkAuth({}, { ...fleet.local.env })
    const stats = vi.fn<() => ClerkAuthStats>(() => clerk.stats())
    const stop = observeStats({ ready: true, stats }, { meter })
    const names = async () => (await metrics()).map(({ descriptor }) => descriptor.name)
    expect(await names()).toContain('clerk_auth.ready')
    expect((await names()).filter((name) => name.includes('shared_store'))).toEqual([])
    const asked = stats.mock.calls.length
    expect(asked).toBeGreaterThan(0)
    stop()
    await names()
    expect(stats).toHaveBeenCalledTimes(asked)
  })
})
