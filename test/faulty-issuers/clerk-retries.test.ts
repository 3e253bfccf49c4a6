import { afterAll, describe, expect, it } from 'vitest'
import { CLERK_ERROR, KINDS, opaque, startApiOf, startClerk } from './clerk-api.js'
import { json, stopIssuers, type Behaviour, type Exchange } from './issuer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const SECOND = 1000
const UNAVAILABLE = [503, 'verification-unavailable', expect.any(Number)]

const failing =
  (status: number): Behaviour =>
  ({ response }) =>
    json(response, status, CLERK_ERROR)
const resets: Behaviour = ({ socket }) => void socket.resetAndDestroy()
const passing: [name: string, behave: Behaviour][] = [
  ['a reset', resets],
  ['a connection that is closed', ({ socket }) => void socket.destroy()],
  [
    'half a response',
    ({ socket, good }) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${good.length + 1}\r\n\r\n${good}`),
  ],
  ['a 502', failing(502)],
  ['a 503', failing(503)],
  ['a 504', failing(504)],
]

describe.each(KINDS)('a second attempt for a token of kind %s', (kind) => {
  it.each(passing)('is made after %s, and the caller does not notice', async (_name, behave) => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    clerk.answer((exchange) => {
      clerk.heal()
      behave(exchange)
    })
    expect(await api.ask(opaque(kind, 'known'))).toEqual([200])
    expect(api.clerk.stats().remote[kind]).toMatchObject({ calls: 2 })
  })

  it('is made if Clerk closes an idle connection just when it is used again', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    for (let i = 0; i < 5; i++) {
      expect(await api.ask(opaque(kind, `known_${i}`))).toEqual([200])
      clerk.dropConnections()
    }
  })
})

describe('the breaker', () => {
  /** Open for up to 7 seconds: five failures in a row, two of them second attempts, and then four failed probes. */
  async function startOpen(behave: Behaviour) {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    expect(await api.ask(opaque('m2m_token', 'known'))).toEqual([200])
    clerk.answer(behave)
    for (const seconds of [0, 0, 0, 1, 2, 4, 7]) {
      api.advance(seconds * SECOND)
      expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual(UNAVAILABLE)
    }
    expect(clerk.asked).toHaveLength(1 + 5 + 4)
    expect(api.events.filter(({ type }) => type === 'breaker-opened')).toHaveLength(1)
    return { clerk, api, asked: clerk.asked.length }
  }

  it.each([
    ['resets every connection', resets],
    ['answers 503', failing(503)],
  ])('opens if Clerk %s: no calls are made, and cached tokens are accepted', async (_name, behave) => {
    const { clerk, api, asked } = await startOpen(behave)
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => api.ask(opaque('m2m_token', `other_${i}`))))
    for (const answer of answers) expect(answer).toEqual(UNAVAILABLE)
    expect(await api.ask(opaque('m2m_token', 'known'))).toEqual([200])
    expect(clerk.asked).toHaveLength(asked)
  })

  it('lets one probe through after its time, and all calls once that succeeds', async () => {
    const { clerk, api } = await startOpen(resets)
    const held: Exchange[] = []
    const arrived = new Promise<void>((resolve) => {
      clerk.answer((exchange) => {
        held.push(exchange)
        resolve()
      })
    })
    api.advance(7 * SECOND)
    const probe = api.ask(opaque('m2m_token', 'known_2'))
    await arrived
    for (let i = 0; i < 20; i++) expect(await api.ask(opaque('m2m_token', `known_other_${i}`))).toEqual(UNAVAILABLE)
    expect(held).toHaveLength(1)
    clerk.heal()
    for (const { response, good } of held) json(response, 200, good)
    expect(await probe).toEqual([200])
    expect(api.events.filter(({ type }) => type === 'breaker-closed')).toHaveLength(1)
    expect(await api.ask(opaque('m2m_token', 'known_3'))).toEqual([200])
  })

  it('stays open twice as long after each failed probe, up to 7 seconds', async () => {
    const { clerk, api } = await startOpen(resets)
    for (let i = 0; i < 3; i++) {
      const asked = clerk.asked.length
      const [status, code, retryAfter] = await api.ask(opaque('m2m_token', 'known_2'))
      expect([status, code]).toEqual([503, 'verification-unavailable'])
      expect(retryAfter).toBeLessThanOrEqual(7)
      expect(retryAfter).toBeGreaterThanOrEqual(3)
      expect(clerk.asked).toHaveLength(asked)
      api.advance(7 * SECOND)
      expect(await api.ask(opaque('m2m_token', 'known_2'))).toEqual(UNAVAILABLE)
      expect(clerk.asked).toHaveLength(asked + 1)
    }
  })

  it('of one kind does not affect the others', async () => {
    const { clerk, api } = await startOpen(resets)
    clerk.heal()
    expect(await api.ask(opaque('m2m_token', 'known_6'))).toEqual(UNAVAILABLE)
    expect(await api.ask(opaque('oauth_token', 'known'))).toEqual([200])
    expect(await api.ask(opaque('api_key', 'known'))).toEqual([200])
  })

  it('does not open for odd responses, a refused secret or a rate limit: Clerk is reachable', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    const odd: Behaviour[] = [
      ({ response }) => json(response, 200, '<html>'),
      ({ response }) => json(response, 200, ' '.repeat(70_000)),
      failing(401),
      ({ response }) => json(response, 404, '<html>'),
      failing(302),
    ]
    for (const behave of odd) {
      clerk.answer(behave)
      for (let i = 0; i < 6; i++) expect((await api.ask(opaque('m2m_token', `known_${i}`)))[0]).toBe(503)
    }
    expect(clerk.asked).toHaveLength(6 * odd.length)
    expect(api.events.filter(({ type }) => type === 'breaker-opened')).toEqual([])
  })
})
