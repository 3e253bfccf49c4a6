import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import type { Fetch } from '../src/support/http.js'
import { KINDS, type OpaqueTokenType } from '../src/kinds/kinds.js'
import { introspectionCache } from '../src/introspection/introspection-cache.js'
import { slotsOf } from '../src/introspection/slots.js'
import type { RemotePolicy } from '../src/introspection/remote.js'
import { opaqueVerifier } from '../src/introspection/verify-opaque.js'
import {
  codeOf,
  fakeClock,
  noRevocations,
  HOUR,
  MINUTE,
  NOW,
  outcomeOf,
  refusalOf,
  SECOND,
  turn,
  withResolvers,
  type FakeClock,
} from './fixtures.js'
import { CLERK_ERROR, fakeClerk, good, opaque, recallOrVerify, unheardOf, unknownToken } from './fixtures-machines.js'

interface Given {
  readonly tokenType?: OpaqueTokenType
  readonly policy?: RemotePolicy
  readonly rate?: { readonly perSecond: number; readonly burst: number }
  readonly fetch?: Fetch
  readonly apiUrl?: string
  readonly most?: number
  readonly clock?: FakeClock
  readonly random?: () => number
}

/** A verifier without a rate limit, which has made no call yet. */
function start(given: Given = {}) {
  const { tokenType = 'm2m_token', policy = {}, rate = { perSecond: 1e6, burst: 1e6 }, most = 64 } = given
  const { clock = fakeClock(), random = () => 1 } = given
  const clerk = fakeClerk()
  const events: ClerkAuthEvent[] = []
  const closing = new AbortController()
  const revocations = noRevocations(clock)
  const introspections = introspectionCache(policy.rememberInMs ?? 30 * SECOND, {}, clock, revocations)
  const slots = slotsOf(most, introspections.hasKnown, clock, closing.signal)
  const fetch = given.fetch ?? clerk.fetch
  const apiUrl = given.apiUrl ?? 'https://api.example.com'
  const localPolicy = {
    audiences: undefined,
    machineId: undefined,
    machineSecretKey: undefined,
    scopeUnchecked: () => {},
  }
  const parts = {
    apiUrl,
    secret: 'sk_test_secret',
    localIssuer: 'refuse',
    rate,
    policy,
    introspections,
    revocations,
    shared: undefined,
    slots,
    fetch,
    clock,
  } as const
  const verifierOf = (kind: OpaqueTokenType) => {
    const verifier = opaqueVerifier({
      ...parts,
      tokenType: kind,
      form: KINDS[kind].opaque,
      localPolicy,
      random,
      emit: (event) => events.push(event),
      closed: closing.signal,
    })
    return { verify: recallOrVerify(verifier), stats: verifier.stats }
  }
  const { verify, stats } = verifierOf(tokenType)
  return {
    clock,
    clerk,
    events,
    introspections,
    /** As `forget()` of an instance does. */
    forget: (which: 'all' | { readonly digest: string } = 'all') => {
      introspections.forget(which)
      const subject = which === 'all' ? { subject: which } : ({ subject: 'token', id: which.digest } as const)
      revocations.add({ tombstone: { ...subject, effect: 'ask-again', at: clock.now() }, forMs: MINUTE })
    },
    slots,
    verify,
    stats,
    verifierOf,
    close: () => closing.abort(new Error('closed')),
  }
}

type Started = ReturnType<typeof start>

const m2m = (name?: string) => opaque('m2m_token', name)
const TOKEN = m2m()
const down = () => new Response('down', { status: 503 })
const codes = async (work: readonly (() => unknown)[]) => Promise.all(work.map((one) => outcomeOf(one)))

/** A clock that advances by a second after this many reads. */
function clockThatJumps(readings: number): FakeClock {
  const clock = fakeClock()
  let left = readings
  const monotonic = () => {
    if (left-- === 0) clock.advance(SECOND)
    return clock.monotonic()
  }
  return { ...clock, monotonic }
}

/** Opens the breaker: each call fails at once. */
async function open({ clerk, verify }: Started): Promise<void> {
  clerk.answer(() => new Response('', { status: 500 }))
  for (let i = 0; i < 5; i++) await codeOf(() => verify(m2m(`x${i}`)))
}

