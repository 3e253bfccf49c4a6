import { afterAll, describe, expect, it } from 'vitest'
import { CLERK_ERROR, KINDS, opaque, startApiOf, startClerk } from './clerk-api.js'
import { json, stopIssuers } from './issuer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const SECOND = 1000

/** Clerk's Retry-After, and the seconds that it means. */
const rows: readonly (readonly [says: string, header: string | string[] | undefined, seconds: number])[] = [
  ['none', undefined, 1],
  ['an empty one', '', 1],
  ['0', '0', 1],
  ['1', '1', 1],
  ['a negative one', '-30', 1],
  ['a fraction', '30.5', 1],
  ['an exponent', '3e1', 1],
  ['words', 'soon', 1],
  ['infinity', 'Infinity', 1],
  ['400 digits', '9'.repeat(400), 1],
  ['a date', 'Fri, 31 Dec 2099 23:59:59 GMT', 1],
  ['a date in the past', 'Thu, 01 Jan 1970 00:00:00 GMT', 1],
  ['two', ['30', '40'], 1],
  ['a non-ASCII value', '\xff', 1],
  ['30', '30', 30],
  ['30 and a space', '30 ', 30],
  ['0030', '0030', 30],
  ['a minute', '60', 60],
  ['an hour', '3600', 60],
  ['more than a lifetime', '999999999', 60],
]

async function startLimiting(header: string | string[] | undefined) {
  const clerk = await startClerk()
  const api = startApiOf(clerk)
  expect(await api.ask(opaque('m2m_token', 'known'))).toEqual([200])
  clerk.answer(({ response }) => {
    response.writeHead(429, header === undefined ? {} : { 'Retry-After': header })
    response.end(JSON.stringify(CLERK_ERROR))
  })
  return { clerk, api }
}

describe('a rate limit by Clerk', () => {
  it.each(rows)(
    'with Retry-After: %s pauses calls, and callers get the seconds left',
    async (_says, header, seconds) => {
      const { clerk, api } = await startLimiting(header)
      expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual([503, 'verification-rate-limited', seconds])
      expect(clerk.asked).toHaveLength(2)
      clerk.heal()
      api.advance(seconds * SECOND)
      expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual([200])
      expect(clerk.asked).toHaveLength(3)
    },
  )

  it.each(rows.filter(([, , seconds]) => seconds > 1))(
    'with Retry-After: %s causes no call before that',
    async (_says, header, seconds) => {
      const { clerk, api } = await startLimiting(header)
      expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual([503, 'verification-rate-limited', seconds])
      api.advance((seconds - 20) * SECOND)
      for (const name of ['known_1', 'known_2', 'made_up']) {
        const [status, code, retryAfter] = await api.ask(opaque('m2m_token', name))
        expect([status, code]).toEqual([503, 'verification-rate-limited'])
        expect(retryAfter).toBeLessThanOrEqual(20)
        expect(retryAfter).toBeGreaterThan(10)
      }
      expect(clerk.asked).toHaveLength(2)
    },
  )

  it.each(KINDS)('for kind %s does not pause the others', async (kind) => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    clerk.answer(({ response }) => json(response, 429, CLERK_ERROR, { 'Retry-After': '60' }))
    expect(await api.ask(opaque(kind, 'known'))).toEqual([503, 'verification-rate-limited', 60])
    clerk.heal()
    for (const other of KINDS) expect((await api.ask(opaque(other, 'known_1')))[0]).toBe(other === kind ? 503 : 200)
  })

  it('does not affect a cached token', async () => {
    const { clerk, api } = await startLimiting('30')
    expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual([503, 'verification-rate-limited', 30])
    expect(await api.ask(opaque('m2m_token', 'known'))).toEqual([200])
    expect(clerk.asked).toHaveLength(2)
  })

  it('causes no second attempt for the token, and does not open the breaker', async () => {
    const { clerk, api } = await startLimiting('1')
    for (let i = 0; i < 10; i++) {
      expect(await api.ask(opaque('m2m_token', 'known_1'))).toEqual([503, 'verification-rate-limited', 1])
      api.advance(SECOND)
    }
    expect(clerk.asked).toHaveLength(1 + 10)
    expect(api.events.filter(({ type }) => type === 'breaker-opened')).toEqual([])
  })
})
