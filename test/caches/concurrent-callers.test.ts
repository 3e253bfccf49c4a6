import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fakeClock, MINUTE, noRevocations, outcomeOf, SECOND, turn } from '../../packages/core/test/fixtures.js'
import { fakeClerk, good, KINDS, opaque, unknownToken } from '../../packages/core/test/fixtures-machines.js'
import { introspectionCache } from '../../packages/core/src/introspection/introspection-cache.js'
import { slotsOf } from '../../packages/core/src/introspection/slots.js'
import { KINDS as ALL_KINDS } from '../../packages/core/src/kinds/kinds.js'
import { opaqueVerifier } from '../../packages/core/src/introspection/verify-opaque.js'
import { KEY, startInstance, type Instance } from './instance.js'

const HERD = 1000
const herd = ({ outcomeOf }: Instance, token: string) =>
  Promise.all(Array.from({ length: HERD }, () => outcomeOf(token)))
const all = (outcome: string) => Array.from({ length: HERD }, () => outcome)

describe.each(KINDS)('a thousand concurrent callers with one %s', (tokenType) => {
  const token = opaque(tokenType)

  test('cause one call when the cached result expires', async () => {
    const instance = startInstance()
    const { network, advance } = instance
    expect(await herd(instance, token)).toEqual(all('passed'))
    advance(30 * SECOND)
    const release = network.hold()
    const waiting = herd(instance, token)
    await turn()
    release()
    expect(await waiting).toEqual(all('passed'))
    expect(network.calls).toBe(2)
  })

  test('cause one call when a cached refusal expires', async () => {
    const instance = startInstance()
    const { network, advance } = instance
    network.answer(unknownToken)
    expect(await herd(instance, token)).toEqual(all('token-not-found'))
    advance(5 * SECOND)
    expect(await herd(instance, token)).toEqual(all('token-not-found'))
    expect(network.calls).toBe(2)
  })

  test('cause one call and one retry while Clerk is down, and no more until it has answered', async () => {
    const instance = startInstance()
    const { network, clerk } = instance
    network.answer(() => new Response('', { status: 503 }))
    expect(await herd(instance, token)).toEqual(all('verification-unavailable'))
    expect(network.calls).toBe(2)
    expect(clerk.stats().remote[tokenType]).toMatchObject({ calls: 2, saved: HERD - 1 })
  })

  test('each get an answer if everything is forgotten meanwhile: two calls', async () => {
    const instance = startInstance()
    const { network, clerk } = instance
    const release = network.hold()
    const first = herd(instance, token)
    await turn()
    clerk.forget('all')
    const second = herd(instance, token)
    await turn()
    release()
    expect([await first, await second]).toEqual([all('passed'), all('passed')])
    expect(network.calls).toBe(2)
  })
})

test('a thousand concurrent callers with one JWT cause one fetch when the key set is no longer fresh', async () => {
  const instance = startInstance()
  const { issuer, advance } = instance
  const token = KEY.token({ exp: 2 ** 32 })
  expect(await herd(instance, token)).toEqual(all('passed'))
  advance(5 * MINUTE)
  expect(await herd(instance, token)).toEqual(all('passed'))
  expect(issuer.calls).toBe(2)
  expect(instance.clerk.stats().verified.entries).toBe(1)
})

test('an abandoned call does not replace the next one for its token when it ends after all', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const clock = fakeClock()
  const clerk = fakeClerk()
  const answers: ((response: Response) => void)[] = []
  clerk.answer(() => new Promise<Response>((resolve) => answers.push(resolve)))
  const introspections = introspectionCache(30 * SECOND, {}, clock, noRevocations(clock))
  const closed = new AbortController().signal
  const slots = slotsOf(64, introspections.hasKnown, clock, closed)
  const { verify } = opaqueVerifier({
    tokenType: 'api_key',
    form: ALL_KINDS.api_key.opaque,
    localPolicy: { audiences: undefined, machineId: undefined, machineSecretKey: undefined, scopeUnchecked: () => {} },
    localIssuer: 'allow',
    apiUrl: 'https://api.example.com',
    secret: 'sk_live_secret',
    rate: { perSecond: 80, burst: 160 },
    policy: {},
    introspections,
    revocations: noRevocations(clock),
    shared: undefined,
    slots,
    fetch: clerk.fetch,
    clock,
    emit: () => {},
    closed,
  })
  const ask = () => outcomeOf(() => verify(opaque('api_key'), 'digest'))

  const lost = ask()
  await turn()
  // The process was suspended: the clock went on, and the timer of the call has yet to fire.
  clock.advance(5 * SECOND)
  const second = ask()
  await turn()
  clerk.answer(() => good('api_key'))
  answers[0]!(unknownToken())
  expect(await lost).toBe('token-not-found')
  expect(slots.stats().taken).toBe(1)
  answers[1]!(good('api_key'))
  expect(await second).toBe('passed')
  expect([clerk.calls, slots.stats().taken]).toEqual([2, 0])
})
