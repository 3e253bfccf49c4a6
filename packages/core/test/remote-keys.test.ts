import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import type { Fetch } from '../src/support/http.js'
import type { VerificationKey } from '../src/keys/jwk.js'
import type { KeySource } from '../src/keys/key-source.js'
import { remoteKeys, type KeyPolicy } from '../src/keys/remote-keys.js'
import {
  codeOf,
  fakeClock,
  fakeIssuer,
  findKey,
  HOUR,
  issuerKey,
  MINUTE,
  NOW,
  outcomeOf,
  refusalOf,
  SECOND,
  turn,
  withResolvers,
  type FakeClock,
  type FakeIssuer,
} from './fixtures.js'

const ONE = issuerKey('one').jwk
const TWO = issuerKey('two').jwk
const UNSUITABLE = { kid: 'oct', kty: 'oct', k: 'c2VjcmV0' }

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

interface Setup {
  readonly keys: KeySource
  readonly issuer: FakeIssuer
  readonly clock: FakeClock
  readonly events: readonly ClerkAuthEvent[]
}

interface Given {
  readonly policy?: KeyPolicy
  /** 0.5 makes every back-off a round number. */
  readonly random?: () => number
  readonly fetch?: Fetch
  readonly url?: string
  readonly remoteKeys?: typeof remoteKeys
}

/** A source that has fetched nothing yet, of an issuer that publishes the key "one". */
function cold({ policy = {}, random = () => 0.5, ...given }: Given = {}): Setup {
  const clock = fakeClock()
  const issuer = fakeIssuer(ONE)
  const events: ClerkAuthEvent[] = []
  const fetch = given.fetch ?? issuer.fetch
  const { url = 'https://clerk.example.com/.well-known/jwks.json' } = given
  const keys = (given.remoteKeys ?? remoteKeys)({
    url,
    headers: {},
    fetch,
    policy,
    clock,
    clockSkewInMs: 5 * SECOND,
    emit: (event) => events.push(event),
    random,
  })
  return { keys, issuer, clock, events }
}

/** A source with a key set that was fetched just now. */
async function warm(given: Given = {}): Promise<Setup> {
  const setup = cold(given)
  await setup.keys.load()
  return setup
}

/** Advances the clocks and the timers. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  clock.advance(ms)
  await vi.advanceTimersByTimeAsync(ms)
  await settle()
}

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn()
}

function many<T>(count: number, one: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => one(i))
}

/** The distinct codes for this many tokens with made-up kids. */
async function codesOfMadeUp(keys: KeySource, count: number, name = 'made up'): Promise<string[]> {
  const codes = await Promise.all(many(count, (i) => codeOf(() => findKey(keys, `${name} ${i}`))))
  return [...new Set(codes)]
}

async function isPending(promise: unknown): Promise<boolean> {
  expect(promise).toBeInstanceOf(Promise)
  const pending = Symbol('pending')
  const first = await Promise.race([promise, settle().then(() => pending)])
  return first === pending
}

function isKey(found: unknown): found is VerificationKey {
  return typeof found === 'object' && found !== null && 'thumbprint' in found
}

describe('remoteKeys › at a cold start', () => {
  test('fetches nothing before a key is needed', async () => {
    const { keys, issuer, clock } = cold()
    await pass(clock, HOUR)
    expect(issuer.calls).toBe(0)
    expect(keys.ready()).toBe(false)
    expect(keys.stats()).toEqual({ size: 0, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 })
  })

  test('fetches once for 1,000 concurrent callers', async () => {
    const { keys, issuer } = cold()
    const found = await Promise.all(many(1000, async () => findKey(keys, 'one')))
    expect(found.every(isKey)).toBe(true)
    expect(issuer.calls).toBe(1)
  })

  test('fetches once for concurrent find() and load()', async () => {
    const { keys, issuer } = cold()
    await Promise.all([keys.load(), findKey(keys, 'one'), keys.load()])
    expect(issuer.calls).toBe(1)
    expect(keys.ready()).toBe(true)
  })

  test('fetches once for callers that arrive while the issuer is slow', async () => {
    const { keys, issuer, clock } = cold()
    const release = issuer.hold()
    const first = findKey(keys, 'one')
    await pass(clock, 2 * SECOND)
    const second = findKey(keys, 'one')
    expect(await isPending(first)).toBe(true)
    release()
    expect(isKey(await first)).toBe(true)
    expect(isKey(await second)).toBe(true)
    expect(issuer.calls).toBe(1)
  })

  test('then returns a key without a promise', async () => {
    const { keys } = await warm()
    expect(isKey(findKey(keys, 'one'))).toBe(true)
  })

  test('gives up after 3 seconds on an issuer that hangs', async () => {
    const { keys, issuer, clock } = cold()
    issuer.hold()
    const refusal = refusalOf(() => findKey(keys, 'one'))
    await pass(clock, 3 * SECOND - 1)
    expect(await isPending(refusal)).toBe(true)
    await pass(clock, 1)
    expect(await refusal).toMatchObject({ code: 'keys-unavailable', status: 503, retryAfter: 1 })
  })

  test('gives up after the configured timeout', async () => {
    const { keys, issuer, clock } = cold({ policy: { timeoutInMs: 200 } })
    issuer.hold()
    const code = codeOf(() => findKey(keys, 'one'))
    await pass(clock, 200)
    expect(await code).toBe('keys-unavailable')
  })

  test('rejects 1,000 callers when the issuer fails, each with its own error', async () => {
    const { keys, issuer } = cold()
    issuer.fail(500)
    const errors = await Promise.all(many(1000, () => refusalOf(() => findKey(keys, 'one'))))
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['keys-unavailable']))
    expect(new Set(errors).size).toBe(1000)
    expect(issuer.calls).toBe(1)
    expect(errors[0]?.cause).toMatchObject({ message: 'the issuer responded with 500' })
  })

  test('rejects load() while the issuer fails, and is not ready', async () => {
    const { keys, issuer } = cold()
    issuer.fail(500)
    expect(await refusalOf(() => keys.load())).toMatchObject({ code: 'keys-unavailable', retryAfter: 1 })
    expect(keys.ready()).toBe(false)
    expect(keys.stats()).toEqual({ size: 0, ageInMs: null, fetches: 1, failures: 1, notAsked: 0 })
  })

  test('accepts a set in which no key can verify, and refuses tokens with those kids as jwk-unsuitable', async () => {
    const { keys, issuer } = cold()
    issuer.publish([UNSUITABLE])
    expect(await codeOf(() => findKey(keys, 'oct'))).toBe('jwk-unsuitable')
    expect(await codeOf(() => findKey(keys, 'oct'))).toBe('jwk-unsuitable')
    expect(issuer.calls).toBe(1)
  })

  test.each<[string, number, object]>([
    ['2 hours forward', NOW + 2 * HOUR, {}],
    ['2 hours back', NOW - 2 * HOUR, {}],
  ])('returns the fetched key to waiting callers, even if the wall clock is set %s meanwhile', async (_name, wall) => {
    const { keys, issuer, clock } = cold()
    const release = issuer.hold()
    const [found, loaded] = [findKey(keys, 'one'), keys.load()]
    clock.setWall(wall)
    release()
    expect(isKey(await found)).toBe(true)
    await loaded
  })

  test('returns the fetched key to waiting callers, even with a freshness of 0', async () => {
    const { keys, issuer } = cold({ policy: { freshInMs: 0, staleInMs: 0 } })
    await keys.load()
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
    expect(await codeOf(() => findKey(keys, 'made up'))).toBe('jwk-kid-mismatch')
    expect(issuer.calls).toBe(3)
  })
})

