import { describe, expect, test } from 'vitest'
import { codeOf, HOUR, MINUTE, NOW, refusalOf, SECOND } from './fixtures.js'
import { good, opaque, unknownToken } from './fixtures-machines.js'
import { digestOf, startVerifier, TOKEN } from './fixtures-opaque.js'

const down = () => new Response('', { status: 503 })
const limited = () => new Response('', { status: 429, headers: { 'Retry-After': '7' } })
const reset = () => Promise.reject(new Error('reset'))

type Given = Parameters<typeof startVerifier>

/** A verifier whose answer about {@link TOKEN} is just no longer remembered. */
async function startStale(policy: Given[0] = {}, options: Given[1] = {}) {
  const verifier = startVerifier({ staleInMs: 10 * MINUTE, ...policy }, options)
  const auth = await verifier.verify(TOKEN)
  verifier.clock.advance(30 * SECOND)
  return { ...verifier, auth }
}

describe('opaqueVerifier › staleInMs', () => {
  test.each([
    ['fails', down, 'verification-unavailable'],
    ['answers 500', () => new Response('', { status: 500 }), 'verification-unavailable'],
    ['cannot be reached', reset, 'verification-unavailable'],
    ['answers 429', limited, 'verification-rate-limited'],
  ] as const)('accepts a token that was accepted before while Clerk %s', async (_what, answer, code) => {
    const { verify, auth, clerk, clock, stats, events } = await startStale()
    clerk.answer(answer)
    expect(await verify(TOKEN)).toBe(auth)
    expect(stats()).toMatchObject({ stale: 1, refused: 0 })
    expect(events).toContainEqual({ type: 'verification-stale', tokenType: 'm2m_token', code })
    clock.advance(10 * MINUTE - 1)
    expect(await verify(TOKEN)).toBe(auth)
    clock.advance(1)
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ code, status: 503 })
    expect(stats().stale).toBe(2)
  })

  test('accepts it when Clerk does not answer in time', async () => {
    const { verify, auth, clerk } = await startStale({ timeoutInMs: 20 })
    clerk.hold()
    expect(await verify(TOKEN)).toBe(auth)
  })

  test('accepts it without another call while the breaker of known tokens is open, or a 429 lasts', async () => {
    for (const [answer, calls] of [
      [down, 5],
      [limited, 1],
    ] as const) {
      const { verify, auth, clerk } = await startStale()
      clerk.answer(answer)
      for (let i = 0; i < 10; i++) expect(await verify(TOKEN)).toBe(auth)
      expect(clerk.calls).toBe(1 + calls)
    }
  })

  test('asks Clerk first, and uses its answer', async () => {
    const { verify, auth, clerk, stats } = await startStale()
    const again = await verify(TOKEN)
    expect(again).not.toBe(auth)
    expect([clerk.calls, stats().stale]).toEqual([2, 0])
  })

  test('is off by default', async () => {
    const { verify, clerk } = await startStale({ staleInMs: 0 })
    clerk.answer(down)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('keeps tokens known for as long, so that the limits of unknown ones do not apply', async () => {
    const { verify, clerk, clock, introspections } = await startStale({ staleInMs: HOUR })
    clerk.answer(down)
    clock.advance(59 * MINUTE)
    expect(introspections.isKnown(digestOf(TOKEN))).toBe(true)
    for (let i = 0; i < 10; i++) expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('works without rememberInMs too', async () => {
    const { verify, auth, clerk } = await startStale({ rememberInMs: 0 })
    expect(await verify(TOKEN)).not.toBe(auth)
    expect(clerk.calls).toBe(2)
    clerk.answer(down)
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })
})

describe('opaqueVerifier › staleInMs › never', () => {
  test('applies to a token that was never accepted', async () => {
    const { verify, clerk } = await startStale()
    clerk.answer(down)
    expect(await codeOf(() => verify(opaque('m2m_token', 'other')))).toBe('verification-unavailable')
  })

  test('outlives the token', async () => {
    const { verify, clerk, clock } = startVerifier({ staleInMs: HOUR })
    clerk.answer(() => good('m2m_token', { expiration: NOW + MINUTE }))
    await verify(TOKEN)
    clerk.answer(down)
    clock.advance(MINUTE - 1)
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
    clock.advance(1)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test.each([
    ['refuses the secret', () => new Response('', { status: 401 }), 'verification-misconfigured'],
    ['is replaced by another server', () => new Response('', { status: 404 }), 'verification-misconfigured'],
    ['answers something else', () => Response.json({}), 'verification-unavailable'],
    ['refuses the token', unknownToken, 'token-not-found'],
    ['says that it is revoked', () => good('m2m_token', { revoked: true }), 'token-revoked'],
  ] as const)('applies while Clerk %s', async (_what, answer, code) => {
    const { verify, clerk } = await startStale()
    clerk.answer(answer)
    expect(await codeOf(() => verify(TOKEN))).toBe(code)
  })

  test('applies after Clerk has refused the token', async () => {
    const { verify, clerk, clock } = await startStale()
    clerk.answer(unknownToken)
    expect(await codeOf(() => verify(TOKEN))).toBe('token-not-found')
    clock.advance(5 * SECOND)
    clerk.answer(down)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies when the budget of this process is used up', async () => {
    const { verify } = await startStale({}, { rate: { perSecond: 0, burst: 1 } })
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-rate-limited')
  })

  test('applies when no slot becomes free', async () => {
    const { verify, clerk } = await startStale({ maxInFlight: 1, timeoutInMs: 200 })
    clerk.hold()
    const other = codeOf(() => verify(opaque('m2m_token', 'other')))
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
    await other
  })

  test('applies after a revocation', async () => {
    const { verify, clerk, revoke } = await startStale()
    clerk.answer(down)
    revoke(TOKEN)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies after a revocation that arrives while Clerk is asked', async () => {
    const { verify, clerk, revoke } = await startStale()
    clerk.answer(() => {
      revoke(TOKEN)
      return down()
    })
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies after another process has forgotten the token', async () => {
    const { verify, clerk, forgetUser } = await startStale()
    clerk.answer(down)
    forgetUser()
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies after forget() in this process', async () => {
    for (const which of ['all', { digest: digestOf(TOKEN) }, () => true] as const) {
      const { verify, clerk, introspections } = await startStale()
      clerk.answer(down)
      introspections.forget(which)
      expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
    }
  })

  test('applies while the revocations of other processes cannot be read', async () => {
    let isConnected = false
    const { verify, clerk } = await startStale({}, { knowsRevocations: () => isConnected })
    clerk.answer(down)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
    isConnected = true
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('applies to an answer of another process', async () => {
    const found = { result: { active: true, auth: await startVerifier().verify(TOKEN) }, ageInMs: 0 } as const
    const claims: unknown[] = [{ found }, { settle: async () => {} }]
    const shared = { claim: async () => claims.shift() as { found: typeof found }, share: () => {} }
    const { verify, clerk, clock } = startVerifier({ staleInMs: HOUR }, { shared })
    await verify(TOKEN)
    clerk.answer(down)
    clock.advance(30 * SECOND)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies to a 429 or an open breaker of unknown tokens, which callers can cause', async () => {
    /** A token with an earlier answer that is no longer known, because others were accepted since. */
    async function startUnknown() {
      const verifier = startVerifier({ staleInMs: HOUR }, {}, { maxEntries: 2 })
      await verifier.verify(TOKEN)
      await verifier.verify(opaque('m2m_token', 'other'))
      expect(verifier.verify(TOKEN)).not.toBeInstanceOf(Promise)
      await verifier.verify(opaque('m2m_token', 'third'))
      verifier.clock.advance(30 * SECOND)
      expect(verifier.introspections.isKnown(digestOf(TOKEN))).toBe(false)
      expect(verifier.introspections.stale(digestOf(TOKEN))).toBeDefined()
      return verifier
    }
    const first = await startUnknown()
    first.clerk.answer(limited)
    expect(await codeOf(() => first.verify(TOKEN))).toBe('verification-rate-limited')
    expect(await codeOf(() => first.verify(TOKEN))).toBe('verification-rate-limited')
    const second = await startUnknown()
    second.clerk.answer(down)
    for (let i = 0; i < 5; i++) await codeOf(() => second.verify(opaque('m2m_token', `bad${i}`)))
    expect(await codeOf(() => second.verify(TOKEN))).toBe('verification-unavailable')
  })

  test('applies if the clock is broken', async () => {
    const { verify, clerk, clock } = await startStale()
    clerk.answer(down)
    clock.setWall(Number.NaN)
    expect(await codeOf(() => verify(TOKEN))).toBe('verification-unavailable')
  })
})

test('an answer that may become stale is evicted like any other', async () => {
  const { verify, introspections } = startVerifier({ staleInMs: HOUR })
  for (let i = 0; i < 10_001; i++) await verify(opaque('m2m_token', `t${i}`))
  expect(introspections.stats()).toMatchObject({ entries: 10_000, known: 10_000 })
})
