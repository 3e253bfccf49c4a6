import type { Revoked } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { startFleet, until, type Process } from './fleet.js'

const fleet = startFleet()

const SKEW_IN_SECONDS = 5
const alice = () => fleet.local.people.alice
const worker = () => fleet.local.machines.worker

const m2mJwt = () => fleet.local.m2mToken({ from: 'worker', to: 'api', format: 'jwt' })

/** Two processes that have both accepted the token. */
async function twoThatAccept(...tokens: readonly string[]): Promise<[Process, Process]> {
  const processes: [Process, Process] = [fleet.start(), fleet.start()]
  for (const { outcomeOf } of processes) for (const token of tokens) expect(await outcomeOf(token)).toBe('passed')
  return processes
}

function idOf(token: string, claim: string): string {
  return (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, string>)[claim]!
}

describe('a revoked', () => {
  test.each<[string, () => Promise<string>, (token: string) => Revoked]>([
    ['session', () => fleet.local.sessionToken(), (token) => ({ sessionId: idOf(token, 'sid') })],
    ['session token', () => fleet.local.sessionToken(), (token) => ({ token })],
    ['user', () => fleet.local.sessionToken({ user: 'alice' }), () => ({ userId: alice().id })],
    [
      'member of an organization',
      () => fleet.local.sessionToken({ user: 'alice', org: 'acme' }),
      () => ({ organizationId: fleet.local.organizations.acme.id, userId: alice().id }),
    ],
    ['M2M token in JWT form', m2mJwt, (token) => ({ token })],
    ['M2M token in JWT form, by its id', m2mJwt, (token) => ({ tokenId: idOf(token, 'jti') })],
    ['machine', m2mJwt, () => ({ machineId: worker().id })],
    ['opaque M2M token', () => fleet.local.m2mToken({ from: 'worker', to: 'api' }), (token) => ({ token })],
    ['API key', () => fleet.local.apiKey(), (token) => ({ token })],
  ])('%s is refused in every process within a second', async (_what, mint, what) => {
    const token = await mint()
    const [first, second] = await twoThatAccept(token)
    await first.clerk.revoke(what(token))
    expect(await first.outcomeOf(token)).toBe('token-revoked')
    expect(await until(async () => (await second.outcomeOf(token)) === 'token-revoked')).toBeLessThan(1000)
    // In a process that starts later too.
    expect(await fleet.start().outcomeOf(token)).toBe('token-revoked')
  })

  test('user is accepted again with a token that was issued later', async () => {
    const before = await fleet.local.sessionToken({ user: 'alice' })
    const [first, second] = await twoThatAccept(before)
    await first.clerk.revoke({ userId: alice().id })
    await until(async () => (await second.outcomeOf(before)) === 'token-revoked')
    fleet.local.clock.advance((SKEW_IN_SECONDS + 1) * 1000)
    const later = { now: fleet.local.clock.now }
    const after = await fleet.local.sessionToken({ user: 'alice' })
    expect([await fleet.start(later).outcomeOf(after), await fleet.start(later).outcomeOf(before)]).toEqual([
      'passed',
      'token-revoked',
    ])
  })

  test('user may have opaque tokens that Clerk still accepts: it is asked again', async () => {
    const key = await fleet.local.apiKey({ subject: 'alice' })
    const [first, second] = await twoThatAccept(key)
    const calls = fleet.local.calls('verifyApiKey')
    await first.clerk.revoke({ userId: alice().id })
    expect(await first.outcomeOf(key)).toBe('passed')
    await until(async () => {
      expect(await second.outcomeOf(key)).toBe('passed')
      return second.clerk.stats().revocations.count === 1
    })
    expect(await second.outcomeOf(key)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(calls + 1)
  })

  test('session does not concern other sessions', async () => {
    const [ofAlice, ofBob] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    const [first, second] = await twoThatAccept(ofAlice, ofBob)
    await first.clerk.revoke({ sessionId: idOf(ofAlice, 'sid') })
    await until(async () => (await second.outcomeOf(ofAlice)) === 'token-revoked')
    expect([await first.outcomeOf(ofBob), await second.outcomeOf(ofBob)]).toEqual(['passed', 'passed'])
  })

  test('member keeps access to other organizations', async () => {
    const [acme, personal] = [
      await fleet.local.sessionToken({ user: 'alice', org: 'acme' }),
      await fleet.local.sessionToken({ user: 'alice', org: null }),
    ]
    const [first] = await twoThatAccept(acme, personal)
    await first.clerk.revoke({ organizationId: fleet.local.organizations.acme.id, userId: alice().id })
    expect([await first.outcomeOf(acme), await first.outcomeOf(personal)]).toEqual(['token-revoked', 'passed'])
  })

  test('user ends an impersonation by that user', async () => {
    const token = await fleet.local.sessionToken({ user: 'bob', actor: 'alice' })
    const [first] = await twoThatAccept(token)
    await first.clerk.revoke({ userId: alice().id })
    expect(await first.outcomeOf(token)).toBe('token-revoked')
  })
})

describe('revoke', () => {
  test.each<[unknown, string]>([
    [{ userId: undefined }, 'revoke(): "userId" must be a non-empty string'],
    [{ organizationId: 'org_1', userId: '' }, 'revoke(): "userId" must be a non-empty string'],
    [{ organizationId: 'org_1' }, 'not organizationId'],
    [{ sessionId: 'sess_1', tokenId: 'a' }, 'not sessionId and tokenId'],
    [{}, 'not an empty object'],
    ['sess_1', 'revoke() takes an object'],
  ])('rejects %j with a TypeError', async (what, message) => {
    const { clerk } = fleet.start()
    const error = await clerk.revoke(what as Revoked).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toContain(message)
    expect(clerk.stats().revocations.count).toBe(0)
  })

  test('applies to this process without a shared store', async () => {
    const { clerk, outcomeOf } = fleet.start({ shared: undefined as never })
    const token = await fleet.local.sessionToken()
    expect(await outcomeOf(token)).toBe('passed')
    await clerk.revoke({ sessionId: idOf(token, 'sid') })
    expect(await outcomeOf(token)).toBe('token-revoked')
    expect(clerk.stats()).toMatchObject({ revocations: { count: 1 }, shared: null })
  })

  test('is forgotten after revocation.keepForMs, or when the token has expired', async () => {
    const token = await fleet.local.sessionToken({ ttlInSeconds: 30 })
    const { clerk, outcomeOf } = fleet.start({ revocation: { keepForMs: 100 } })
    expect(await outcomeOf(token)).toBe('passed')
    await clerk.revoke({ sessionId: idOf(token, 'sid') })
    expect(await outcomeOf(token)).toBe('token-revoked')
    await until(async () => (await outcomeOf(token)) === 'passed')

    await clerk.revoke({ token })
    const left = Number(await fleet.redis.cli('EVAL', LONGEST_LIFE, '0'))
    expect(left).toBeGreaterThan(29_000)
    expect(left).toBeLessThanOrEqual(35_000)
  })
})

/** The milliseconds that the longest-lived tombstone has left. */
const LONGEST_LIFE = `
local most = 0
for _, key in ipairs(redis.call('KEYS', '*:tombstone:*')) do most = math.max(most, redis.call('PTTL', key)) end
return most`

describe('forget', () => {
  test('makes every process ask Clerk again, and refuses no JWT', async () => {
    const [key, session] = [await fleet.local.apiKey(), await fleet.local.sessionToken()]
    const [first, second] = await twoThatAccept(key, session)
    await fleet.local.revoke(key)
    expect(await second.outcomeOf(key)).toBe('passed')
    first.clerk.forget({ token: key })
    expect(await first.outcomeOf(key)).toBe('token-not-found')
    await until(async () => (await second.outcomeOf(key)) === 'token-not-found', 1000)
    first.clerk.forget('all')
    expect([await first.outcomeOf(session), await second.outcomeOf(session)]).toEqual(['passed', 'passed'])
  })
})

describe('an answer that was asked for before a revocation', () => {
  test('is not shared after it', async () => {
    const key = await fleet.local.apiKey({ subject: 'alice' })
    // Clerk has answered the first one, which does not have the answer yet.
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    const fetchLate = async (url: string, init: RequestInit) => {
      const response = await fetch(url, init)
      await arrived
      return response
    }
    const [first, second] = [fleet.start({ fetch: fetchLate }), fleet.start()]
    const early = first.outcomeOf(key)
    await until(() => fleet.local.calls('verifyApiKey') === 1)
    await second.clerk.revoke({ userId: alice().id })
    await fleet.local.revoke(key)
    arrive()
    expect(await early).toBe('passed')
    await until(async () => (await fleet.redis.cli('KEYS', '*:value:*')) !== '')
    expect(await second.outcomeOf(key)).toBe('token-not-found')
    await until(async () => (await first.outcomeOf(key)) === 'token-not-found', 1000)
    expect(await fleet.start().outcomeOf(key)).toBe('token-not-found')
  })
})

describe('with a revocation', () => {
  const keepForMs = 1000

  test('of a token that lives for longer than the log is kept, a process that starts later refuses it too', async () => {
    const token = await fleet.local.m2mToken({ from: 'worker', to: 'api', format: 'jwt', ttlInSeconds: 1000 })
    const { clerk, outcomeOf } = fleet.start({ revocation: { keepForMs } })
    expect(await outcomeOf(token)).toBe('passed')
    await clerk.revoke({ token })
    // Redis drops a hundred entries at a time.
    for (let i = 0; i < 100; i++) await clerk.revoke({ userId: `user_${i}` })
    await new Promise((resolve) => setTimeout(resolve, 2 * keepForMs + 100))
    await clerk.revoke({ userId: 'user_last' })
    expect(await fleet.start().outcomeOf(token)).toBe('token-revoked')
  })

  test('of a token by a process that has not seen it, and would not accept it, it lives as long as the token', async () => {
    const token = await fleet.local.m2mToken({ from: 'worker', to: 'api', format: 'jwt', ttlInSeconds: 1000 })
    const accepting = fleet.start({ revocation: { keepForMs } })
    expect(await accepting.outcomeOf(token)).toBe('passed')
    const other = fleet.start({ revocation: { keepForMs }, machineId: fleet.local.machines.billing.id })
    await other.clerk.revoke({ token })
    expect(await other.outcomeOf(token)).toBe('machine-out-of-scope')
    await until(async () => (await accepting.outcomeOf(token)) === 'token-revoked')
    await new Promise((resolve) => setTimeout(resolve, keepForMs + 100))
    for (const { outcomeOf } of [accepting, fleet.start()]) expect(await outcomeOf(token)).toBe('token-revoked')
  })

  test('that is repeated, it starts anew in every process', async () => {
    const token = await fleet.local.sessionToken()
    const [first, second] = [fleet.start({ revocation: { keepForMs } }), fleet.start({ revocation: { keepForMs } })]
    for (const { outcomeOf } of [first, second]) expect(await outcomeOf(token)).toBe('passed')
    for (let i = 0; i < 2; i++) {
      await first.clerk.revoke({ sessionId: idOf(token, 'sid') })
      await new Promise((resolve) => setTimeout(resolve, 0.6 * keepForMs))
    }
    for (const { outcomeOf } of [first, second, fleet.start()]) expect(await outcomeOf(token)).toBe('token-revoked')
  })
})
