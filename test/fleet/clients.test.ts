import { createClient, createCluster, createSentinel } from 'redis'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClerkAuth } from '@clerk-auth/core'
import { redisStore, type RedisClient } from '@clerk-auth/redis'
import { outcomeOf } from '../../packages/core/test/fixtures.js'
import { SECRET, startFleet, until, type Process } from './fleet.js'
import { startRedis, type RedisServer } from './redis-server.js'

const fleet = startFleet()

async function servers(count: number, ...options: readonly string[]): Promise<RedisServer[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startRedis(...options)))
  onTestFinished(async () => void (await Promise.all(started.map(({ stop }) => stop()))))
  return started
}

/** A process whose store uses a client that the test connects. */
async function withClient(client: RedisClient & Connectable): Promise<Process> {
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.destroy())
  return fleet.start({ shared: redisStore({ client, secret: SECRET }) })
}

interface Connectable {
  connect(): Promise<unknown>
  destroy(): void
}

/** They share an answer of Clerk's and a revocation; returns how long that took. */
async function timeToShare([first, second]: readonly [Process, Process]): Promise<number> {
  const [key, session] = [await fleet.local.apiKey(), await fleet.local.sessionToken()]
  const before = fleet.local.calls('verifyApiKey')
  expect(await Promise.all([first.outcomeOf(key), second.outcomeOf(key)])).toEqual(['passed', 'passed'])
  expect(fleet.local.calls('verifyApiKey') - before).toBe(1)
  for (const { outcomeOf } of [first, second]) expect(await outcomeOf(session)).toBe('passed')
  await first.clerk.revoke({ token: session })
  return until(async () => (await second.outcomeOf(session)) === 'token-revoked')
}

describe('redisStore with a client of the application', () => {
  test('shares through a single Redis, and leaves the client open', async () => {
    const client = createClient({ url: fleet.redis.url })
    expect(await timeToShare([await withClient(client), fleet.start()])).toBeLessThan(1000)
    const { clerk } = fleet.start({ shared: redisStore({ client, secret: SECRET }) })
    await clerk.warmUp()
    clerk.close()
    expect(await client.ping()).toBe('PONG')
  })

  test('shares through a cluster', async () => {
    const nodes = await servers(3, '--cluster-enabled', 'yes', '--cluster-node-timeout', '1000')
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
    await nodes[0]!.cli('--cluster', 'create', ...addresses, '--cluster-yes')
    await until(async () => (await nodes[0]!.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'), 10_000)
    const connect = () => withClient(createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) }))
    expect(await timeToShare([await connect(), await connect()])).toBeLessThan(1000)
  })

  test('shares through a sentinel, and goes on after a failover', async () => {
    const [primary] = await servers(1)
    const [replica] = await servers(1, '--replicaof', '127.0.0.1', String(primary!.port))
    const [sentinel] = await servers(1, '--sentinel')
    await sentinel!.cli('SENTINEL', 'MONITOR', 'mymaster', '127.0.0.1', String(primary!.port), '1')
    await sentinel!.cli('SENTINEL', 'SET', 'mymaster', 'down-after-milliseconds', '500')
    await until(
      async () => (await sentinel!.cli('SENTINEL', 'REPLICAS', 'mymaster')).includes(String(replica!.port)),
      15_000,
    )
    const connect = () =>
      withClient(createSentinel({ name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port: sentinel!.port }] }))
    const processes = [await connect(), await connect()] as const
    expect(await timeToShare(processes)).toBeLessThan(1000)

    const token = await fleet.local.sessionToken({ user: 'bob' })
    for (const { outcomeOf } of processes) expect(await outcomeOf(token)).toBe('passed')
    await primary!.kill()
    await until(async () => (await replica!.cli('ROLE')).startsWith('master'), 15_000)
    await vi.waitFor(() => processes[0].clerk.revoke({ token }), { timeout: 10_000, interval: 200 })
    await until(async () => (await processes[1].outcomeOf(token)) === 'token-revoked', 10_000)
  }, 60_000)
})

describe('redisStore refuses', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a URL of something else',
      () => redisStore({ url: 'http://localhost', secret: SECRET }),
      'must begin with "redis://"',
    ],
    [
      'a URL with a path that is not a number',
      () => redisStore({ url: 'redis://localhost/cache', secret: SECRET }),
      'the URL cannot be read',
    ],
    [
      'a URL whose password contains a bare "%"',
      () => redisStore({ url: 'redis://:50%off@localhost', secret: SECRET }),
      'the URL cannot be read',
    ],
    ['no URL', () => redisStore({ secret: SECRET }), 'set REDIS_URL, or the option "url" or "client"'],
    [
      'a URL and a client',
      () => redisStore({ url: fleet.redis.url, client: {} as never, secret: SECRET }),
      'redisStore() takes "url" or "client", not both',
    ],
    ['what is not a client', () => redisStore({ client: {} as never, secret: SECRET }), '"client" must be a client'],
    ['no secret', () => fleet.start({ shared: redisStore({ url: fleet.redis.url }) }), 'CLERK_AUTH_SHARED_SECRET'],
    [
      'a short secret',
      () => fleet.start({ secret: 'x'.repeat(31) }),
      'the "secret" of a shared store must be a string of at least 32 bytes',
    ],
    ['a list with a short secret', () => fleet.start({ secret: [SECRET, 'short'] }), 'at least 32 bytes'],
    ['an unknown issuer', () => fleet.start({ shared: 1 as never }), 'option "shared" must be a shared memory'],
  ])('%s with a TypeError', (_what, start, message) => {
    expect(start).toThrow(TypeError)
    expect(start).toThrow(message)
  })
})

describe('the secret of the store', () => {
  test('can be rotated: a process with both reads what either has written', async () => {
    const [OLD, NEW] = [SECRET, 'new secret '.repeat(4)]
    const [before, during, after] = [
      fleet.start({ secret: OLD }),
      fleet.start({ secret: [OLD, NEW] }),
      fleet.start({ secret: [NEW, OLD] }),
    ]
    const [first, second] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    for (const { outcomeOf } of [before, during, after])
      for (const token of [first, second]) expect(await outcomeOf(token)).toBe('passed')
    await before.clerk.revoke({ token: first })
    await after.clerk.revoke({ token: second })
    await until(async () => (await after.outcomeOf(first)) === 'token-revoked')
    await until(async () => (await during.outcomeOf(second)) === 'token-revoked')
  })

  test('is read from the environment, as a list with or without spaces', async () => {
    const environment = { ...fleet.local.env, CLERK_AUTH_SHARED_SECRET: `${'new secret '.repeat(4)}, ${SECRET}` }
    const clerk = createClerkAuth({ shared: redisStore({ url: fleet.redis.url }) }, environment)
    onTestFinished(() => clerk.close())
    const token = await fleet.local.sessionToken()
    await clerk.verifyToken(token)
    await fleet.start({ secret: SECRET.trim() }).clerk.revoke({ token })
    const outcome = () => outcomeOf(() => clerk.verifyToken(token))
    await until(async () => (await outcome()) === 'token-revoked')
    expect(await outcome()).toBe('token-revoked')
  })
})
