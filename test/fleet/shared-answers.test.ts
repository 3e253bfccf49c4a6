import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startFleet, until } from './fleet.js'

const fleet = startFleet()

const m2mToken = () => fleet.local.m2mToken({ from: 'worker', to: 'api', format: 'opaque' })

describe('processes that share a Redis', () => {
  test('ask Clerk once for a token that arrives at all of them at the same time', async () => {
    const processes = Array.from({ length: 4 }, () => fleet.start())
    const token = await m2mToken()
    const outcomes = await Promise.all(processes.map(({ outcomeOf }) => outcomeOf(token)))
    expect(outcomes).toEqual(['passed', 'passed', 'passed', 'passed'])
    expect(fleet.local.calls('verifyM2MToken')).toBe(1)
  })

  test('ask Clerk once for each of 100 tokens that arrive at all of them at the same time', async () => {
    const processes = Array.from({ length: 4 }, () => fleet.start())
    const tokens = await Promise.all(Array.from({ length: 100 }, m2mToken))
    const outcomes = await Promise.all(processes.flatMap(({ outcomeOf }) => tokens.map(outcomeOf)))
    expect(outcomes.filter((outcome) => outcome !== 'passed')).toEqual([])
    expect(fleet.local.calls('verifyM2MToken')).toBe(100)
  })

  test.each([
    ['m2m_token', 'verifyM2MToken', m2mToken],
    ['oauth_token', 'verifyOAuthAccessToken', () => fleet.local.oauthToken({ format: 'opaque' })],
    ['api_key', 'verifyApiKey', () => fleet.local.apiKey()],
  ])('use the answer of another about an opaque %s', async (_kind, operation, mint) => {
    const [first, second] = [fleet.start(), fleet.start()]
    const token = await mint()
    expect(await first.outcomeOf(token)).toBe('passed')
    await until(async () => (await fleet.redis.cli('DBSIZE')) !== '0')
    expect(await second.outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls(operation as 'verifyApiKey')).toBe(1)
    expect(second.clerk.stats().shared).toMatchObject({ isConnected: true, hits: expect.any(Number) as number })
  })

  test('use the refusal of another', async () => {
    const [first, second] = [fleet.start(), fleet.start()]
    const [unknown, revoked] = [`mt_${'0'.repeat(32)}`, await fleet.local.apiKey()]
    await fleet.local.revoke(revoked)
    const outcomes = [await first.outcomeOf(unknown), await first.outcomeOf(revoked)]
    expect(outcomes).toEqual(['token-not-found', 'token-not-found'])
    await until(async () => (await fleet.redis.cli('DBSIZE')) === '2')
    expect([await second.outcomeOf(unknown), await second.outcomeOf(revoked)]).toEqual(outcomes)
    expect([fleet.local.calls('verifyM2MToken'), fleet.local.calls('verifyApiKey')]).toEqual([1, 1])
  })

  test('fetch the key set once', async () => {
    const processes = Array.from({ length: 4 }, () => fleet.start())
    const token = await fleet.local.sessionToken()
    const outcomes = await Promise.all(processes.map(({ outcomeOf }) => outcomeOf(token)))
    expect(outcomes).toEqual(['passed', 'passed', 'passed', 'passed'])
    expect(fleet.local.calls('GetJWKS')).toBe(1)
    expect(processes.flatMap(({ events }) => events).filter(({ type }) => type === 'keys-shared')).toHaveLength(3)
  })

  test('accept tokens with a new key after a rotation', async () => {
    const processes = Array.from({ length: 4 }, () => fleet.start())
    const before = await fleet.local.sessionToken()
    for (const { outcomeOf } of processes) expect(await outcomeOf(before)).toBe('passed')
    await fleet.local.rotateKeys()
    const after = await fleet.local.sessionToken()
    expect(await Promise.all(processes.map(({ outcomeOf }) => outcomeOf(after)))).toEqual(processes.map(() => 'passed'))
  })

  test('apply their own configuration to a shared answer', async () => {
    const here = fleet.start({ machineId: fleet.local.machines.api.id })
    const elsewhere = fleet.start({ machineId: fleet.local.machines.billing.id })
    const token = await m2mToken()
    expect(await here.outcomeOf(token)).toBe('passed')
    expect(await elsewhere.outcomeOf(token)).toBe('machine-out-of-scope')
  })

  test('share nothing with another Clerk secret, because the answer depends on it', async () => {
    const token = await m2mToken()
    expect(await fleet.start().outcomeOf(token)).toBe('passed')
    const other = fleet.start({ machineSecretKey: fleet.local.machines.billing.secretKey })
    expect(await other.outcomeOf(token)).not.toBe('passed')
    expect(fleet.local.calls('verifyM2MToken')).toBe(2)
  })

  test('share nothing with another URL of Clerk, whose answer may be another one', async () => {
    const token = await m2mToken()
    expect(await fleet.start().outcomeOf(token)).toBe('passed')
    const other = fleet.start({ apiUrl: fleet.local.url.replace('127.0.0.1', 'localhost') })
    expect(await other.outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyM2MToken')).toBe(2)
  })

  test('share nothing with another issuer in the same Redis', async () => {
    const token = await m2mToken()
    const [first, other] = [fleet.start(), fleet.start({ issuer: 'https://other.example.com' })]
    for (const { outcomeOf } of [first, other]) expect(await outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyM2MToken')).toBe(2)
    await first.clerk.revoke({ token })
    await setTimeout(1100)
    expect([await first.outcomeOf(token), await other.outcomeOf(token)]).toEqual(['token-revoked', 'passed'])
    const names = (await fleet.redis.cli('--raw', 'KEYS', '*')).split('\n').map((key) => /^\{(.*?)\}/.exec(key)?.[1])
    expect(new Set(names)).toEqual(new Set([`clerk-auth ${fleet.local.url}`, 'clerk-auth https://other.example.com']))
  })

  test('share nothing with another secret of the store', async () => {
    const token = await m2mToken()
    expect(await fleet.start().outcomeOf(token)).toBe('passed')
    expect(await fleet.start({ secret: 'other '.repeat(8) }).outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyM2MToken')).toBe(2)
  })
})