describe('opaqueVerifier', () => {
  test.each(['m2m_token', 'oauth_token', 'api_key'] as const)('verifies %s by calling Clerk', async (tokenType) => {
    const { verify, clerk } = start({ tokenType })
    expect(await verify(opaque(tokenType))).toMatchObject({ isAuthenticated: true, tokenType })
    expect(clerk.questions).toMatchObject([{ token: opaque(tokenType), tokenType }])
  })

  test('calls once while the result is cached, and answers synchronously', async () => {
    const { verify, clerk, clock, stats } = start()
    const auth = await verify(TOKEN)
    clock.advance(30 * SECOND - 1)
    for (let i = 0; i < 1000; i++) expect(verify(TOKEN)).toBe(auth)
    expect(clerk.calls).toBe(1)
    clock.advance(1)
    await verify(TOKEN)
    expect(clerk.calls).toBe(2)
    expect(stats()).toEqual({ calls: 2, saved: 1000, refused: 0, billed: 2, stale: 0 })
  })

  test('makes one call for fifty callers with the same token', async () => {
    const { verify, clerk, stats } = start()
    const release = clerk.hold()
    const waiting = Array.from({ length: 50 }, async () => verify(TOKEN))
    release()
    const auths = await Promise.all(waiting)
    expect(new Set(auths).size).toBe(1)
    expect(clerk.calls).toBe(1)
    expect(stats()).toEqual({ calls: 1, saved: 49, refused: 0, billed: 1, stale: 0 })
  })

  test('makes one call for fifty callers with the same token if it is refused, or cannot be verified', async () => {
    for (const [answer, code] of [
      [unknownToken, 'token-not-found'],
      [() => new Response('down', { status: 500 }), 'verification-unavailable'],
    ] as const) {
      const { verify, clerk } = start()
      clerk.answer(answer)
      const outcomes = await codes(Array.from({ length: 50 }, () => () => verify(TOKEN)))
      expect(new Set(outcomes)).toEqual(new Set([code]))
      expect(clerk.calls).toBe(1)
    }
  })

  test('never caches a result past the expiry of the token', async () => {
    const { verify, clerk, clock } = start()
    clerk.answer(() => good('m2m_token', { expiration: NOW + 3 * SECOND }))
    await verify(TOKEN)
    clock.advance(3 * SECOND - 1)
    expect(verify(TOKEN)).toMatchObject({ isAuthenticated: true })
    clock.advance(1)
    expect(await codeOf(() => verify(TOKEN))).toBe('token-expired')
    expect(clerk.calls).toBe(2)
  })

  test('refuses again without another call', async () => {
    const { verify, clerk, clock } = start()
    clerk.answer(() => good('m2m_token', { revoked: true }))
    for (let i = 0; i < 10; i++) {
      expect(await codeOf(() => verify(TOKEN))).toBe('token-revoked')
      clock.advance(29 * SECOND)
    }
    expect(clerk.calls).toBe(1)
    clock.advance(MINUTE)
    clerk.answer(() => good('m2m_token'))
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('throws a new error for each refusal', async () => {
    const { verify, clerk } = start()
    clerk.answer(unknownToken)
    const [first, second, third] = [1, 2, 3].map(() => refusalOf(() => verify(TOKEN)))
    await Promise.all([first, second, third])
    expect(await refusalOf(() => verify(TOKEN))).not.toBe(await refusalOf(() => verify(TOKEN)))
  })

  test('calls every time if caching is turned off', async () => {
    const { verify, clerk } = start({ policy: { rememberInMs: 0 } })
    await verify(TOKEN)
    await verify(TOKEN)
    expect(clerk.calls).toBe(2)
  })

  test('does not cache unclear results', async () => {
    const { verify, clerk, introspections } = start()
    clerk.answer(() => Response.json({}))
    await codeOf(() => verify(TOKEN))
    expect(introspections.stats()).toEqual({ entries: 0, refused: 0, known: 0 })
    clerk.answer(() => good('m2m_token'))
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('accepts no token whose cached result has expired while Clerk is down: 503, not 401', async () => {
    const { verify, clerk, clock } = start()
    await verify(TOKEN)
    clerk.answer(down)
    clock.advance(30 * SECOND)
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ code: 'verification-unavailable', status: 503 })
  })

  test('distinguishes tokens that differ in one character', async () => {
    const { verify, clerk } = start()
    await verify(TOKEN)
    clerk.answer(unknownToken)
    expect(await codeOf(() => verify(`${TOKEN.slice(0, -1)}x`))).toBe('token-not-found')
    expect(await codeOf(() => verify(TOKEN.replace('mt_o', 'mt_O')))).toBe('token-not-found')
  })

  test('causes no unhandled rejection', async () => {
    const unheard = await unheardOf(async () => {
      const { verify, clerk, close } = start()
      const answers = [unknownToken, down, () => Promise.reject(new Error('reset')), () => Response.json([])]
      for (const [i, answer] of answers.entries()) {
        clerk.answer(answer)
        await codes([1, 2, 3].map(() => () => verify(m2m(`token${i}`))))
      }
      clerk.hold()
      const waiting = codes([() => verify(m2m('closed'))])
      close()
      await waiting
    })
    expect(unheard).toEqual([])
  })
})

describe('opaqueVerifier › callers that share a call', () => {
  test.each<[string, () => Response, string]>([
    ['that fails', () => new Response('', { status: 500 }), 'verification-unavailable'],
    ['that is refused', unknownToken, 'token-not-found'],
  ])('%s get separate errors, which they may modify', async (_name, answer, code) => {
    const { verify, clerk } = start()
    clerk.answer(answer)
    const errors = await Promise.all([1, 2, 3].map(() => refusalOf(() => verify(TOKEN))))
    expect(clerk.calls).toBe(1)
    expect(errors.map((error) => error.code)).toEqual([code, code, code])
    expect(new Set(errors).size).toBe(3)
  })
})

describe('opaqueVerifier › a forgotten token', () => {
  test('is verified again', async () => {
    const { verify, forget, clerk } = start()
    await verify(TOKEN)
    forget()
    clerk.answer(() => good('m2m_token', { revoked: true }))
    expect(await codeOf(() => verify(TOKEN))).toBe('token-revoked')
  })

  test('is not cached by a response to an earlier call', async () => {
    const { verify, forget, clerk } = start()
    const release = clerk.hold()
    const before = verify(TOKEN)
    await turn()
    forget()
    release()
    await before
    clerk.answer(() => good('m2m_token', { revoked: true }))
    expect(await codeOf(() => verify(TOKEN))).toBe('token-revoked')
  })

  test('does not share an earlier call', async () => {
    const { verify, forget, clerk, slots } = start()
    const release = clerk.hold()
    const before = verify(TOKEN)
    await turn()
    forget({ digest: 'another' })
    const after = verify(TOKEN)
    expect(clerk.calls).toBe(2)
    release()
    await Promise.all([before, after])
    expect(slots.stats().taken).toBe(0)
    expect(verify(TOKEN)).toBe(await after)
  })
})

describe('opaqueVerifier › a flood', () => {
  const RATE = { perSecond: 80, burst: 160 }
  const MADE_UP: ReadonlySet<string> = new Set([
    'token-not-found',
    'verification-unavailable',
    'verification-rate-limited',
  ])

  test('of 10,000 made-up tokens stays within the budget, and known tokens are accepted', async () => {
    const { verify, clerk, clock, stats, slots, introspections, forget, events } = start({ rate: RATE })
    const known = Array.from({ length: 20 }, (_, i) => m2m(`known${i}`))
    for (const token of known) await verify(token)
    clock.advance(10 * SECOND)
    const before = clerk.calls

    for (let second = 0; second < 10; second++) {
      const flood = Array.from({ length: 1000 }, (_, i) => () => verify(m2m(`bad${second}_${i}`)))
      const outcomes = await codes(flood)
      expect(outcomes.filter((code) => !MADE_UP.has(code))).toEqual([])
      // Each of them needs a new call, in the middle of the flood.
      clock.advance(SECOND)
      forget()
      expect(await codes(known.map((token) => () => verify(token)))).toEqual(known.map(() => 'passed'))
    }
    const calls = clerk.calls - before
    expect(calls).toBeLessThanOrEqual(160 + 10 * 80)
    expect(calls).toBeGreaterThan(10 * 20)
    expect(stats().refused).toBeGreaterThan(9000)
    expect(slots.stats().taken).toBe(0)
    expect(introspections.stats().refused).toBeLessThanOrEqual(1000)
    expect(events.filter(({ type }) => type === 'verification-not-asked').length).toBe(stats().refused)
  })

  test('that Clerk answers slowly takes three quarters of the concurrent calls, and known tokens get the rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { verify, clerk, clock, slots, stats } = start()
    const known = Array.from({ length: 16 }, (_, i) => m2m(`known${i}`))
    for (const token of known) await verify(token)
    clock.advance(30 * SECOND)
    const release = clerk.hold()

    const strangers = codes(Array.from({ length: 10_000 }, (_, i) => () => verify(m2m(`bad${i}`))))
    await turn()
    expect(slots.stats().taken).toBe(48)
    const served = codes(known.map((token) => () => verify(token)))
    await turn()
    expect(slots.stats()).toEqual({ taken: 64, waiting: 192 })
    expect(await refusalOf(() => verify(m2m('late')))).toMatchObject({
      code: 'verification-unavailable',
      retryAfter: 1,
    })
    await vi.advanceTimersByTimeAsync(SECOND)
    release()

    expect(await served).toEqual(known.map(() => 'passed'))
    const outcomes = await strangers
    expect(outcomes.filter((code) => code === 'token-not-found').length).toBe(48)
    expect(outcomes.filter((code) => code === 'verification-unavailable').length).toBe(10_000 - 48)
    expect(stats().refused).toBe(10_000 - 48 + 1)
    expect(slots.stats().taken).toBe(0)
  })

  test('of one kind shares the limit on concurrent calls with the others', async () => {
    const { verifierOf, clerk, slots } = start({ most: 3 })
    clerk.hold()
    const [m2mVerifier, keys] = [verifierOf('m2m_token'), verifierOf('api_key')]
    for (let i = 0; i < 3; i++) void outcomeOf(() => m2mVerifier.verify(m2m(`slow${i}`)))
    await turn()
    expect(slots.stats().taken).toBe(3)
    expect(await codeOf(() => keys.verify(opaque('api_key')))).toBe('verification-unavailable')
  })

  test('of known tokens may take all of the concurrent calls, and the next one waits', async () => {
    const { verify, clerk, clock, slots } = start({ most: 4 })
    const known = Array.from({ length: 5 }, (_, i) => m2m(`known${i}`))
    for (const token of known) await verify(token)
    clock.advance(30 * SECOND)
    const release = clerk.hold()
    const served = codes(known.map((token) => () => verify(token)))
    await turn()
    expect(slots.stats()).toEqual({ taken: 4, waiting: 1 })
    release()
    expect(await served).toEqual(known.map(() => 'passed'))
  })

  test('of one token causes one call every 5 seconds', async () => {
    const { verify, clerk, clock } = start({ rate: RATE })
    for (let second = 0; second < 60; second++) {
      await codes(Array.from({ length: 100 }, () => () => verify(m2m('bad'))))
      clock.advance(SECOND)
    }
    expect(clerk.calls).toBe(12)
  })

  test('beyond the budget is answered with the seconds until the next call is allowed', async () => {
    const { verify } = start({ rate: { perSecond: 0.25, burst: 4 } })
    await codes(Array.from({ length: 4 }, (_, i) => () => verify(m2m(`bad${i}`))))
    expect(await refusalOf(() => verify(m2m('late')))).toMatchObject({
      code: 'verification-rate-limited',
      status: 503,
      retryAfter: 4,
    })
  })

  test('with a budget of zero is answered with a Retry-After of a minute', async () => {
    const { verify } = start({ rate: { perSecond: 0, burst: 1 } })
    await verify(TOKEN)
    expect(await refusalOf(() => verify(m2m('late')))).toMatchObject({ retryAfter: 60 })
  })

  test('is answered with a Retry-After of at least one second, whenever the clock advances', async () => {
    const outcomes = new Set<unknown>()
    for (let reading = 0; reading < 60; reading++) {
      const { verify } = start({ rate: { perSecond: 1, burst: 1 }, clock: clockThatJumps(reading) })
      await verify(TOKEN)
      const refusal = await refusalOf(() => verify(m2m('late'))).catch(() => undefined)
      outcomes.add(refusal ? refusal.retryAfter : 'passed')
    }
    expect(outcomes).toEqual(new Set(['passed', 1]))
  })

  test('does not make a token known that Clerk has since refused', async () => {
    const { verify, clerk, clock, introspections } = start()
    await verify(TOKEN)
    clock.advance(30 * SECOND)
    clerk.answer(() => good('m2m_token', { revoked: true }))
    expect(await codeOf(() => verify(TOKEN))).toBe('token-revoked')
    expect(introspections.stats().known).toBe(0)
  })
})

describe('opaqueVerifier › known and unknown tokens', () => {
  const KNOWN = Array.from({ length: 5 }, (_, i) => m2m(`known${i}`))
  const isKnown = (token: string) => token.startsWith('mt_known')

  /** Tokens that have been verified, and must be verified again. */
  async function startWithKnown(given: Given = {}): Promise<Started> {
    const started = start(given)
    for (const token of KNOWN) await started.verify(token)
    started.clock.advance(30 * SECOND)
    return started
  }

  const known = ({ verify }: Started) => codes(KNOWN.map((token) => () => verify(token)))
  const unknown = ({ verify }: Started, count = 6) =>
    codes(Array.from({ length: count }, (_, i) => () => verify(m2m(`new${i}`))))

  test.each<[string, () => Response, string]>([
    ['fails', () => new Response('', { status: 500 }), 'verification-unavailable'],
    [
      'answers 429',
      () => new Response('', { status: 429, headers: { 'Retry-After': '60' } }),
      'verification-rate-limited',
    ],
  ])('if Clerk %s for unknown tokens only, no known caller is refused', async (_name, answer, code) => {
    const started = await startWithKnown()
    const { clerk, clock, verify } = started
    clerk.answer(({ token }) => (isKnown(token) ? good('m2m_token') : answer()))
    expect(new Set(await unknown(started))).toEqual(new Set([code]))
    const calls = clerk.calls
    expect(await codeOf(() => verify(m2m('new9')))).toBe(code)
    expect(clerk.calls).toBe(calls)
    for (let i = 0; i < 3; i++) {
      expect(await known(started)).toEqual(KNOWN.map(() => 'passed'))
      clock.advance(30 * SECOND)
    }
  })

  test('an unknown token is never the probe for known callers, nor vice versa', async () => {
    const started = await startWithKnown({ policy: { retries: 0 } })
    const { clerk, clock, verify, events } = started
    clerk.answer(() => new Response('', { status: 500 }))
    await known(started)
    await unknown(started)
    expect(events.filter(({ type }) => type === 'breaker-opened')).toMatchObject([
      { tokens: 'known' },
      { tokens: 'unknown' },
    ])
    clock.advance(SECOND)

    const release = clerk.hold()
    const probes = codes([m2m('new0'), KNOWN[0]!].map((token) => () => verify(token)))
    const calls = clerk.calls
    clerk.answer(({ token }) => (isKnown(token) ? good('m2m_token') : new Response('', { status: 500 })))
    expect(await codeOf(() => verify(KNOWN[1]!))).toBe('verification-unavailable')
    expect(await codeOf(() => verify(m2m('new1')))).toBe('verification-unavailable')
    expect(clerk.calls).toBe(calls)
    release()
    expect(await probes).toEqual(['verification-unavailable', 'passed'])
    expect(await known(started)).toEqual(KNOWN.map(() => 'passed'))
    expect(await codeOf(() => verify(m2m('new2')))).toBe('verification-unavailable')
  })

  test('a 429 to a known caller pauses unknown tokens too, because the limit is that of the instance', async () => {
    const started = await startWithKnown()
    const { clerk, clock, verify } = started
    clerk.answer(() => new Response('', { status: 429, headers: { 'Retry-After': '5' } }))
    expect(await codeOf(() => verify(KNOWN[0]!))).toBe('verification-rate-limited')
    clerk.answer(() => good('m2m_token'))
    const calls = clerk.calls
    expect(await refusalOf(() => verify(m2m('new0')))).toMatchObject({
      code: 'verification-rate-limited',
      retryAfter: 5,
    })
    expect(clerk.calls).toBe(calls)
    clock.advance(5 * SECOND)
    expect(await outcomeOf(() => verify(m2m('new0')))).toBe('passed')
  })

  test('a shorter pause does not end a longer one', async () => {
    const { verify, clerk, clock } = start()
    const release = clerk.hold()
    const limited = codes(['a', 'b'].map((name) => () => verify(m2m(name))))
    clerk.answer(({ token }) => {
      const seconds = token === m2m('a') ? '60' : '1'
      return new Response('', { status: 429, headers: { 'Retry-After': seconds } })
    })
    release()
    await limited
    clock.advance(SECOND)
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ retryAfter: 59 })
  })

  test.each([0, 0.5, 0.999])(
    'are accepted at most 8 seconds after Clerk is back, with one request per second (%d)',
    async (random) => {
      for (const names of [['known0'], ['new0']]) {
        const { clerk, clock, verify } = await startWithKnown({ random: () => random })
        const [token] = names.map(m2m) as [string]
        // Each call hangs until its deadline.
        clerk.answer(() => {
          clock.advance(3 * SECOND)
          return down()
        })
        const outageEnds = clock.monotonic() + 35 * SECOND
        let secondsAfter = 0
        for (;;) {
          if (clock.monotonic() >= outageEnds) clerk.answer(() => good('m2m_token'))
          if ((await outcomeOf(() => verify(token))) === 'passed') break
          secondsAfter = (clock.monotonic() - outageEnds) / SECOND
          clock.advance(SECOND)
        }
        expect(secondsAfter).toBeLessThanOrEqual(8)
      }
    },
  )
})