describe('remoteKeys › freshness', () => {
  const cases: [string, KeyPolicy, Record<string, string>, number][] = [
    ['is 5 minutes by default', {}, {}, 5 * MINUTE],
    ['is set by the issuer', {}, { 'Cache-Control': 'public, max-age=600' }, 10 * MINUTE],
    ['is at least 1 minute, whatever the issuer says', {}, { 'Cache-Control': 'max-age=1' }, MINUTE],
    ['is at most 60 minutes, whatever the issuer says', {}, { 'Cache-Control': 'max-age=86400' }, HOUR],
    ['is set by the options', { freshInMs: 20 * SECOND }, {}, 20 * SECOND],
    [
      'is set by the options rather than the issuer',
      { freshInMs: 2 * HOUR },
      { 'Cache-Control': 'max-age=600' },
      2 * HOUR,
    ],
  ]

  async function withFreshness(policy: KeyPolicy, headers: Record<string, string>, random: number) {
    const setup = cold({ policy, random: () => random })
    setup.issuer.publish([ONE], headers)
    await setup.keys.load()
    return setup
  }

  test.each(cases)('%s: a refresh starts at 80 % of it', async (_name, policy, headers, fresh) => {
    const { keys, issuer, clock } = await withFreshness(policy, headers, 0)
    await pass(clock, 0.8 * fresh - 1)
    void findKey(keys, 'one')
    expect(issuer.calls).toBe(1)
    await pass(clock, 1)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    expect(issuer.calls).toBe(2)
  })

  test.each(cases)('%s: after it callers wait for the refresh', async (_name, policy, headers, fresh) => {
    const { keys, issuer, clock } = await withFreshness(policy, headers, 0)
    issuer.hold()
    await pass(clock, fresh - 1)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    await pass(clock, 1)
    expect(await isPending(findKey(keys, 'one'))).toBe(true)
    expect(issuer.calls).toBe(2)
  })

  test('has jitter: a refresh starts between 80 and 90 %', async () => {
    for (const [random, from] of [
      [0, 0.8],
      [0.5, 0.85],
      [1, 0.9],
    ] as const) {
      const { keys, issuer, clock } = await withFreshness({}, {}, random)
      await pass(clock, from * 5 * MINUTE - 1)
      void findKey(keys, 'one')
      expect(issuer.calls).toBe(1)
      await pass(clock, 2) // + 1 for fractions of a millisecond
      void findKey(keys, 'one')
      expect(issuer.calls).toBe(2)
    }
  })

  test('counts from the request to the issuer, not from its response', async () => {
    const { keys, issuer, clock } = cold({ random: () => 0 })
    const release = issuer.hold()
    const loaded = keys.load()
    await pass(clock, 2 * SECOND)
    release()
    await loaded
    expect(keys.stats().ageInMs).toBe(2 * SECOND)
    await pass(clock, 4 * MINUTE - 2 * SECOND)
    void findKey(keys, 'one')
    expect(issuer.calls).toBe(2)
  })

  test('is renewed by requests and never by timers', async () => {
    const { keys, issuer, clock } = await warm()
    expect(vi.getTimerCount()).toBe(0)
    await pass(clock, 24 * HOUR)
    expect(issuer.calls).toBe(1)
    await findKey(keys, 'one')
    expect(issuer.calls).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is renewed by one refresh at a time, in the background', async () => {
    const { keys, issuer, clock } = await warm()
    const release = issuer.hold()
    await pass(clock, 4.9 * MINUTE)
    expect(many(1000, () => findKey(keys, 'one')).every(isKey)).toBe(true)
    expect(issuer.calls).toBe(2)
    release()
    await settle()
    expect(keys.stats()).toMatchObject({ ageInMs: 0, fetches: 2, failures: 0 })
    void findKey(keys, 'one')
    expect(issuer.calls).toBe(2)
  })

  test('does not last longer if the wall clock is set back', async () => {
    const { keys, issuer, clock } = await warm()
    await pass(clock, 5 * MINUTE)
    clock.setWall(NOW - 24 * HOUR)
    expect(await findKey(keys, 'one')).toBeDefined()
    expect(issuer.calls).toBe(2)
  })
})

