import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { flood } from './broken-answers.js'
import { KINDS, opaque, startApiOf as startApiOfClerk, startClerk } from './clerk-api.js'
import { chunk } from './endless-answers.js'
import { CANARY, stopIssuers, type Behaviour } from './issuer.js'
import { good, startApiOf, startKeyIssuer } from './key-set-outage.js'
import { watchTheProcess, watchTheTimers } from './watch.js'

watchTheProcess()
const timers = watchTheTimers()
afterAll(stopIssuers)

const FAR = 60_000

/** A failure whose status and headers arrive, but whose body is unreadable. */
const bodies: readonly (readonly [name: string, behaveWith: (status: number) => Behaviour])[] = [
  [
    'is endless',
    (status) =>
      ({ socket }) =>
        flood(socket, `${headOf(status)}Transfer-Encoding: chunked\r\n\r\n`, chunk(CANARY.repeat(1000))),
  ],
  [
    'is truncated',
    (status) =>
      ({ socket }) =>
        void socket.end(`${headOf(status)}Content-Length: 99\r\n\r\n{}`),
  ],
  [
    'is truncated by a reset',
    (status) =>
      ({ socket }) => {
        socket.write(`${headOf(status)}Content-Length: 99\r\n\r\n{}`)
        setTimeout(() => socket.resetAndDestroy(), 20)
      },
  ],
  [
    'has a broken chunk',
    (status) =>
      ({ socket }) =>
        void socket.write(`${headOf(status)}Transfer-Encoding: chunked\r\n\r\nzz\r\n`),
  ],
  ['is a bomb', (status) => withBody(status, 'gzip', gzipSync(Buffer.alloc(16 * 1024 * 1024)))],
  ['does not decode', (status) => withBody(status, 'gzip', Buffer.from(CANARY))],
  ['is not UTF-8', (status) => withBody(status, 'identity', Buffer.from('ff', 'hex'))],
]

function headOf(status: number): string {
  return `HTTP/1.1 ${status} ${CANARY}\r\nRetry-After: 30\r\n`
}

function withBody(status: number, coding: string, body: Buffer): Behaviour {
  return ({ response }) =>
    void response.writeHead(status, { 'Retry-After': '30', 'Content-Encoding': coding }).end(body)
}

describe('a failure whose body', () => {
  it.each(bodies)('%s counts for the key set, with its Retry-After', async (_name, behaveWith) => {
    for (const status of [429, 503]) {
      const issuer = await startKeyIssuer()
      const api = startApiOf(issuer, FAR)
      expect(await api.ask(good)).toEqual([200])
      issuer.answer(behaveWith(status))
      api.advance(6 * 60_000)
      expect(await api.ask(good)).toEqual([200])
      const failed = api.events.findLast((event) => event.type === 'keys-failed')
      expect(failed).toMatchObject({ reason: `the issuer responded with ${status}`, serving: true })
      expect(failed?.retryInMs).toBeGreaterThan(25_000)
      expect(timers.running()).toBe(0)
      await issuer.released()
    }
  })

  it.each(bodies)('%s counts for Clerk, with its status', async (_name, behaveWith) => {
    const expected = [
      [429, 'verification-rate-limited', 30],
      [401, 'verification-misconfigured', 1],
      [404, 'verification-misconfigured', 1],
      [400, 'verification-misconfigured', 1],
      [500, 'verification-unavailable', 1],
    ] as const
    for (const [status, code, retryAfter] of expected) {
      const clerk = await startClerk()
      const api = startApiOfClerk(clerk)
      clerk.answer(behaveWith(status))
      for (const kind of KINDS) expect(await api.ask(opaque(kind, 'known'))).toEqual([503, code, retryAfter])
      expect(clerk.asked).toHaveLength(KINDS.length)
      expect(timers.running()).toBe(0)
      await clerk.released()
    }
  })
})
