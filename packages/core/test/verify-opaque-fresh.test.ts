import { describe, expect, test } from 'vitest'
import { callsStarted } from '../src/support/single-flight.js'
import { codeOf, outcomeOf, refusalOf, SECOND, turn, withResolvers } from './fixtures.js'
import { good, opaque, unknownToken } from './fixtures-machines.js'
import { startVerifier, TOKEN } from './fixtures-opaque.js'

const revoked = () => good('m2m_token', { revoked: true })
const down = () => new Response('', { status: 500 })

describe('opaqueVerifier › verifyAgain', () => {
  test('asks Clerk in spite of a cached answer, and refreshes the cache', async () => {
    const { verify, verifyAgain, clerk, clock } = startVerifier()
    const cached = await verify(TOKEN)
    clerk.answer(() => good('m2m_token', { claims: { tier: 'silver' } }))
    clock.advance(20 * SECOND)
    const fresh = await verifyAgain()
    expect(fresh).toMatchObject({ claims: { tier: 'silver' } })
    expect(fresh).not.toBe(cached)
    clock.advance(29 * SECOND)
    expect(verify(TOKEN)).toBe(fresh)
    expect(clerk.calls).toBe(2)
  })

  test('asks Clerk in spite of a cached refusal', async () => {
    const { verify, verifyAgain, clerk } = startVerifier()
    clerk.answer(unknownToken)
    expect(await codeOf(() => verify(TOKEN))).toBe('token-not-found')
    clerk.answer(() => good('m2m_token'))
    await verifyAgain()
    expect(clerk.calls).toBe(2)
  })

  test.each([
    [revoked, 'token-revoked'],
    [unknownToken, 'token-not-found'],
  ])('refuses a token that Clerk now refuses, also without fresh after that', async (answer, code) => {
    const { verify, verifyAgain, clerk } = startVerifier()
    await verify(TOKEN)
    clerk.answer(answer)
    expect(await codeOf(() => verifyAgain())).toBe(code)
    expect(await codeOf(() => verify(TOKEN))).toBe(code)
    expect(clerk.calls).toBe(2)
  })

  test('asks no other process', async () => {
    let claims = 0
    const shared = {
      claim: async () => {
        claims++
        return { settle: async () => {} }
      },
      share: () => {},
    }
    const { verify, verifyAgain, clerk } = startVerifier({}, { shared })
    await verify(TOKEN)
    await verifyAgain()
    expect([claims, clerk.calls]).toEqual([1, 2])
  })

  test('uses an answer to a call that the same request has just made', async () => {
    const { verify, clerk, verifyAgain } = startVerifier()
    const before = callsStarted()
    const auth = await verify(TOKEN)
    expect(await verifyAgain(TOKEN, before)).toBe(auth)
    expect(clerk.calls).toBe(1)
    await verifyAgain()
    expect(clerk.calls).toBe(2)
  })

  test('uses no answer of another process, even if it arrived after the request', async () => {
    const found = { result: { active: true, auth: await startVerifier().verify(TOKEN) }, ageInMs: 0 } as const
    const shared = { claim: async () => ({ found }), share: () => {} }
    const { verify, verifyAgain, clerk } = startVerifier({}, { shared })
    const before = callsStarted()
    await verify(TOKEN)
    expect(clerk.calls).toBe(0)
    await verifyAgain(TOKEN, before)
    expect(clerk.calls).toBe(1)
  })

  test.each<[string, () => Response | Promise<Response>, string]>([
    ['fails', down, 'verification-unavailable'],
    ['cannot be reached', () => Promise.reject(new Error('reset')), 'verification-unavailable'],
    ['answers 429', () => new Response('', { status: 429 }), 'verification-rate-limited'],
    ['refuses the secret', () => new Response('', { status: 401 }), 'verification-misconfigured'],
    ['answers something else', () => Response.json({}), 'verification-unavailable'],
  ])('answers 503 while Clerk %s, and never from a cache', async (_what, answer, code) => {
    const { verify, verifyAgain, clerk, stats } = startVerifier({ staleInMs: 60 * SECOND })
    await verify(TOKEN)
    clerk.answer(answer)
    expect(await refusalOf(() => verifyAgain())).toMatchObject({ code, status: 503, retryAfter: 1 })
    expect(stats().stale).toBe(0)
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('honours the breaker of known tokens', async () => {
    const { verify, verifyAgain, clerk } = startVerifier()
    await verify(TOKEN)
    clerk.answer(down)
    for (let i = 0; i < 10; i++) expect(await codeOf(() => verifyAgain())).toBe('verification-unavailable')
    expect(clerk.calls).toBe(1 + 5)
  })

  test('asks at most 20 times at once, then 10 times a second, and leaves the rest to other requests', async () => {
    const { verify, verifyAgain, clerk, clock } = startVerifier()
    const ask = async (count: number) => {
      const tokens = Array.from({ length: count }, (_, i) => opaque('m2m_token', `t${i}`))
      return Promise.all(tokens.map((token) => outcomeOf(() => verifyAgain(token))))
    }
    const outcomes = await ask(30)
    expect(outcomes.filter((outcome) => outcome === 'verification-rate-limited')).toHaveLength(10)
    await verify(opaque('m2m_token', 'other'))
    clock.advance(SECOND)
    await ask(30)
    expect(clerk.calls).toBe(20 + 1 + 10)
  })

  test('has a budget of its own, which other calls do not use', async () => {
    const { verify, verifyAgain } = startVerifier()
    for (let i = 0; i < 30; i++) await verify(opaque('m2m_token', `t${i}`))
    expect(await outcomeOf(() => verifyAgain())).toBe('passed')
  })

  test('uses the budget of its kind too', async () => {
    const { verify, verifyAgain } = startVerifier({}, { rate: { perSecond: 1, burst: 2 } })
    await verify(TOKEN)
    await verifyAgain()
    expect(await codeOf(() => verifyAgain())).toBe('verification-rate-limited')
  })

  test('refuses a malformed token without a call', async () => {
    const { verifyAgain, clerk } = startVerifier()
    expect(await codeOf(() => verifyAgain('mt_short'))).toBe('token-malformed')
    expect(clerk.calls).toBe(0)
  })
})

describe('opaqueVerifier › verifyAgain › concurrent callers', () => {
  test('with one token cause at most two calls', async () => {
    const { verifyAgain, clerk, stats, slots } = startVerifier()
    const release = clerk.hold()
    const waiting = Array.from({ length: 50 }, () => verifyAgain())
    await turn()
    release()
    await Promise.all(waiting)
    expect(clerk.calls).toBe(2)
    expect(stats()).toMatchObject({ calls: 2, saved: 48 })
    expect(slots.stats().taken).toBe(0)
  })

  test('share no call that began before a request arrived', async () => {
    const { verifyAgain, clerk } = startVerifier()
    const { promise, resolve } = withResolvers<Response>()
    clerk.answer(() => promise)
    const before = outcomeOf(() => verifyAgain())
    await turn()
    // The token is revoked while the first answer is on its way.
    clerk.answer(revoked)
    const after = outcomeOf(() => verifyAgain())
    resolve(good('m2m_token'))
    expect([await before, await after]).toEqual(['passed', 'token-revoked'])
  })

  test('share no call of requests without fresh', async () => {
    const { verify, verifyAgain, clerk } = startVerifier()
    const release = clerk.hold()
    const without = verify(TOKEN)
    await turn()
    const fresh = verifyAgain()
    await turn()
    expect(clerk.calls).toBe(2)
    release()
    await Promise.all([without, fresh])
  })
})