describe('remoteKeys › past freshness', () => {
  async function outdated(given: Given = {}): Promise<Setup & { readonly release: () => void }> {
    const setup = await warm(given)
    const release = setup.issuer.hold()
    await pass(setup.clock, 5 * MINUTE)
    return { ...setup, release }
  }

  test('a caller waits 500 ms for the refresh, and then gets a key of the old set', async () => {
    const { keys, clock } = await outdated()
    const found = findKey(keys, 'one')
    await pass(clock, 499)
    expect(await isPending(found)).toBe(true)
    await pass(clock, 1)
    expect(await isPending(found)).toBe(false)
    expect(isKey(await found)).toBe(true)
  })

  test('the 500 ms start with the refresh: a later caller waits for the rest of them', async () => {
    const { keys, clock, issuer } = await outdated()
    const first = findKey(keys, 'one')
    await pass(clock, 300)
    const second = findKey(keys, 'one')
    await pass(clock, 199)
    const third = findKey(keys, 'one')
    expect(await isPending(second)).toBe(true)
    expect(await isPending(third)).toBe(true)
    await pass(clock, 1)
    for (const found of [first, second, third]) expect(await isPending(found)).toBe(false)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    expect(issuer.calls).toBe(2)
  })

  test('a waiting caller gets a key of the new set, and leaves no timer behind', async () => {
    const { keys, issuer, release } = await outdated()
    issuer.publish([TWO])
    const found = findKey(keys, 'two')
    const refusal = codeOf(() => findKey(keys, 'one'))
    release()
    expect(isKey(await found)).toBe(true)
    expect(await refusal).toBe('jwk-kid-mismatch')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a waiting caller gets a key of the old set if the refresh fails', async () => {
    const { keys, issuer, release } = await outdated()
    issuer.fail(500)
    const found = findKey(keys, 'one')
    release()
    expect(isKey(await found)).toBe(true)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    expect(issuer.calls).toBe(2)
  })

  test('1,000 waiting callers share one refresh', async () => {
    const { keys, issuer, release } = await outdated()
    const found = many(1000, async () => findKey(keys, 'one'))
    release()
    expect((await Promise.all(found)).every(isKey)).toBe(true)
    expect(issuer.calls).toBe(2)
  })
})