describe('opaqueVerifier › waiting for a slot', () => {
  const tokens = (count: number, name = 'new') => Array.from({ length: count }, (_, i) => m2m(`${name}${i}`))

  test('lets 100 concurrent tokens through after a start', async () => {
    const { verify, clerk, slots } = start({ rate: { perSecond: 80, burst: 160 } })
    const release = clerk.hold()
    const arrived = codes(tokens(100).map((token) => () => verify(token)))
    await turn()
    expect(slots.stats()).toEqual({ taken: 64, waiting: 36 })
    release()
    expect(new Set(await arrived)).toEqual(new Set(['passed']))
    expect(clerk.calls).toBe(100)
  })

  test('leaves the whole budget to unknown tokens while none is known', async () => {
    const { verify, clerk } = start({ rate: { perSecond: 0, burst: 4 } })
    const release = clerk.hold()
    const arrived = codes(tokens(5).map((token) => () => verify(token)))
    await turn()
    release()
    expect((await arrived).filter((code) => code === 'passed')).toHaveLength(4)
  })

  test('takes nothing from the budget until a slot is free', async () => {
    const { verify, clerk } = start({ most: 1, rate: { perSecond: 0, burst: 3 } })
    const release = clerk.hold()
    const arrived = codes(tokens(3).map((token) => () => verify(token)))
    await turn()
    release()
    expect(await arrived).toEqual(['passed', 'passed', 'verification-rate-limited'])
  })

  test('shares the wait and the call with callers with the same token', async () => {
    const { verify, clerk, stats } = start({ most: 1 })
    const release = clerk.hold()
    const arrived = codes([m2m('other'), TOKEN, TOKEN, TOKEN].map((token) => () => verify(token)))
    await turn()
    release()
    expect(new Set(await arrived)).toEqual(new Set(['passed']))
    expect(stats()).toMatchObject({ calls: 2, saved: 2 })
  })

  test('uses the result of another call that has ended meanwhile', async () => {
    const { verify, forget, clerk, stats } = start({ most: 1 })
    const release = clerk.hold()
    const slow = outcomeOf(() => verify(m2m('slow')))
    const before = outcomeOf(() => verify(TOKEN))
    await turn()
    forget({ digest: 'another' })
    const after = outcomeOf(() => verify(TOKEN))
    await turn()
    release()
    expect(await Promise.all([before, after])).toEqual(['passed', 'passed'])
    expect(await slow).toBe('passed')
    expect([clerk.calls, stats().saved]).toEqual([2, 1])
  })

  test('makes no call once Clerk is known to fail', async () => {
    const { verify, clerk } = start({ most: 5, policy: { retries: 0 } })
    clerk.answer(down)
    const arrived = await codes(tokens(8).map((token) => () => verify(token)))
    expect(new Set(arrived)).toEqual(new Set(['verification-unavailable']))
    expect(clerk.calls).toBe(5)
  })

  test.each([
    [3000, 1000],
    [600, 500],
  ])('with a deadline of %i ms ends after %i ms', async (timeoutInMs, waitInMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { verify, clerk, slots, stats } = start({ most: 1, policy: { timeoutInMs } })
    clerk.hold()
    void outcomeOf(() => verify(m2m('slow')))
    const late = refusalOf(() => verify(TOKEN))
    await turn()
    await vi.advanceTimersByTimeAsync(waitInMs - 1)
    expect(slots.stats().waiting).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await late).toMatchObject({ code: 'verification-unavailable', status: 503, retryAfter: 1 })
    expect([slots.stats().waiting, clerk.calls, stats().refused]).toEqual([0, 1, 1])
  })

  test('counts towards the deadline', async () => {
    const { verify, clerk, clock } = start({ most: 1 })
    const release = clerk.hold()
    const arrived = codes([m2m('slow'), TOKEN].map((token) => () => verify(token)))
    await turn()
    clock.advance(3 * SECOND)
    release()
    expect(await arrived).toEqual(['passed', 'verification-unavailable'])
    expect(clerk.calls).toBe(1)
  })

  test('ends when the instance is closed', async () => {
    const { verify, clerk, close, slots } = start({ most: 1 })
    clerk.hold()
    const arrived = codes([m2m('slow'), TOKEN].map((token) => () => verify(token)))
    await turn()
    close()
    expect(await arrived).toEqual(['verification-unavailable', 'verification-unavailable'])
    expect([clerk.calls, slots.stats()]).toEqual([1, { taken: 0, waiting: 0 }])
  })
})

