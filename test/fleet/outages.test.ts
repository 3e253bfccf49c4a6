import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { redisStore } from '@clerk-auth/redis'
import { connectionTo } from '../../packages/redis/src/connection.js'
import { SECRET, startFleet, until, type Process } from './fleet.js'
import { startRedis } from './redis-server.js'

const fleet = startFleet()

const sessionIdOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid

async function revokeSession({ clerk }: Process, token: string): Promise<void> {
  await clerk.revoke({ sessionId: sessionIdOf(token) })
}

/** A name that leads to a Redis, and to another one after a failover: connections that are open stay so. */
async function startName(port: number) {
  let to = port
  const server = createServer((socket) => {
    const redis = connect(to, '127.0.0.1')
    for (const one of [socket, redis]) one.on('error', () => {})
    socket.pipe(redis).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, moveTo: (other: number) => (to = other) }
}

/** The process warnings given during the test. */
function warningsOf(): string[] {
  const warnings: string[] = []
  const listen = (warning: Error) => void warnings.push(warning.message)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  return warnings
}

describe('a Redis that is down', () => {
  test('leaves the processes to ask Clerk themselves, and to keep refusing what they know to be revoked', async () => {
    const warnings = warningsOf()
    const [first, second] = [fleet.start(), fleet.start()]
    const [revoked, key] = [await fleet.local.sessionToken(), await fleet.local.apiKey()]
    for (const { outcomeOf } of [first, second]) expect(await outcomeOf(revoked)).toBe('passed')
    await revokeSession(first, revoked)
    await until(async () => (await second.outcomeOf(revoked)) === 'token-revoked')

    await fleet.redis.kill()
    const outcomes = await Promise.all([first, second].map(({ outcomeOf }) => outcomeOf(key)))
    expect(outcomes).toEqual(['passed', 'passed'])
    expect([await first.outcomeOf(revoked), await second.outcomeOf(revoked)]).toEqual([
      'token-revoked',
      'token-revoked',
    ])
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
    const failures = ({ events }: Process) => events.filter(({ type }) => type === 'shared-store-failed').length
    await until(() => failures(first) + failures(second) === 2, 5000)
    expect(warnings.filter((warning) => warning.startsWith('the shared store failed'))).toHaveLength(2)
    await fleet.redis.restart()
  })

  test('makes revoke() reject, and applies the revocation to this process', async () => {
    const { clerk, outcomeOf } = fleet.start()
    const token = await fleet.local.sessionToken()
    expect(await outcomeOf(token)).toBe('passed')
    await fleet.redis.kill()
    await expect(clerk.revoke({ token })).rejects.toThrow('could not be written to the shared store')
    expect(await outcomeOf(token)).toBe('token-revoked')
    await fleet.redis.restart()
  })

  test('from the start delays the first request by at most half a second, and is used once it is up', async () => {
    await fleet.redis.kill()
    const { clerk, outcomeOf, events } = fleet.start()
    const [token, other] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    const since = performance.now()
    expect(await outcomeOf(token)).toBe('passed')
    expect(performance.now() - since).toBeLessThan(1500)
    expect(clerk.ready).toBe(true)
    await fleet.redis.restart()
    await until(() => events.some(({ type }) => type === 'shared-store-recovered'), 5000)
    await revokeSession(fleet.start(), token)
    await until(async () => (await outcomeOf(token)) === 'token-revoked', 2000)
    expect(await outcomeOf(other)).toBe('passed')
  })
})

describe('a Redis that does not permit the subscription', () => {
  test('is made up for by reading the log every second, and does not end the process', async () => {
    const rejections: unknown[] = []
    const listen = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', listen)
    onTestFinished(() => void process.off('unhandledRejection', listen))
    await fleet.redis.cli('ACL', 'SETUSER', 'mute', 'on', '>secret', '~*', '+@all', 'resetchannels', '&none')
    const shared = redisStore({ url: fleet.redis.url.replace('//', '//mute:secret@'), secret: SECRET })
    const mute = fleet.start({ shared })
    const [token, other] = [await fleet.local.sessionToken(), fleet.start()]
    expect(await mute.outcomeOf(token)).toBe('passed')
    await revokeSession(other, token)
    await until(async () => (await mute.outcomeOf(token)) === 'token-revoked')
    expect(rejections).toEqual([])
  })
})

describe('a Redis that does not permit INFO, as without the commands that it calls dangerous', () => {
  const storeOfUser = async (...rules: readonly string[]) => {
    const names = ['~{clerk-auth*', '&{clerk-auth*']
    await fleet.redis.cli('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', ...names, '+@all', ...rules)
    return redisStore({ url: fleet.redis.url.replace('//', '//app:secret@'), secret: SECRET })
  }

  test('is used all the same, and reported as no outage', async () => {
    const { clerk, events } = fleet.start({ shared: await storeOfUser('-@dangerous') })
    await clerk.warmUp()
    await clerk.revoke({ sessionId: 'sess_1' })
    await setTimeout(300)
    expect(events.filter(({ type }) => type.startsWith('shared-store'))).toEqual([])
  })

  test('is checked for its maxmemory-policy if it does permit that one', async () => {
    await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    onTestFinished(
      async () => void (await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')),
    )
    const { clerk, events } = fleet.start({ shared: await storeOfUser('-@dangerous', '+info') })
    await clerk.warmUp()
    await until(() => events.some(({ type }) => type === 'shared-store-problem'))
    expect(events.map(({ type }) => type)).not.toContain('shared-store-failed')
  })
})

describe('close()', () => {
  test('while the connection is being opened leaves none open', async () => {
    const clients = async () => (await fleet.redis.cli('CLIENT', 'LIST')).split('\n').length
    const before = await clients()
    const { clerk } = fleet.start()
    const warm = clerk.warmUp().catch(() => {})
    clerk.close()
    await warm
    await setTimeout(300)
    expect(await clients()).toBe(before)
  })

  test('while Redis is asked is reported as no outage of it', async () => {
    const { clerk, events, outcomeOf } = fleet.start()
    const token = await fleet.local.apiKey()
    const pending = outcomeOf(token)
    clerk.close()
    expect(await pending).toBe('verification-unavailable')
    await outcomeOf(token)
    expect(events.map(({ type }) => type)).not.toContain('shared-store-failed')
  })
})

describe('a connection to a Redis that is down from the start', () => {
  test('refuses commands until it is up, so that they do not pile up and are not all sent then', async () => {
    await fleet.redis.kill()
    const { run, close } = connectionTo(fleet.redis.url)
    onTestFinished(close)
    const commands = Array.from({ length: 10 }, () => run('return 1', [], []))
    for (const { status } of await Promise.allSettled(commands)) expect(status).toBe('rejected')
    await expect(run('return 1', [], [])).rejects.toThrow('ECONNREFUSED')
    await fleet.redis.restart()
    await until(async () => (await run('return 1', [], []).catch(() => 0)) === 1, 5000)
  })
})

describe('a Redis that comes back empty', () => {
  test('gets the revocations of its processes again', async () => {
    const first = fleet.start()
    const token = await fleet.local.sessionToken()
    expect(await first.outcomeOf(token)).toBe('passed')
    await revokeSession(first, token)
    await fleet.redis.restart()
    await until(async () => (await fleet.redis.cli('KEYS', '*:tombstone:*')) !== '', 5000)
    await until(async () => (await fleet.start().outcomeOf(token)) === 'token-revoked')
  })

  test('or is emptied while it runs, which a process notices within a second', async () => {
    const first = fleet.start()
    const [token, key] = [await fleet.local.sessionToken(), await fleet.local.apiKey()]
    for (const one of [token, key]) expect(await first.outcomeOf(one)).toBe('passed')
    await revokeSession(first, token)
    await until(() => first.clerk.stats().shared!.isConnected === true)
    await setTimeout(100)
    await fleet.redis.cli('FLUSHALL')
    await until(async () => (await fleet.redis.cli('KEYS', '*:tombstone:*')) !== '', 2000)
    expect(first.events.map(({ type }) => type)).toContain('shared-store-emptied')
    // What was cached of Clerk's answers may have been revoked by an entry that is lost.
    await first.outcomeOf(key)
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
  })

  test('or is emptied, even if the next revocation comes before a process has looked', async () => {
    const [first, second] = [fleet.start(), fleet.start()]
    const [token, other] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    for (const { outcomeOf } of [first, second]) expect(await outcomeOf(token)).toBe('passed')
    await first.clerk.revoke({ token })
    await until(async () => (await second.outcomeOf(token)) === 'token-revoked')
    await until(async () => (await fleet.start().outcomeOf(token)) === 'token-revoked')
    await setTimeout(100)
    await fleet.redis.cli('FLUSHALL')
    await second.clerk.revoke({ token: other })
    await until(() => first.events.some(({ type }) => type === 'shared-store-emptied'))
    await until(async () => (await fleet.start().outcomeOf(token)) === 'token-revoked')
    expect(await fleet.start().outcomeOf(other)).toBe('token-revoked')
  })
})

describe('a Redis that is emptied, and filled again by another process at once', () => {
  test('gets the revocations of the processes that had read more again', async () => {
    const first = fleet.start()
    const [known, other] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    expect(await first.outcomeOf(known)).toBe('passed')
    await revokeSession(first, known)
    await until(async () => (await fleet.start().outcomeOf(known)) === 'token-revoked')
    await until(() => first.clerk.stats().shared!.isConnected === true)
    await setTimeout(1100)
    await fleet.redis.cli('FLUSHALL')
    await fleet.start().clerk.revoke({ token: other })
    await until(async () => (await fleet.start().outcomeOf(known)) === 'token-revoked', 3000)
  })
})

describe('a Redis that does not answer', () => {
  test('delays three requests by a quarter of a second each, and the next ones not at all', async () => {
    const { outcomeOf } = fleet.start()
    expect(await outcomeOf(await fleet.local.apiKey())).toBe('passed')
    const keys = await Promise.all(Array.from({ length: 8 }, () => fleet.local.apiKey()))
    const times: number[] = []
    fleet.redis.freeze()
    try {
      for (const key of keys) {
        const since = performance.now()
        expect(await outcomeOf(key)).toBe('passed')
        times.push(performance.now() - since)
      }
    } finally {
      fleet.redis.thaw()
    }
    expect(times.filter((time) => time > 230).length).toBeLessThanOrEqual(3)
    expect(Math.max(...times)).toBeLessThan(1000)
  })

  test('for a while loses no revocation that was made meanwhile in a process that reaches it', async () => {
    const [first, second] = [fleet.start(), fleet.start()]
    const token = await fleet.local.sessionToken()
    for (const { outcomeOf } of [first, second]) expect(await outcomeOf(token)).toBe('passed')
    fleet.redis.freeze()
    const revoking = revokeSession(first, token)
    await setTimeout(500)
    expect(await second.outcomeOf(token)).toBe('passed')
    fleet.redis.thaw()
    await revoking
    expect(await until(async () => (await second.outcomeOf(token)) === 'token-revoked', 3000)).toBeLessThan(2200)
  })
})

describe('a Redis that was not used for longer than revocations are kept', () => {
  test('is not taken for emptied when the next one comes', async () => {
    const keepForMs = 60_000
    const first = fleet.start({ revocation: { keepForMs } })
    await first.clerk.revoke({ sessionId: 'sess_1' })
    first.clerk.close()
    // As if it had been written two minutes ago.
    const log = `{clerk-auth ${fleet.local.url}}:log`
    const [id, , key, , text] = (await fleet.redis.cli('--raw', 'XRANGE', log, '-', '+')).split('\n')
    await fleet.redis.cli('DEL', log)
    await fleet.redis.cli('XADD', log, `${Number.parseInt(id!) - 2 * keepForMs}-0`, 'key', key!, 'text', text!)

    const [second, third] = [fleet.start({ revocation: { keepForMs } }), fleet.start({ revocation: { keepForMs } })]
    const token = await fleet.local.sessionToken()
    for (const { outcomeOf } of [second, third]) expect(await outcomeOf(token)).toBe('passed')
    await second.clerk.revoke({ token })
    await until(async () => (await third.outcomeOf(token)) === 'token-revoked')
    await setTimeout(1100)
    for (const { events } of [second, third])
      expect(events.map(({ type }) => type)).not.toContain('shared-store-emptied')
  })
})

describe('a lost notification', () => {
  test('is made up for by reading the log every second', async () => {
    const [first, second] = [fleet.start(), fleet.start()]
    const token = await fleet.local.sessionToken()
    for (const { outcomeOf } of [first, second]) expect(await outcomeOf(token)).toBe('passed')
    // Redis accepts commands, but lets no one subscribe.
    await fleet.redis.cli('ACL', 'SETUSER', 'default', 'resetchannels', '-subscribe')
    onTestFinished(async () => void (await fleet.redis.cli('ACL', 'SETUSER', 'default', 'allchannels', '+@all')))
    await fleet.redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await revokeSession(first, token).catch(() => {})
    expect(await until(async () => (await second.outcomeOf(token)) === 'token-revoked', 3000)).toBeLessThan(1500)
  })
})

describe('a Redis whose memory is full', () => {
  test('makes revoke() reject, and requests pass', async () => {
    const { clerk, outcomeOf } = fleet.start()
    expect(await outcomeOf(await fleet.local.apiKey())).toBe('passed')
    await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    onTestFinished(async () => void (await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '0')))
    await expect(clerk.revoke({ sessionId: 'sess_1' })).rejects.toThrow('could not be written to the shared store')
    expect(await outcomeOf(await fleet.local.apiKey())).toBe('passed')
  })

  test('is reported once, until it can be written to again', async () => {
    const warnings = warningsOf()
    const { clerk, events, outcomeOf } = fleet.start()
    await clerk.warmUp()
    const stored = () => events.map(({ type }) => type).filter((type) => type.startsWith('shared-store'))
    await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    onTestFinished(async () => void (await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '0')))
    await expect(clerk.revoke({ sessionId: 'sess_1' })).rejects.toThrow('could not be written to the shared store')
    for (let i = 0; i < 4; i++) {
      expect(await outcomeOf(await fleet.local.apiKey())).toBe('passed')
      await setTimeout(1000)
    }
    // The log could still be read, so that the first failure looked like a short one.
    expect(stored()).toEqual(['shared-store-failed', 'shared-store-recovered', 'shared-store-failed'])
    expect(warnings.filter((warning) => warning.startsWith('the shared store failed'))).toHaveLength(2)
    expect(clerk.stats().shared!.isConnected).toBe(false)
    await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await until(() => stored().length === 4)
    expect(stored().at(-1)).toBe('shared-store-recovered')
    await until(async () => (await fleet.redis.cli('KEYS', '*:tombstone:*')) !== '')
  })

  test('and that would evict revocations is reported', async () => {
    const warnings = warningsOf()
    await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    onTestFinished(
      async () => void (await fleet.redis.cli('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')),
    )
    const { clerk, events } = fleet.start()
    await clerk.warmUp()
    const problem =
      'the maxmemory-policy of Redis is "allkeys-lru", which drops revocations when its memory is full: ' +
      'set it to "noeviction", or use a Redis for this alone'
    await vi.waitFor(() => expect(events).toContainEqual({ type: 'shared-store-problem', problem }))
    expect(warnings).toContain(`shared store: ${problem}`)
  })

  test('and that would evict revocations is reported, even if it was down when the process started', async () => {
    await fleet.redis.kill()
    const { clerk, events } = fleet.start()
    await clerk.warmUp()
    await fleet.redis.restart('--maxmemory', '100mb', '--maxmemory-policy', 'volatile-lru')
    onTestFinished(() => fleet.redis.restart())
    const problem = expect.stringContaining('"volatile-lru"') as string
    await vi.waitFor(() => expect(events).toContainEqual({ type: 'shared-store-problem', problem }), 5000)
  })
})