describe('remoteKeys › an unknown kid', () => {
  test('1,000 made-up kids cause 2 fetches, including the first one', async () => {
    const { keys, issuer } = cold()
    expect(await codesOfMadeUp(keys, 1000)).toEqual(['jwk-kid-mismatch'])
    expect(issuer.calls).toBe(2)
    expect(await codesOfMadeUp(keys, 1000, 'another')).toEqual(['keys-unavailable'])
    for (let i = 0; i < 1000; i++) expect(await codeOf(() => findKey(keys, `one by one ${i}`))).toBe('keys-unavailable')
    expect(issuer.calls).toBe(2)
  })

  test('made-up kids cause one more fetch every 10 seconds', async () => {
    const { keys, issuer, clock } = cold()
    for (let second = 0; second < 60; second++) {
      await codesOfMadeUp(keys, 20, `at ${second}`)
      await codesOfMadeUp(keys, 20, `and at ${second}`)
      expect(issuer.calls).toBe(2 + Math.floor(second / 10))
      await pass(clock, SECOND)
    }
  })

  test('the period can be configured', async () => {
    const { keys, issuer, clock } = cold({ policy: { unknownKidEveryMs: MINUTE } })
    for (let i = 0; i < 3; i++) await codesOfMadeUp(keys, 10)
    expect(issuer.calls).toBe(2)
    await pass(clock, MINUTE - 1)
    await codesOfMadeUp(keys, 10)
    expect(issuer.calls).toBe(2)
    await pass(clock, 1)
    await codesOfMadeUp(keys, 10)
    expect(issuer.calls).toBe(3)
  })

  test('the first token with a new key finds a rotation, for all concurrent callers', async () => {
    const { keys, issuer, clock } = await warm()
    await pass(clock, MINUTE)
    issuer.publish([ONE, TWO])
    expect((await Promise.all(many(1000, async () => findKey(keys, 'two')))).every(isKey)).toBe(true)
    expect(issuer.calls).toBe(2)
    expect(isKey(findKey(keys, 'two'))).toBe(true)
  })

  test('a rotation right after the cold start is found immediately', async () => {
    const { keys, issuer } = await warm()
    issuer.publish([ONE, TWO])
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
  })

  test('a rotation right after a background refresh is found immediately, twice', async () => {
    const { keys, issuer, clock } = await warm()
    await pass(clock, 4.9 * MINUTE)
    void findKey(keys, 'one')
    await settle()
    issuer.publish([ONE, TWO])
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
    const three = issuerKey('three').jwk
    issuer.publish([ONE, TWO, three])
    expect(isKey(await findKey(keys, 'three'))).toBe(true)
    expect(issuer.calls).toBe(4)
  })

  test.each([5 * SECOND, 20])(
    'after a rotation a valid token never gets 401 while made-up kids arrive every %i ms, but 503 until the next fetch',
    async (every) => {
      const { keys, issuer, clock } = cold()
      const outcomes: string[] = []
      for (let at = 0; at < 50 * SECOND; at += every) {
        if (at === 25 * SECOND) issuer.publish([ONE, TWO])
        await codesOfMadeUp(keys, 1, `made up at ${at}`)
        if (at >= 25 * SECOND) outcomes.push(await outcomeOf(() => findKey(keys, 'two')))
        await pass(clock, every)
      }
      const refused = outcomes.filter((outcome) => outcome !== 'passed')
      expect(new Set(refused)).toEqual(new Set(['keys-unavailable']))
      expect(outcomes.slice(refused.length)).not.toContain('keys-unavailable')
      expect(refused.length * every).toBeLessThanOrEqual(10 * SECOND)
      expect(issuer.calls).toBeLessThanOrEqual(2 + 5)
    },
  )

  test('an unknown kid of a local instance may cause a fetch at any time: each made-up kid gets 401', async () => {
    const { keys, issuer } = cold({ url: 'http://127.0.0.1:4000/.well-known/jwks.json' })
    for (let i = 0; i < 10; i++) expect(await codesOfMadeUp(keys, 1, `made up ${i}`)).toEqual(['jwk-kid-mismatch'])
    issuer.publish([ONE, TWO])
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
  })

  test('a kid over the limit gets 503 with the seconds until the next fetch, and then it is looked up', async () => {
    const { keys, issuer, clock } = cold()
    await codesOfMadeUp(keys, 2)
    issuer.publish([ONE, TWO])
    const refused = () => refusalOf(() => findKey(keys, 'two'))
    expect(await refused()).toMatchObject({ code: 'keys-unavailable', status: 503, retryAfter: 10 })
    await pass(clock, 2500)
    expect(await refused()).toMatchObject({ code: 'keys-unavailable', retryAfter: 8 })
    await pass(clock, 7499)
    expect(await refused()).toMatchObject({ code: 'keys-unavailable', retryAfter: 1 })
    await pass(clock, 1)
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
  })

  test('the next fetch may be the refresh of the key set', async () => {
    const { keys, issuer, clock } = cold({ random: () => 0 })
    await keys.load()
    await pass(clock, 4 * MINUTE - 3 * SECOND)
    // These responses are refused, so that the age of the current set does not change.
    issuer.publish([])
    await codesOfMadeUp(keys, 1)
    await pass(clock, SECOND)
    await codesOfMadeUp(keys, 1)
    expect(await refusalOf(() => findKey(keys, 'two'))).toMatchObject({ code: 'keys-unavailable', retryAfter: 2 })
    issuer.publish([ONE, TWO])
    await pass(clock, 2 * SECOND)
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
  })

  test('a kid over the limit is counted and emitted, without the kid itself, and the keys stay ready', async () => {
    const { keys, events } = await warm()
    for (let i = 0; i < 4; i++) await codeOf(() => findKey(keys, `secret-kid-${i}`))
    expect(events.slice(2)).toEqual(many(3, () => ({ type: 'keys-not-asked', retryInMs: 10_000 })))
    expect(keys.stats()).toMatchObject({ fetches: 2, failures: 0, notAsked: 3 })
    expect(keys.ready()).toBe(true)
  })

  test('a kid known to be absent still gets 401 while others are over the limit', async () => {
    const { keys, issuer, clock } = await warm()
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
    for (let second = 0; second < 60; second++) {
      await codesOfMadeUp(keys, 100, `at ${second}`)
      expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
      await pass(clock, SECOND)
    }
    expect(issuer.calls).toBeLessThanOrEqual(2 + 6)
  })

  test('a kid over the limit gets 401 once a later fetch, for another one, has ended', async () => {
    const { keys, issuer, clock } = await warm()
    await codesOfMadeUp(keys, 1)
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('keys-unavailable')
    await pass(clock, 10 * SECOND)
    await codesOfMadeUp(keys, 1, 'another')
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
    expect(issuer.calls).toBe(3)
  })

  test('an absent kid is looked up again after 10, 20, 40, 60 and 60 seconds', async () => {
    const { keys, issuer, clock } = cold({ policy: { freshInMs: HOUR } })
    const askedAt: number[] = []
    for (let second = 0; second < 200; second++) {
      const before = issuer.calls
      expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
      if (issuer.calls > before) askedAt.push(second)
      await pass(clock, SECOND)
    }
    expect(askedAt).toEqual([0, 10, 30, 70, 130, 190])
  })

  test('an absent kid is accepted as soon as any response contains its key', async () => {
    const { keys, issuer } = cold()
    expect(await codeOf(() => findKey(keys, 'two'))).toBe('jwk-kid-mismatch')
    issuer.publish([ONE, TWO])
    await codesOfMadeUp(keys, 1)
    expect(isKey(findKey(keys, 'two'))).toBe(true)
  })

  test('a kid that was published and removed is looked up again', async () => {
    const { keys, issuer, clock } = cold()
    await codeOf(() => findKey(keys, 'two'))
    issuer.publish([ONE, TWO])
    await pass(clock, 10 * SECOND)
    await findKey(keys, 'two')
    issuer.publish([ONE])
    await pass(clock, 5 * MINUTE)
    await findKey(keys, 'one')
    issuer.publish([ONE, TWO])
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
  })

  test('with 1,000 other kids in between, an absent kid gets 503 at worst', async () => {
    const { keys, issuer } = cold()
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
    await codesOfMadeUp(keys, 999)
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('jwk-kid-mismatch')
    await codesOfMadeUp(keys, 1000)
    expect(await codeOf(() => findKey(keys, 'forged'))).toBe('keys-unavailable')
    expect(issuer.calls).toBe(2)
  })

  describe('while a fetch is in flight that started before it arrived', () => {
    /** A background refresh. Its response has only the key "one". */
    async function refreshing() {
      const setup = await warm()
      const { keys, issuer, clock } = setup
      const release = issuer.hold()
      await pass(clock, 4.9 * MINUTE)
      void findKey(keys, 'one')
      return { ...setup, release }
    }

    test('waits for it, and is accepted if it returns the key', async () => {
      const { keys, issuer, clock, release } = await refreshing()
      issuer.publish([ONE, TWO])
      const found = findKey(keys, 'two')
      await settle()
      await pass(clock, 2 * SECOND)
      expect(await isPending(found)).toBe(true)
      release()
      expect(isKey(await found)).toBe(true)
      expect(issuer.calls).toBe(2)
    })

    test('fetches again if it does not return the key, once for all waiting callers', async () => {
      const { keys, issuer, release } = await refreshing()
      const found = many(100, async () => findKey(keys, 'two'))
      const madeUp = codesOfMadeUp(keys, 100)
      const answers = [[ONE], [ONE, TWO]]
      issuer.answer(() => Response.json({ keys: answers.shift() }))
      release()
      expect((await Promise.all(found)).every(isKey)).toBe(true)
      expect(await madeUp).toEqual(['jwk-kid-mismatch'])
      expect(issuer.calls).toBe(3)
    })

    test('gets 503 if it does not return the key and the limit is reached', async () => {
      const { keys, issuer, clock } = await warm()
      await pass(clock, 4 * MINUTE)
      await codesOfMadeUp(keys, 1)
      const release = issuer.hold()
      const asked = codeOf(() => findKey(keys, 'the last within the limit'))
      await settle()
      const refused = refusalOf(() => findKey(keys, 'two'))
      release()
      expect(await asked).toBe('jwk-kid-mismatch')
      expect(await refused).toMatchObject({ code: 'keys-unavailable', retryAfter: 10 })
      expect(issuer.calls).toBe(3)
    })
  })

  test('gets 503, not 401, while the last fetch has failed; known kids are still accepted', async () => {
    const { keys, issuer } = await warm()
    issuer.fail(500)
    const first = await refusalOf(() => findKey(keys, 'two'))
    expect(first).toMatchObject({ code: 'keys-unavailable', status: 503, retryAfter: 10 })
    expect(first.cause).toMatchObject({ message: 'the issuer responded with 500' })
    expect(await codesOfMadeUp(keys, 100)).toEqual(['keys-unavailable'])
    expect(issuer.calls).toBe(2)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
  })

  test('gets 503 after the back-off if the limit for unknown kids is reached', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.fail(500)
    await codesOfMadeUp(keys, 10)
    await pass(clock, SECOND)
    expect(await codesOfMadeUp(keys, 10)).toEqual(['keys-unavailable'])
    expect(issuer.calls).toBe(2)
  })

  test('gets 401 again as soon as the issuer responds', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.fail(500)
    await codesOfMadeUp(keys, 1)
    issuer.publish([ONE])
    await pass(clock, 10 * SECOND)
    expect(await codesOfMadeUp(keys, 1)).toEqual(['jwk-kid-mismatch'])
    expect(issuer.calls).toBe(3)
  })

  test('fetches nothing if a token has no kid and there are several keys', async () => {
    const { keys, issuer } = cold()
    issuer.publish([ONE, TWO])
    await keys.load()
    expect(await codeOf(() => findKey(keys, undefined))).toBe('jwk-kid-mismatch')
    expect(issuer.calls).toBe(1)
  })

  test('is not required if there is a single key', async () => {
    const { keys } = await warm()
    expect(isKey(findKey(keys, undefined))).toBe(true)
  })

  test('causes no fetch if its key is published but may not verify', async () => {
    const { keys, issuer } = cold()
    issuer.publish([ONE, UNSUITABLE])
    await keys.load()
    for (let i = 0; i < 10; i++) expect(await codeOf(() => findKey(keys, 'oct'))).toBe('jwk-unsuitable')
    expect(issuer.calls).toBe(1)
  })
})