describe('opaqueVerifier › a retry', () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ['a network failure', () => Promise.reject(new TypeError('fetch failed'))],
    ['502', () => new Response('', { status: 502 })],
    ['503', () => new Response('', { status: 503 })],
    ['504', () => new Response('', { status: 504 })],
  ])('follows %s, once', async (_name, fail) => {
    const { verify, clerk, stats } = start()
    clerk.answer(() => (clerk.calls === 1 ? fail() : good('m2m_token')))
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
    expect(stats()).toMatchObject({ calls: 2, billed: 1, stale: 0 })

    const lasting = start()
    lasting.clerk.answer(fail)
    expect(await codeOf(() => lasting.verify(TOKEN))).toBe('verification-unavailable')
    expect(lasting.clerk.calls).toBe(2)
  })

  test.each<[string, () => Response, string]>([
    ['500', () => new Response('', { status: 500 }), 'verification-unavailable'],
    ['501', () => new Response('', { status: 501 }), 'verification-unavailable'],
    ['an unexpected response', () => Response.json({}), 'verification-unavailable'],
    ['429', () => new Response('', { status: 429 }), 'verification-rate-limited'],
    ['401', () => Response.json(CLERK_ERROR, { status: 401 }), 'verification-misconfigured'],
    ['a 404 of a proxy', () => new Response('', { status: 404 }), 'verification-misconfigured'],
    ['404', unknownToken, 'token-not-found'],
    ['a revocation', () => good('m2m_token', { revoked: true }), 'token-revoked'],
  ])('does not follow %s', async (_name, answer, code) => {
    const { verify, clerk } = start()
    clerk.answer(answer)
    expect(await codeOf(() => verify(TOKEN))).toBe(code)
    expect(clerk.calls).toBe(1)
  })

  test.each([{}, { timeoutInMs: 3000 }])('stays within the shared deadline: %j', async (policy) => {
    for (const [answeredAfter, calls] of [
      [2901, 1],
      [2900, 2],
    ] as const) {
      const { verify, clerk, clock } = start({ policy })
      clerk.answer(() => {
        clock.advance(answeredAfter)
        return down()
      })
      await codeOf(() => verify(TOKEN))
      expect([answeredAfter, clerk.calls]).toEqual([answeredAfter, calls])
    }
  })

  test('has the rest of the deadline', async () => {
    const { verify, clerk, clock } = start({ policy: { timeoutInMs: 300 } })
    clerk.answer(() => {
      clock.advance(100)
      return clerk.calls === 1 ? down() : new Promise(() => {})
    })
    const { code, cause } = await refusalOf(() => verify(TOKEN))
    expect([code, clerk.calls]).toEqual(['verification-unavailable', 2])
    expect(cause).toMatchObject({ message: 'no answer within 200 ms' })
  })

  test('takes from the budget like the first attempt', async () => {
    const { verify, clerk } = start({ rate: { perSecond: 0, burst: 1 } })
    clerk.answer(down)
    await codeOf(() => verify(TOKEN))
    expect(clerk.calls).toBe(1)
  })

  test.each([
    [0, 1],
    [3, 4],
  ])('with %i retries makes %i calls', async (retries, calls) => {
    const { verify, clerk } = start({ policy: { retries } })
    clerk.answer(down)
    await codeOf(() => verify(TOKEN))
    expect(clerk.calls).toBe(calls)
  })

  test('is not made once the instance is closed', async () => {
    const { verify, clerk, close, stats } = start()
    clerk.hold()
    const waiting = codeOf(() => verify(TOKEN))
    await turn()
    close()
    expect(await waiting).toBe('verification-unavailable')
    expect([clerk.calls, stats().calls]).toEqual([1, 1])
  })

  /** One call fails while retries are blocked: after `meanwhile`, and a millisecond before the block ends. */
  async function callsAfter(meanwhile: (started: Started) => Promise<void>): Promise<number> {
    const started = start()
    const { verify, clerk, clock } = started
    const { promise, resolve } = withResolvers()
    clerk.answer(() => promise.then(down))
    const failing = codeOf(() => verify(TOKEN))
    await turn()
    await meanwhile(started)
    clock.advance(SECOND - 1)
    const before = clerk.calls
    resolve()
    expect(await failing).toBe('verification-unavailable')
    return clerk.calls - before
  }

  test('is not made during a pause that Clerk asked for', async () => {
    const further = await callsAfter(async ({ verify, clerk }) => {
      clerk.answer(() => new Response('', { status: 429 }))
      expect(await codeOf(() => verify(m2m('limited')))).toBe('verification-rate-limited')
    })
    expect(further).toBe(0)
  })

  test('is not made while the breaker is open', async () => {
    expect(await callsAfter(open)).toBe(0)
  })

  test('is made if nothing blocks it', async () => {
    expect(await callsAfter(async () => {})).toBe(1)
  })
})

