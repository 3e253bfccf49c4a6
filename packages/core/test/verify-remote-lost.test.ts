import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { remoteVerdicts } from '../src/remote-verdicts.js'
import { remoteVerifier } from '../src/verify-remote.js'
import { codeOf, fakeClock, SECOND, turn } from './fixtures.js'
import { fakeClerk, opaque } from './fixtures-machines.js'

function start() {
  const clock = fakeClock()
  const clerk = fakeClerk()
  const { verify, stats } = remoteVerifier({
    tokenType: 'm2m_token',
    apiUrl: 'https://api.example.com',
    secret: 'sk_test_secret',
    rate: { perSecond: 1e6, burst: 1e6 },
    policy: {},
    verdicts: remoteVerdicts(30 * SECOND, {}, clock),
    inFlight: { calls: new Map(), most: 4 },
    fetch: clerk.fetch,
    clock,
    emit: () => {},
    closed: new AbortController().signal,
  })
  return { clock, clerk, verify, stats }
}

test('a call whose end nobody hears of keeps neither its callers nor its place', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { clock, clerk, verify } = start()
  const release = clerk.hold()
  const lost = ['a', 'b', 'c'].map(async (name) => verify(opaque('m2m_token', name)))
  await turn()
  expect(await codeOf(() => verify(opaque('m2m_token', 'd')))).toBe('verification-unavailable')

  // Neither an answer nor a timer of the first callers ever comes; only the clocks go on.
  clock.advance(3 * SECOND)
  const joined = codeOf(() => verify(opaque('m2m_token', 'a')))
  await turn()
  expect(clerk.calls).toBe(3)
  await vi.advanceTimersByTimeAsync(1 * SECOND)
  expect(await joined).toBe('verification-unavailable')

  clock.advance(2 * SECOND)
  const asked = ['a', 'd'].map(async (name) => verify(opaque('m2m_token', name)))
  await turn()
  expect(clerk.calls).toBe(5)
  release()
  expect(await Promise.all([...lost, ...asked])).toHaveLength(5)
  vi.useRealTimers()
})

test('a misconfiguration of ours is told to the operator once', async () => {
  const { clerk, verify } = start()
  const warned = once(process, 'warning')
  clerk.answer(() => Response.json({ errors: [{ code: 'clerk_key_invalid' }] }, { status: 401 }))
  for (const name of ['a', 'b'])
    expect(await codeOf(() => verify(opaque('m2m_token', name)))).toBe('verification-misconfigured')
  const [warning] = (await warned) as [Error & { code?: string }]
  expect(warning.code).toBe('CLERK_AUTH_MISCONFIGURED')
  expect(warning.message).not.toContain('sk_test_secret')

  let more = 0
  process.on('warning', () => more++)
  await codeOf(() => verify(opaque('m2m_token', 'c')))
  await turn()
  expect(more).toBe(0)
})
