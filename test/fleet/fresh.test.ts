import { guard, identify } from '@clerk-auth/core/adapter'
import type { ClerkAuth, AcceptsToken } from '@clerk-auth/core'
import { afterEach, describe, expect, test } from 'vitest'
import { startFleet, until, type Process } from './fleet.js'

const fleet = startFleet()
afterEach(() => fleet.redis.thaw())

const m2mToken = () => fleet.local.m2mToken({ from: 'worker', to: 'api', format: 'opaque' })
const isConnected = ({ clerk }: Process) => clerk.stats().shared?.isConnected
const STALE = { remote: { rememberInMs: 0, staleInMs: 60_000, retries: 0 } }

const check = guard<object>({ acceptsToken: ['session_token', 'm2m_token'], fresh: true })

/** `passed`, or the code of the refusal, of a request through a guard with `fresh`. */
async function codeOf(clerk: ClerkAuth<AcceptsToken>, token: string): Promise<string> {
  const request = { headers: { authorization: `Bearer ${token}` } }
  await identify(request, request, clerk)
  const refusal = await check(request, request)
  return refusal?.answer ? (refusal.answer.body as { code: string }).code : 'passed'
}

describe('while Clerk is down, a token that was accepted before', () => {
  test('is accepted with remote.staleInMs, unless the shared store cannot be read', async () => {
    const process = fleet.start(STALE)
    const token = await m2mToken()
    expect(await process.outcomeOf(token)).toBe('passed')
    fleet.local.fault('verifyM2MToken', { status: 500 })
    await until(() => isConnected(process) === true)
    expect(await process.outcomeOf(token)).toBe('passed')
    fleet.redis.freeze()
    await until(async () => (await process.outcomeOf(token)) === 'verification-unavailable', 5000)
    fleet.redis.thaw()
    await until(async () => (await process.outcomeOf(token)) === 'passed', 5000)
  })

  test('is not accepted after another process has revoked or forgotten it', async () => {
    for (const act of ['revoke', 'forget'] as const) {
      const [process, other] = [fleet.start(STALE), fleet.start()]
      const token = await m2mToken()
      expect(await process.outcomeOf(token)).toBe('passed')
      fleet.local.fault('verifyM2MToken', { status: 500 })
      expect(await process.outcomeOf(token)).toBe('passed')
      await other.clerk[act]({ token })
      await until(() => process.clerk.stats().revocations.count > 0)
      expect(await process.outcomeOf(token)).not.toBe('passed')
      fleet.local.reset()
      await fleet.redis.cli('FLUSHALL')
    }
  })
})

describe('a guard with fresh', () => {
  test.each([
    ['a session', () => fleet.local.sessionToken()],
    ['an opaque token', m2mToken],
  ])('asks Clerk about %s itself, and answers 503 while the shared store cannot be read', async (_what, mint) => {
    const [first, second] = [fleet.start(), fleet.start()]
    const token = await mint()
    const calls = () => fleet.local.calls('GetSession') + fleet.local.calls('verifyM2MToken')
    expect(await codeOf(first.clerk, token)).toBe('passed')
    const before = calls()
    expect(await codeOf(second.clerk, token)).toBe('passed')
    expect(calls()).toBe(before + 1)
    fleet.redis.freeze()
    await until(async () => (await codeOf(second.clerk, token)) === 'verification-unavailable', 5000)
    const asked = calls()
    expect(await codeOf(second.clerk, token)).toBe('verification-unavailable')
    expect(calls()).toBe(asked)
    fleet.redis.thaw()
    await until(async () => (await codeOf(second.clerk, token)) === 'passed', 5000)
  })

  test('accepts the first request after the process was frozen or busy for seconds', async () => {
    const { clerk } = fleet.start()
    const token = await fleet.local.sessionToken()
    expect(await codeOf(clerk, token)).toBe('passed')
    const until = performance.now() + 2500
    while (performance.now() < until);
    expect(await codeOf(clerk, token)).toBe('passed')
  })

  test('refuses a token that another process has revoked', async () => {
    const [first, second] = [fleet.start(), fleet.start()]
    const token = await m2mToken()
    expect(await codeOf(first.clerk, token)).toBe('passed')
    await second.clerk.revoke({ token })
    await until(() => first.clerk.stats().revocations.count > 0)
    expect(await codeOf(first.clerk, token)).toBe('token-revoked')
  })
})