describe('opaqueVerifier › the breaker', () => {
  test('opens after five failures: then no call is made, and no caller waits', async () => {
    const started = start()
    await open(started)
    const { verify, clerk, stats, events } = started
    expect(clerk.calls).toBe(5)
    for (let i = 0; i < 100; i++)
      expect(await refusalOf(() => verify(m2m(`y${i}`)))).toMatchObject({
        code: 'verification-unavailable',
        status: 503,
        retryAfter: 1,
      })
    expect(clerk.calls).toBe(5)
    expect(stats()).toEqual({ calls: 5, saved: 0, refused: 100, billed: 0, stale: 0 })
    expect(events.filter(({ type }) => type.startsWith('breaker'))).toEqual([
      { type: 'breaker-opened', tokenType: 'm2m_token', tokens: 'unknown' },
    ])
  })

  test('stays open until the last millisecond', async () => {
    const started = start()
    await open(started)
    started.clock.advance(SECOND - 1)
    expect(await refusalOf(() => started.verify(TOKEN))).toMatchObject({ retryAfter: 1 })
    expect(started.clerk.calls).toBe(5)
  })

  test.each<[string, () => Response]>([
    ['a good token', () => good('m2m_token')],
    ['an unknown token', unknownToken],
    ['a status that means a misconfiguration', () => Response.json(CLERK_ERROR, { status: 403 })],
    ['an unexpected response', () => Response.json({})],
  ])('resets its count after %s', async (_name, answer) => {
    const { verify, clerk } = start()
    const fail = () => new Response('', { status: 500 })
    for (const [i, make] of [fail, fail, fail, fail, answer, fail, fail, fail, fail, answer].entries()) {
      clerk.answer(make)
      await outcomeOf(() => verify(m2m(`x${i}`)))
    }
    expect(clerk.calls).toBe(10)
  })

  test('does not affect cached results while it is open', async () => {
    const started = start()
    await started.verify(TOKEN)
    await open(started)
    expect(started.verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('lets one probe through, and closes when it succeeds', async () => {
    const started = start()
    await open(started)
    const { verify, clerk, clock, events } = started
    clock.advance(SECOND)
    clerk.answer(() => good('m2m_token'))
    const release = clerk.hold()
    const probe = verify(TOKEN)
    expect(await codes(['a', 'b', 'c'].map((name) => () => verify(m2m(name))))).toEqual(
      Array.from({ length: 3 }, () => 'verification-unavailable'),
    )
    expect(clerk.calls).toBe(6)
    release()
    expect(await probe).toMatchObject({ isAuthenticated: true })
    expect(await codes(['a', 'b', 'c'].map((name) => () => verify(m2m(name))))).toEqual(['passed', 'passed', 'passed'])
    expect(events.filter(({ type }) => type.startsWith('breaker')).map(({ type }) => type)).toEqual([
      'breaker-opened',
      'breaker-closed',
    ])
  })

  test('doubles its time with each failed probe, one probe each time, and emits that', async () => {
    const started = start()
    await open(started)
    const { verify, clerk, clock } = started
    clerk.answer(down) // would be retried
    for (const [i, seconds] of [1, 2, 4, 7, 7].entries()) {
      expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ retryAfter: seconds })
      clock.advance(seconds * SECOND)
      await codeOf(() => verify(TOKEN))
      expect(clerk.calls).toBe(6 + i)
    }
  })

  test.each<[string, () => Response]>([
    ['an unknown token', unknownToken],
    ['a revoked token', () => good('m2m_token', { revoked: true })],
    ['an unexpected response, which may concern only one token', () => Response.json({ object: 'x' })],
    ['a status that means a misconfiguration', () => Response.json(CLERK_ERROR, { status: 403 })],
  ])('does not open because of %s', async (_name, answer) => {
    const { verify, clerk } = start()
    clerk.answer(answer)
    for (let i = 0; i < 20; i++) await codeOf(() => verify(m2m(`x${i}`)))
    expect(clerk.calls).toBe(20)
    clerk.answer(() => good('m2m_token'))
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('opens for one second when many calls fail at once', async () => {
    const { verify, clerk, clock } = start({ policy: { retries: 0 } })
    clerk.answer(down)
    await codes(Array.from({ length: 40 }, (_, i) => () => verify(m2m(`x${i}`))))
    expect(clerk.calls).toBe(40)
    clock.advance(SECOND)
    clerk.answer(() => good('m2m_token'))
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('is separate for each kind', async () => {
    const started = start()
    await open(started)
    const keys = started.verifierOf('api_key')
    started.clerk.answer(() => good('api_key'))
    expect(await keys.verify(opaque('api_key'))).toMatchObject({ tokenType: 'api_key' })
  })

  test('sends its probe even if the budget is exhausted', async () => {
    const started = start({ rate: { perSecond: 1, burst: 5 }, policy: { retries: 0 } })
    const { verify, clerk, clock } = started
    for (let i = 0; i < 5; i++) {
      await verify(m2m(`known${i}`))
      clock.advance(SECOND)
    }
    clock.advance(30 * SECOND)
    clerk.answer(down)
    await codes([0, 1, 2, 3, 4].map((i) => () => verify(m2m(`known${i}`))))
    clerk.answer(() => good('m2m_token'))
    clock.advance(SECOND)
    // The budget refuses an unknown token. That must not count as a probe.
    expect(await codeOf(() => verify(m2m('stranger')))).toBe('verification-rate-limited')
    expect(await verify(m2m('known0'))).toMatchObject({ isAuthenticated: true })
  })
})

describe('opaqueVerifier › 429', () => {
  const limited = (retryAfter?: string) =>
    new Response('', { status: 429, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } })

  test.each([
    ['7', 7],
    ['60', 60],
    ['3600', 60],
    [undefined, 1],
  ])('with Retry-After %s causes a pause of %i seconds, for all callers', async (header, seconds) => {
    const { verify, clerk, clock, stats } = start()
    clerk.answer(() => limited(header))
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({
      code: 'verification-rate-limited',
      status: 503,
      retryAfter: seconds,
    })
    clerk.answer(() => good('m2m_token'))
    clock.advance(seconds * SECOND - 1)
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ code: 'verification-rate-limited', retryAfter: 1 })
    expect(clerk.calls).toBe(1)
    clock.advance(1)
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
    expect(stats()).toEqual({ calls: 2, saved: 0, refused: 1, billed: 1, stale: 0 })
  })

  test.each([
    [6000, 1],
    [5999, 2],
    [1, 7],
    [0, 7],
  ])('reports whole seconds, rounded up: after %i ms of seven seconds, %i', async (ms, retryAfter) => {
    const { verify, clerk, clock } = start()
    clerk.answer(() => limited('7'))
    await codeOf(() => verify(TOKEN))
    clock.advance(ms)
    expect(await refusalOf(() => verify(TOKEN))).toMatchObject({ retryAfter })
  })

  test('does not affect cached results', async () => {
    const { verify, clerk } = start()
    await verify(TOKEN)
    clerk.answer(() => limited('60'))
    await codeOf(() => verify(m2m('other')))
    expect(verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })

  test('never opens the breaker', async () => {
    const { verify, clerk, clock, events } = start()
    clerk.answer(() => limited())
    for (let i = 0; i < 10; i++) {
      await codeOf(() => verify(TOKEN))
      clock.advance(SECOND)
    }
    expect(clerk.calls).toBe(10)
    expect(events.filter(({ type }) => type.startsWith('breaker'))).toEqual([])
  })

  test('does not last longer if the wall clock is set back', async () => {
    const { verify, clerk, clock } = start()
    clerk.answer(() => limited('5'))
    await codeOf(() => verify(TOKEN))
    clerk.answer(() => good('m2m_token'))
    clock.setWall(NOW - HOUR)
    clock.advance(5 * SECOND)
    expect(await verify(TOKEN)).toMatchObject({ isAuthenticated: true })
  })
})

describe('opaqueVerifier › counts and events', () => {
  test.each([
    ['m2m_token', 2],
    ['api_key', 2],
    ['oauth_token', 0],
  ] as const)('count the calls that Clerk bills for %s', async (tokenType, billed) => {
    const { verify, clerk, stats } = start({ tokenType })
    await verify(opaque(tokenType))
    await codeOf(() => verify(opaque(tokenType, 'bad')))
    clerk.answer(() => new Response('', { status: 500 }))
    await codeOf(() => verify(opaque(tokenType, 'other')))
    expect(stats()).toEqual({ calls: 3, saved: 0, refused: 0, billed, stale: 0 })
  })

  test('count cached refusals as saved calls', async () => {
    const { verify, stats } = start()
    for (let i = 0; i < 3; i++) await codeOf(() => verify(m2m('bad')))
    expect(stats()).toEqual({ calls: 1, saved: 2, refused: 0, billed: 1, stale: 0 })
  })

  test('are returned as a snapshot', async () => {
    const { verify, stats } = start()
    const before = stats()
    await verify(TOKEN)
    expect(before.calls).toBe(0)
  })

  test('report each call and its result, and contain nothing of a token', async () => {
    const { verify, clerk, clock, events } = start({ rate: { perSecond: 0, burst: 4 } })
    await verify(TOKEN)
    await codeOf(() => verify(m2m('bad')))
    clerk.answer(() => {
      clock.advance(200)
      return new Response('', { status: 500 })
    })
    await codeOf(() => verify(m2m('other')))
    await codeOf(() => verify(m2m('late')))
    const tokenType = 'm2m_token'
    expect(events).toEqual([
      { type: 'verification-asked', tokenType, outcome: 'passed', tookInMs: 0 },
      { type: 'verification-asked', tokenType, outcome: 'token-not-found', tookInMs: 0 },
      { type: 'verification-asked', tokenType, outcome: 'verification-unavailable', tookInMs: 200 },
      { type: 'verification-not-asked', tokenType, code: 'verification-rate-limited' },
    ])
  })
})