describe('a Redis that became a replica of another one', () => {
  test('is left for the one that its name belongs to then', async () => {
    const primary = await startRedis()
    onTestFinished(primary.stop)
    const { url, moveTo } = await startName(fleet.redis.port)
    const { clerk, events } = fleet.start({ shared: redisStore({ url, secret: SECRET }) })
    await clerk.warmUp()
    await fleet.redis.cli('REPLICAOF', '127.0.0.1', String(primary.port))
    onTestFinished(async () => void (await fleet.redis.cli('REPLICAOF', 'NO', 'ONE')))
    moveTo(primary.port)
    const isWritten = () =>
      clerk.revoke({ sessionId: 'sess_1' }).then(
        () => true,
        () => false,
      )
    await until(isWritten, 5000)
    expect(await primary.cli('KEYS', '*:tombstone:*')).not.toBe('')
    expect(events.filter(({ type }) => type === 'shared-store-failed').length).toBeLessThan(3)
  })
})

describe('a holder of a lease that dies', () => {
  test('keeps the others waiting for at most a second', async () => {
    const never = fleet.start({
      fetch: (url, init) => (url.includes('verify') ? new Promise(() => {}) : fetch(url, init)),
    })
    const other = fleet.start()
    const key = await fleet.local.apiKey()
    void never.outcomeOf(key)
    await until(async () => (await fleet.redis.cli('KEYS', '*:lease')) !== '')
    const since = performance.now()
    expect(await other.outcomeOf(key)).toBe('passed')
    expect(performance.now() - since).toBeLessThan(1500)
  })
})
