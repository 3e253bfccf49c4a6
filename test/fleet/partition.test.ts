import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { redisStore } from '@clerk-auth/redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SECRET, startFleet, until, type Process } from './fleet.js'

const fleet = startFleet()

/** A network between a process and Redis that can be slow, or lose everything that is sent. */
async function startNetwork() {
  const sockets = new Set<Socket>()
  const silent = new WeakSet<Socket>()
  const network = { delayInMs: 0, isCut: false }
  const forward = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('error', () => {})
    from.on('close', () => to.destroy())
    from.on('data', (chunk) => {
      if (network.isCut || silent.has(from)) return
      void setTimeout(network.delayInMs).then(() => to.write(chunk))
    })
  }
  const server = createServer((socket) => {
    const redis = connect(fleet.redis.port, '127.0.0.1')
    forward(socket, redis)
    forward(redis, socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** What was lost stays lost: the connections are reset. */
  const mend = () => {
    network.isCut = false
    for (const socket of sockets) socket.destroy()
  }
  /** Connections lose what is sent for good, and new ones cannot be made until the returned function was called. */
  const lose = () => {
    for (const socket of sockets) silent.add(socket)
    server.close()
    return () => void server.listen(Number(new URL(url).port), '127.0.0.1')
  }
  return { url, network, mend, lose }
}

async function processBehind(url: string): Promise<Process> {
  const process = fleet.start({ shared: redisStore({ url, secret: SECRET }) })
  await process.clerk.warmUp()
  return process
}

describe('a process that cannot reach Redis for a while', () => {
  test('refuses what was revoked meanwhile within a second after it can, and misses nothing of its own', async () => {
    const { url, network, mend } = await startNetwork()
    const [cut, other] = [await processBehind(url), fleet.start()]
    const tokens = await Promise.all(['alice', 'bob', 'carol'].map((user) => fleet.local.sessionToken({ user })))
    const [first, second, third] = tokens as [string, string, string]
    for (const token of tokens) for (const { outcomeOf } of [cut, other]) expect(await outcomeOf(token)).toBe('passed')
    await other.clerk.revoke({ token: first })
    await until(async () => (await cut.outcomeOf(first)) === 'token-revoked')

    network.isCut = true
    await other.clerk.revoke({ token: second })
    await expect(cut.clerk.revoke({ token: third })).rejects.toThrow('could not be written to the shared store')
    await setTimeout(3000)
    expect([await cut.outcomeOf(first), await cut.outcomeOf(third)]).toEqual(['token-revoked', 'token-revoked'])
    // The documented exception: nothing tells this process.
    expect(await cut.outcomeOf(second)).toBe('passed')
    expect(cut.clerk.stats().shared?.isConnected).toBe(false)

    mend()
    // It reconnects within a second, and reads the log at once.
    expect(await until(async () => (await cut.outcomeOf(second)) === 'token-revoked', 5000)).toBeLessThan(2500)
    expect(await until(async () => (await other.outcomeOf(third)) === 'token-revoked', 5000)).toBeLessThan(2500)
  })
})

describe('a process whose connection stays silent, as TCP does for up to a minute after a minute of loss', () => {
  test('makes another one', async () => {
    const { url, lose } = await startNetwork()
    const [cut, other] = [await processBehind(url), fleet.start()]
    const token = await fleet.local.sessionToken()
    for (const { outcomeOf } of [cut, other]) expect(await outcomeOf(token)).toBe('passed')
    const mend = lose()
    await other.clerk.revoke({ token })
    await setTimeout(7000)
    expect(await cut.outcomeOf(token)).toBe('passed')
    mend()
    expect(await until(async () => (await cut.outcomeOf(token)) === 'token-revoked', 5000)).toBeLessThan(2500)
  })
})

describe('a slow Redis', () => {
  test('is still used: a shared answer takes as long as its round trip', async () => {
    const { url, network } = await startNetwork()
    const [slow, other] = [await processBehind(url), fleet.start()]
    const key = await fleet.local.apiKey()
    expect(await other.outcomeOf(key)).toBe('passed')
    await until(async () => (await fleet.redis.cli('KEYS', '*:value:*')) !== '')
    network.delayInMs = 50
    expect(await slow.outcomeOf(key)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(1)
    const token = await fleet.local.sessionToken()
    expect(await slow.outcomeOf(token)).toBe('passed')
    await other.clerk.revoke({ token })
    expect(await until(async () => (await slow.outcomeOf(token)) === 'token-revoked')).toBeLessThan(1000)
  })
})