describe('remoteKeys › a failing issuer', () => {
  /** The seconds between attempts, to a tenth of a second. */
  async function gaps({ keys, issuer, clock }: Setup, count: number): Promise<number[]> {
    const found: number[] = []
    for (let since = 0; found.length < count; since += 100) {
      const before = issuer.calls
      try {
        await findKey(keys, 'one')
      } catch {
        // the code does not matter here
      }
      if (issuer.calls > before) {
        found.push(since / SECOND)
        since = 0
      }
      await pass(clock, 100)
    }
    return found.slice(1)
  }

  async function failing(given: Given = {}): Promise<Setup> {
    const setup = await warm(given)
    setup.issuer.fail(500)
    await pass(setup.clock, 5 * MINUTE)
    return setup
  }

  test('is retried after 1, 2, 4 … 60 seconds while there are usable keys', async () => {
    expect(await gaps(await failing(), 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('is retried after at most 5 seconds while there are no keys', async () => {
    const setup = cold()
    setup.issuer.fail(500)
    expect(await gaps(setup, 7)).toEqual([1, 2, 4, 5, 5, 5])
  })

  test.each([
    [0, [0.8, 1.5, 3, 6, 12, 24, 45, 45]],
    [1, [1.3, 2.5, 5, 10, 20, 40, 60, 60]],
  ])('is retried with jitter of up to a quarter: random %d', async (random, expected) => {
    expect(await gaps(await failing({ random: () => random }), 9)).toEqual(expected)
  })

  test('does not delay callers between two attempts', async () => {
    const { keys, issuer, clock } = await failing()
    await findKey(keys, 'one')
    await pass(clock, 999)
    issuer.hold()
    expect(many(1000, () => findKey(keys, 'one')).every(isKey)).toBe(true)
    expect(issuer.calls).toBe(2)
  })

  test('is not contacted between two attempts while there are no keys', async () => {
    const { keys, issuer, clock } = cold()
    issuer.fail(500)
    await codeOf(() => findKey(keys, 'one'))
    await pass(clock, 999)
    issuer.hold()
    const codes = await Promise.all(many(1000, () => codeOf(() => findKey(keys, 'one'))))
    expect([...new Set(codes)]).toEqual(['keys-unavailable'])
    expect(await codeOf(() => keys.load())).toBe('keys-unavailable')
    expect(issuer.calls).toBe(1)
  })

  test('is retried after 1 second again after a success', async () => {
    const setup = await failing()
    await gaps(setup, 4)
    setup.issuer.publish([ONE])
    await pass(setup.clock, MINUTE)
    await findKey(setup.keys, 'one')
    setup.issuer.fail(500)
    await pass(setup.clock, 5 * MINUTE)
    expect(await gaps(setup, 3)).toEqual([1, 2])
  })

  test.each([
    ['is respected', '30', [30, 30, 30]],
    ['is respected up to a minute', '3600', [60, 60, 60]],
    ['is ignored if it is less than the back-off', '2', [2, 2, 4, 8]],
    ['of 0 does not allow an immediate retry', '0', [1, 2, 4]],
  ])('Retry-After %s', async (_name, header, expected) => {
    const setup = await warm()
    setup.issuer.fail(503, { 'Retry-After': header })
    await pass(setup.clock, 5 * MINUTE)
    expect(await gaps(setup, expected.length + 1)).toEqual(expected)
  })

  test('Retry-After is respected up to 5 seconds while there are no keys', async () => {
    const setup = cold()
    setup.issuer.fail(429, { 'Retry-After': '3600' })
    expect(await gaps(setup, 3)).toEqual([5, 5])
  })

  test('the error has the seconds until the next attempt, and never 0', async () => {
    const { keys, issuer, clock } = cold()
    issuer.fail(503, { 'Retry-After': '5' })
    const retryAfter = async () => (await refusalOf(() => findKey(keys, 'one'))).retryAfter
    expect(await retryAfter()).toBe(5)
    await pass(clock, 1500)
    expect(await retryAfter()).toBe(4)
    await pass(clock, 3400)
    expect(await retryAfter()).toBe(1)
    expect(issuer.calls).toBe(1)
  })

  test('the error for an unknown kid has the longer back-off that applies while there are usable keys', async () => {
    const { keys, issuer } = await warm()
    issuer.fail(503, { 'Retry-After': '40' })
    expect(await refusalOf(() => findKey(keys, 'two'))).toMatchObject({ code: 'keys-unavailable', retryAfter: 40 })
  })

  test('causes events that contain no key and no kid', async () => {
    const { keys, issuer, clock, events } = await warm()
    issuer.fail(503, { 'Retry-After': '30' })
    await codeOf(() => findKey(keys, 'secret-kid'))
    await pass(clock, MINUTE)
    issuer.answer(() => Promise.reject(new Error('ECONNREFUSED secret-host')))
    await codeOf(() => findKey(keys, 'secret-kid'))
    expect(events).toEqual([
      { type: 'keys-fetched', keys: 1, unsuitable: 0, tookInMs: 0 },
      { type: 'keys-failed', reason: 'the issuer responded with 503', serving: true, retryInMs: 30_000, tookInMs: 0 },
      { type: 'keys-not-asked', retryInMs: 30_000 },
      { type: 'keys-failed', reason: 'no answer', serving: true, retryInMs: 2000, tookInMs: 0 },
      { type: 'keys-not-asked', retryInMs: 2000 },
    ])
  })

  test('causes an event with serving: false if there are no keys', async () => {
    const { keys, issuer, events } = cold()
    issuer.fail(500)
    await codeOf(() => findKey(keys, 'one'))
    expect(events).toEqual([
      { type: 'keys-failed', reason: 'the issuer responded with 500', serving: false, retryInMs: 1000, tookInMs: 0 },
    ])
  })
})

describe('remoteKeys › a stale set', () => {
  test('is used for exactly one hour past its freshness while the issuer fails', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.fail(500)
    await pass(clock, 5 * MINUTE + HOUR - 1)
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
    expect(keys.ready()).toBe(true)
    await pass(clock, 1)
    expect(await refusalOf(() => findKey(keys, 'one'))).toMatchObject({ code: 'keys-unavailable', status: 503 })
    expect(keys.ready()).toBe(false)
    expect(await codeOf(() => keys.load())).toBe('keys-unavailable')
  })

  test('is used for as long as the options say', async () => {
    const { keys, issuer, clock } = await warm({ policy: { staleInMs: 30 * SECOND } })
    issuer.fail(500)
    await pass(clock, 5 * MINUTE + 30 * SECOND - 1)
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
    await pass(clock, 1)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('keys-unavailable')
  })

  test('is not used at all if the option is 0', async () => {
    const { keys, issuer, clock } = await warm({ policy: { staleInMs: 0 } })
    issuer.fail(500)
    await pass(clock, 5 * MINUTE - 1)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    await pass(clock, 1)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('keys-unavailable')
  })

  test('is not used longer if the wall clock is set back', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.fail(500)
    await pass(clock, 5 * MINUTE + HOUR)
    clock.setWall(NOW)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('keys-unavailable')
  })

  test('is fetched again within 5 seconds once it can no longer be used, regardless of the back-off', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.fail(503, { 'Retry-After': '60' })
    await pass(clock, 5 * MINUTE + HOUR - 10 * SECOND)
    await findKey(keys, 'one')
    issuer.publish([ONE])
    await pass(clock, 10 * SECOND)
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
  })

  test('is replaced by the new one after a long outage', async () => {
    const { keys, issuer, clock } = await warm()
    await pass(clock, 24 * HOUR)
    expect(keys.ready()).toBe(false)
    issuer.publish([TWO])
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
    expect(keys.ready()).toBe(true)
  })
})

describe('remoteKeys › a response of the issuer', () => {
  test('applies immediately: a removed key is refused', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.publish([TWO])
    await pass(clock, 4.9 * MINUTE)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    await settle()
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('jwk-kid-mismatch')
    expect(isKey(findKey(keys, 'two'))).toBe(true)
    expect(keys.stats().size).toBe(1)
  })

  test('remains in use while the issuer fails later: the old set does not come back', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.publish([TWO])
    await pass(clock, 5 * MINUTE)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('jwk-kid-mismatch')
    issuer.fail(500)
    await pass(clock, 5 * MINUTE)
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('keys-unavailable')
  })

  test('applies if a kid gets new key material', async () => {
    const { keys, issuer, clock } = await warm()
    const before = await findKey(keys, 'one')
    issuer.publish([{ ...TWO, kid: 'one' }])
    await pass(clock, 5 * MINUTE)
    expect((await findKey(keys, 'one')).thumbprint).not.toBe(before.thumbprint)
  })

  test('applies if a key may no longer verify', async () => {
    const { keys, issuer, clock } = await warm()
    issuer.publish([{ ...ONE, use: 'enc' }, TWO])
    await pass(clock, 5 * MINUTE)
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('jwk-unsuitable')
  })

  test.each<[string, string, () => Response]>([
    ['a set without keys', 'the key set is empty', () => Response.json({ keys: [] })],
    ['a set of keys without kids', 'the key set is empty', () => Response.json({ keys: [{ ...TWO, kid: undefined }] })],
    [
      'a set in which no key can verify',
      'the key set has no usable key',
      () => Response.json({ keys: [UNSUITABLE, { ...ONE, use: 'enc' }] }),
    ],
    [
      'too many keys',
      'the key set has too many keys',
      () => Response.json({ keys: many(65, (i) => ({ ...TWO, kid: `${i}` })) }),
    ],
    ['too many bytes', 'no answer', () => new Response(' '.repeat(256 * 1024 + 1))],
    ['an empty object', 'the response is not a JWK Set', () => Response.json({})],
    ['a list', 'the response is not a JWK Set', () => Response.json([])],
    ['HTML', 'the response is not a JWK Set', () => new Response('<html></html>')],
    ['nothing', 'the issuer responded with 204', () => new Response(null, { status: 204 })],
    [
      'a redirect',
      'the issuer responded with 302',
      () => new Response(null, { status: 302, headers: { Location: 'https://evil.example/' } }),
    ],
    ['404', 'the issuer responded with 404', () => Response.json({ keys: [TWO] }, { status: 404 })],
    [
      'a broken connection',
      'no answer',
      () => new Response(new ReadableStream({ pull: (body) => body.error(new Error('broken')) })),
    ],
  ])('never replaces a good set with %s: %s', async (_name, reason, make) => {
    const { keys, issuer, clock, events } = await warm()
    issuer.answer(make)
    await pass(clock, 5 * MINUTE)
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
    expect(events.at(-1)).toEqual({ type: 'keys-failed', reason, serving: true, retryInMs: 1000, tookInMs: 0 })
    expect(await codeOf(() => findKey(keys, 'two'))).toBe('keys-unavailable')
    expect(keys.stats()).toMatchObject({ size: 1, fetches: 2, failures: 1 })
  })

  test('applies if no key can verify, before and after', async () => {
    const { keys, issuer, clock } = cold()
    issuer.publish([UNSUITABLE])
    await keys.load()
    issuer.publish([{ ...UNSUITABLE, kid: 'other' }])
    await pass(clock, 5 * MINUTE)
    expect(await codeOf(() => findKey(keys, 'other'))).toBe('jwk-unsuitable')
    expect(await codeOf(() => findKey(keys, 'oct'))).toBe('jwk-kid-mismatch')
  })

  test('may alternate between a good set and an empty one without effect on callers', async () => {
    const { keys, issuer, clock } = await warm()
    for (let i = 0; i < 40; i++) {
      issuer.publish(i % 2 ? [] : [ONE])
      await pass(clock, 5 * MINUTE)
      expect(isKey(await findKey(keys, 'one'))).toBe(true)
    }
  })

  test('is ignored if it arrives after a newer response', async () => {
    const late = withResolvers()
    const answers = [
      late.promise.then(() => Response.json({ keys: [ONE] })),
      Promise.resolve(Response.json({ keys: [TWO] })),
    ]
    // A fetch that ignores the signal, so that its response still arrives after the deadline.
    const { keys, clock } = cold({ fetch: () => answers.shift()! })
    const code = codeOf(() => findKey(keys, 'one'))
    await pass(clock, 3 * SECOND)
    expect(await code).toBe('keys-unavailable')
    await pass(clock, SECOND)
    await keys.load()
    late.resolve()
    await settle()
    expect(isKey(findKey(keys, 'two'))).toBe(true)
    expect(keys.stats()).toMatchObject({ fetches: 2, failures: 1 })
  })
})

