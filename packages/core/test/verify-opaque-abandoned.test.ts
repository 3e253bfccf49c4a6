import { expect, test, vi } from 'vitest'
import { KINDS } from '../src/kinds/kinds.js'
import { introspectionCache } from '../src/introspection/introspection-cache.js'
import { slotsOf } from '../src/introspection/slots.js'
import { opaqueVerifier } from '../src/introspection/verify-opaque.js'
import { codeOf, fakeClock, noRevocations, outcomeOf, SECOND, turn } from './fixtures.js'
import { CLERK_ERROR, fakeClerk, opaque, recallOrVerify } from './fixtures-machines.js'

function start() {
  const clock = fakeClock()
  const clerk = fakeClerk()
  const introspections = introspectionCache(30 * SECOND, {}, clock, noRevocations(clock))
  const closed = new AbortController().signal
  const slots = slotsOf(3, introspections.hasKnown, clock, closed)
  const verifier = opaqueVerifier({
    tokenType: 'm2m_token',
    form: KINDS.m2m_token.opaque,
    localPolicy: { audiences: undefined, machineId: undefined, machineSecretKey: undefined, scopeUnchecked: () => {} },
    localIssuer: 'refuse',
    apiUrl: 'https://api.example.com',
    secret: 'sk_test_secret',
    rate: { perSecond: 1e6, burst: 1e6 },
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
  return { clock, clerk, verify: recallOrVerify(verifier), stats: verifier.stats, slots }
}

test('a call that never settles does not block its callers or its slot', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { clock, clerk, verify } = start()
  const release = clerk.hold()
  const lost = ['a', 'b', 'c'].map(async (name) => verify(opaque('m2m_token', name)))
  await turn()
  const late = codeOf(() => verify(opaque('m2m_token', 'd')))
  await turn()
  await vi.advanceTimersByTimeAsync(1 * SECOND)
  expect(await late).toBe('verification-unavailable')

  // The first callers get no response and no timer fires; only the clocks advance.
  clock.advance(4 * SECOND)
  const asked = ['a', 'd'].map(async (name) => verify(opaque('m2m_token', name)))
  await turn()
  expect(clerk.calls).toBe(5)
  release()
  expect(await Promise.all([...lost, ...asked])).toHaveLength(5)
  vi.useRealTimers()
})

test('the operator is not warned of problems that they cannot solve', async () => {
  const warnings: Error[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  for (const status of [404, 429, 500, 503]) {
    const { clerk, verify } = start()
    clerk.answer(() => Response.json(CLERK_ERROR, { status }))
    await outcomeOf(() => verify(opaque('m2m_token', 'a')))
  }
  await turn()
  process.off('warning', listen)
  expect(warnings).toEqual([])
})

test('an abandoned call does not release the slot of the next one', async () => {
  const { clock, clerk, verify, slots } = start()
  const fail = () => new Response('', { status: 500 })
  const TOKEN = opaque('m2m_token', 'a')
  const releaseFirst = clerk.hold()
  clerk.answer(fail)
  const lost = outcomeOf(() => verify(TOKEN))
  await turn()
  clock.advance(4 * SECOND)
  const release = clerk.hold()
  const asked = outcomeOf(() => verify(TOKEN))
  await turn()
  releaseFirst()
  expect(await lost).toBe('verification-unavailable')

  const joined = outcomeOf(() => verify(TOKEN))
  await turn()
  expect([clerk.calls, slots.stats().taken]).toEqual([2, 1])
  release()
  expect(await Promise.all([asked, joined])).toEqual(['verification-unavailable', 'verification-unavailable'])
  expect(slots.stats().taken).toBe(0)
})
