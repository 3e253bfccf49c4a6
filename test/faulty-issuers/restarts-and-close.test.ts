import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { startApi } from './api.js'
import { CLERK_ERROR, KINDS, opaque, RECORDS, startApiOf as startApiOfClerk, startClerk } from './clerk-api.js'
import { endlessAnswers } from './endless-answers.js'
import { stopIssuers } from './issuer.js'
import { good, key, startApiOf, startKeyIssuer, UNAVAILABLE } from './key-set-outage.js'
import { ISSUER, signer } from './signer.js'
import { watchTheProcess, watchTheTimers } from './watch.js'

watchTheProcess()
const timers = watchTheTimers()
afterAll(stopIssuers)

const MINUTE = 60_000
const FAR = 60_000

describe('an issuer that goes down and comes back at the same address', () => {
  it('does not affect tokens while its keys are in hand, and is found again', async () => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, FAR)
    for (let round = 0; round < 3; round++) {
      expect(await api.ask(good)).toEqual([200])
      await issuer.stop()
      api.advance(6 * MINUTE)
      expect(await api.ask(key.token({ sub: 'user_bob' }))).toEqual([200])
      expect(await api.ask(signer('made_up').token())).toEqual(UNAVAILABLE)
      await issuer.start()
      api.advance(MINUTE)
      expect(await api.ask(signer('made_up').token())).toEqual([401, 'jwk-kid-mismatch'])
    }
  })

  it('is found as soon as it is up, if it was down at first', async () => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, FAR)
    await issuer.stop()
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
    await issuer.start()
    api.advance(5000)
    expect(await api.ask(good)).toEqual([200])
  })

  it.each(KINDS)('is called again for tokens of kind %s', async (kind) => {
    const clerk = await startClerk()
    const api = startApiOfClerk(clerk)
    for (const name of ['known_1', 'known_2']) {
      expect(await api.ask(opaque(kind, name))).toEqual([200])
      await clerk.stop()
      expect(await api.ask(opaque(kind, name))).toEqual([200])
      api.advance(MINUTE)
      expect(await api.ask(opaque(kind, name))).toEqual([503, 'verification-unavailable', 1])
      await clerk.start()
      api.advance(MINUTE)
      expect(await api.ask(opaque(kind, name))).toEqual([200])
    }
  })
})

describe('a connection that is not accepted', () => {
  /** Listens, and then blocks: not even pending connections are accepted. */
  const DEAF = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`

  it('is given up after the configured timeout', async () => {
    const worker = new Worker(DEAF, { eval: true })
    const [port] = (await once(worker, 'message')) as [number]
    // The backlog is two. Later connections get no answer to their SYN.
    const queue = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(queue.slice(0, 2).map((socket) => once(socket, 'connect')))
    const url = `http://127.0.0.1:${port}`
    const api = startApi({
      frontendApiUrl: url,
      apiUrl: url,
      secretKey: 'sk_live_secret',
      issuer: ISSUER,
      acceptsToken: 'any',
      keys: { timeoutInMs: 300 },
      remote: { timeoutInMs: 300 },
    })
    const answers = await Promise.all([good, opaque('oauth_token', 'known')].map((token) => api.ask(token)))
    expect(answers).toEqual([UNAVAILABLE, [503, 'verification-unavailable', 1]])
    expect(timers.running()).toBe(0)
    queue.forEach((socket) => socket.destroy())
    await worker.terminate()
  })
})

describe('a closed instance', () => {
  it.each(endlessAnswers)('aborts requests to an issuer that %s', async (_name, behave) => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, FAR)
    const arrived = new Promise<void>((resolve) => {
      issuer.answer((exchange) => {
        behave(exchange)
        resolve()
      })
    })
    const waiting = Promise.all([api.ask(good), api.ask(signer('made_up').token())])
    await arrived
    api.clerk.close()
    expect(await waiting).toEqual([UNAVAILABLE, UNAVAILABLE])
    await issuer.released()
    expect(timers.running()).toBe(0)
  })

  it.each(KINDS)('aborts calls for a token of kind %s, and makes no more', async (kind) => {
    const clerk = await startClerk()
    const api = startApiOfClerk(clerk)
    const arrived = new Promise<void>((resolve) => clerk.answer(() => resolve()))
    const waiting = api.ask(opaque(kind, 'known'))
    await arrived
    api.clerk.close()
    expect(await waiting).toEqual([503, 'verification-unavailable', 1])
    await clerk.released()
    expect(timers.running()).toBe(0)
    expect(await api.ask(opaque(kind, 'known_1'))).toEqual([503, 'verification-unavailable', 1])
    expect(clerk.asked).toHaveLength(1)
  })
})

describe('an unsolicited response', () => {
  it.each(KINDS)('is not used for the next token of kind %s', async (kind) => {
    const clerk = await startClerk()
    const api = startApiOfClerk(clerk)
    const answer = (status: number, body: object) => {
      const text = JSON.stringify(body)
      return `HTTP/1.1 ${status} X\r\nContent-Length: ${text.length}\r\n\r\n${text}`
    }
    clerk.answer(({ socket }) => {
      clerk.heal()
      socket.write(answer(404, CLERK_ERROR) + answer(200, RECORDS[kind]))
    })
    for (let i = 0; i < 5; i++) expect(await api.ask(opaque(kind, `made_up_${i}`))).toEqual([401, 'token-not-found'])
    expect(await api.ask(opaque(kind, 'known'))).toEqual([200])
  })
})