describe('remoteKeys › the clock of the issuer', () => {
  const date = (ms: number) => new Date(ms).toUTCString()

  /** The event and the warning that a response with these headers causes, after this many milliseconds. */
  async function seen(headers: Record<string, string>, tookInMs = 0, given: Given = {}) {
    vi.resetModules()
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => emitWarning.mockRestore())
    // Another copy, which has not warned yet.
    const { remoteKeys } = await import('../src/keys/remote-keys.js')
    const { keys, issuer, clock, events } = cold({ ...given, remoteKeys })
    issuer.publish([ONE], headers)
    const release = issuer.hold()
    const loaded = keys.load()
    await pass(clock, tookInMs)
    release()
    await loaded
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    const warnings = emitWarning.mock.calls.map(([message, options]) => ({
      message: String(message),
      ...Object(options),
    }))
    return { events: events.filter(({ type }) => type === 'clock-skew'), warnings }
  }

  test.each<[string, Record<string, string>, number, number, string]>([
    ['ahead', { Date: date(NOW - 42 * SECOND) }, 0, 41 * SECOND, '41 seconds ahead of the issuer'],
    ['behind', { Date: date(NOW + 42 * SECOND) }, 0, -42 * SECOND, '42 seconds behind the issuer'],
    ['ahead of a cache', { Date: date(NOW - 142 * SECOND), Age: '100' }, 0, 40 * SECOND, '40 seconds ahead of'],
    ['ahead by more than the allowed skew', { Date: date(NOW - 7 * SECOND) }, 0, 6 * SECOND, '6 seconds ahead of'],
    ['behind, after 2 seconds', { Date: date(NOW + 9 * SECOND) }, 2 * SECOND, -7 * SECOND, '7 seconds behind'],
  ])('causes an event and one warning if ours is %s', async (_name, headers, tookInMs, aheadInMs, words) => {
    const { events, warnings } = await seen(headers, tookInMs)
    expect(events).toEqual([{ type: 'clock-skew', aheadInMs }])
    expect(warnings).toEqual([
      { message: expect.stringContaining(words), type: 'ClerkAuthWarning', code: 'CLERK_AUTH_CLOCK' },
    ])
  })

  test.each<[string, Record<string, string>, number?]>([
    ['agrees', { Date: date(NOW) }],
    ['is 5 seconds ahead, plus up to one second for the resolution of Date', { Date: date(NOW - 6 * SECOND) }],
    ['is 5 seconds behind', { Date: date(NOW + 5 * SECOND) }],
    ['is as old as the cached response', { Date: date(NOW - HOUR), Age: '3600' }],
    ['agrees, within the accuracy of a slow response', { Date: date(NOW - 5 * SECOND) }, 2 * SECOND],
    ['is missing', {}],
    ['is not a date', { Date: 'yesterday' }],
    ['is a number', { Date: '0' }],
    ['is a day that does not exist', { Date: 'Xyz, 99 Foo 2026 99:99:99 GMT' }],
    ['has an age that is not valid', { Date: date(NOW - HOUR), Age: 'old' }],
    ['has two ages', { Date: date(NOW - HOUR), Age: '3600, 1' }],
  ])('causes nothing if it %s', async (_name, headers, tookInMs) => {
    expect(await seen(headers, tookInMs)).toEqual({ events: [], warnings: [] })
  })

  test('causes nothing on loopback, because it is the clock of this machine', async () => {
    const url = 'http://127.0.0.1:4000/.well-known/jwks.json'
    expect(await seen({ Date: date(NOW + HOUR) }, 0, { url })).toEqual({ events: [], warnings: [] })
  })
})

describe('remoteKeys › once closed', () => {
  test('aborts fetches in flight, and waiting callers get 503', async () => {
    const { keys, issuer } = cold()
    issuer.hold()
    const waiting = Promise.all(many(10, () => codeOf(() => findKey(keys, 'one'))))
    const warming = codeOf(() => keys.load())
    keys.close()
    expect(new Set(await waiting)).toEqual(new Set(['keys-unavailable']))
    expect(await warming).toBe('keys-unavailable')
    expect(issuer.requests[0]?.init.signal?.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does not fetch any more; the current set is used until it is stale', async () => {
    const { keys, issuer, clock } = await warm()
    keys.close()
    keys.close()
    await pass(clock, 5 * MINUTE)
    expect(isKey(findKey(keys, 'one'))).toBe(true)
    expect(await codeOf(() => findKey(keys, 'two'))).toBe('keys-unavailable')
    await pass(clock, HOUR)
    expect(await refusalOf(() => findKey(keys, 'one'))).toMatchObject({ code: 'keys-unavailable', retryAfter: 1 })
    expect(await codeOf(() => keys.load())).toBe('keys-unavailable')
    expect(issuer.calls).toBe(1)
  })

  test('does not fetch if nothing was fetched before', async () => {
    const { keys, issuer } = cold()
    keys.close()
    expect(await codeOf(() => findKey(keys, 'one'))).toBe('keys-unavailable')
    expect(issuer.calls).toBe(0)
  })
})

describe('a fetch that never settles, as on a runtime that ends it with the request', () => {
  /** No response arrives and no timer fires: only the clocks advance. */
  async function lost() {
    const setup = cold()
    setup.issuer.hold()
    void codeOf(() => findKey(setup.keys, 'one'))
    await settle()
    return setup
  }

  test('is abandoned once it is overdue: the next caller fetches again', async () => {
    const { keys, issuer, clock, events } = await lost()
    clock.advance(4 * SECOND)
    issuer.hold()()
    expect(isKey(await findKey(keys, 'one'))).toBe(true)
    expect(events).toMatchObject([{ type: 'keys-fetched' }])
    expect(keys.stats()).toMatchObject({ fetches: 2, failures: 0 })
  })

  test('is ignored if its response arrives after all, when a later fetch has started', async () => {
    const late = withResolvers()
    const answers = [
      late.promise.then(() => Response.json({ keys: [ONE] })),
      Promise.resolve(Response.json({ keys: [TWO] })),
    ]
    const { keys, clock } = cold({ fetch: () => answers.shift()! })
    const first = codeOf(() => findKey(keys, 'one'))
    await settle()
    clock.advance(4 * SECOND)
    expect(isKey(await findKey(keys, 'two'))).toBe(true)
    late.resolve()
    expect(await first).toBe('jwk-kid-mismatch')
    expect(isKey(findKey(keys, 'two'))).toBe(true)
    expect(keys.stats()).toMatchObject({ fetches: 2, failures: 0 })
  })
})
