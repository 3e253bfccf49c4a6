import { describe, expect, test } from 'vitest'
import { setTimeout } from 'node:timers/promises'
import { startFleet, until, type Process } from './fleet.js'

const fleet = startFleet()

const keysOf = async (pattern: string) => (await fleet.redis.cli('--raw', 'KEYS', pattern)).split('\n').filter(Boolean)

/** The key of the shared answer about a token that a process has just accepted. */
async function sharedAnswer(token: string): Promise<string> {
  expect(await fleet.start().outcomeOf(token)).toBe('passed')
  await until(async () => (await keysOf('*:value:*')).some((key) => !key.endsWith(':lease')))
  await until(async () => (await keysOf('*:lease')).length === 0)
  return (await keysOf('*:value:*')).find((key) => !key.endsWith(':lease'))!
}

describe('what is stored', () => {
  test('contains no token, no id, no claim and no key name that a reader of Redis could look up', async () => {
    const tokens = [await fleet.local.apiKey({ subject: 'alice' }), await fleet.local.sessionToken()]
    const { clerk, outcomeOf } = fleet.start()
    for (const token of tokens) expect(await outcomeOf(token)).toBe('passed')
    await clerk.revoke({ userId: fleet.local.people.alice.id })
    await clerk.revoke({ token: tokens[0]! })
    await until(async () => (await keysOf('*:value:*')).length >= 2)

    let dump = ''
    for (const key of await keysOf('*')) {
      const isLog = key.endsWith(':log')
      dump += `${key}\n${await fleet.redis.cli('--raw', ...(isLog ? ['XRANGE', key, '-', '+'] : ['GET', key]))}\n`
    }
    expect(dump.length).toBeGreaterThan(500)
    const { people, env } = fleet.local
    const personal = [...tokens, tokens[0]!.slice(3), people.alice.id, people.alice.email, ...Object.values(env)]
    const isOrigin = (value: string) => value === fleet.local.url
    for (const value of personal.filter((value) => !isOrigin(value))) expect(dump).not.toContain(value)
    for (const word of ['user_', 'sess_', 'mch_', 'subject', 'scopes', '"kty"', 'refuse'])
      expect(dump).not.toContain(word)
  })
})

describe('a shared answer is not used', () => {
  test.each<[string, (key: string, value: string) => Promise<unknown>]>([
    ['that was changed', (key, value) => fleet.redis.cli('SET', key, `${value.slice(0, -9)}AAAAAAAAA`, 'KEEPTTL')],
    ['that was truncated', (key, value) => fleet.redis.cli('SET', key, value.slice(0, 40), 'KEEPTTL')],
    ['that was emptied', (key) => fleet.redis.cli('SET', key, '', 'KEEPTTL')],
    ['that is not one', (key) => fleet.redis.cli('SET', key, '30000:{"active":true}', 'KEEPTTL')],
    [
      'of another type',
      async (key) => {
        await fleet.redis.cli('DEL', key)
        await fleet.redis.cli('RPUSH', key, 'a', 'b')
      },
    ],
    ['without an expiry', (key) => fleet.redis.cli('PERSIST', key)],
  ])('%s', async (_what, tamper) => {
    const token = await fleet.local.apiKey()
    const key = await sharedAnswer(token)
    await tamper(key, await fleet.redis.cli('--raw', 'GET', key))
    expect(await fleet.start().outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
  })

  test.each([
    ['that is only a word', "'junk'"],
    ['that is only a word with a colon', "'junk:junk'"],
    ['that is empty', "''"],
    ['that is not UTF-8', "'\\255\\254'"],
  ])('%s and never expires, and delays no one', async (_what, value) => {
    const token = await fleet.local.apiKey()
    const key = await sharedAnswer(token)
    const { clerk, outcomeOf } = fleet.start()
    await clerk.warmUp()
    await fleet.redis.cli('EVAL', `redis.call('SET', KEYS[1], ${value})`, '1', key)
    const commands = async () => Number(/processed:(\d+)/.exec(await fleet.redis.cli('INFO', 'stats'))?.[1])
    const before = await commands()
    expect(await outcomeOf(token)).toBe('passed')
    expect((await commands()) - before).toBeLessThan(100)
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
    await until(async () => Number(await fleet.redis.cli('PTTL', key)) > 0)
  })

  test('under the name of another token', async () => {
    const [good, revoked] = [await fleet.local.apiKey(), await fleet.local.apiKey()]
    await fleet.local.revoke(revoked)
    const key = await sharedAnswer(good)
    const value = await fleet.redis.cli('--raw', 'GET', key)
    expect(await fleet.start().outcomeOf(revoked)).toBe('token-not-found')
    await until(async () => (await keysOf('*:value:*')).length === 2)
    const other = (await keysOf('*:value:*')).find((one) => one !== key)!
    await fleet.redis.cli('SET', other, value, 'PX', '30000')
    expect(await fleet.start().outcomeOf(revoked)).toBe('token-not-found')
    expect(fleet.local.calls('verifyApiKey')).toBe(3)
  })

  test('that is older than 30 seconds, even if someone has stored it again', async () => {
    const token = await fleet.local.apiKey()
    const key = await sharedAnswer(token)
    const value = await fleet.redis.cli('--raw', 'GET', key)
    fleet.local.clock.advance(31_000)
    const later = { now: fleet.local.clock.now }
    await fleet.redis.cli('SET', key, value, 'PX', '30000')
    expect(await fleet.start(later).outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
  })

  test('of a process whose clock is far ahead', async () => {
    const token = await fleet.local.apiKey()
    const key = await sharedAnswer(token)
    expect(key).toContain(':value:')
    expect(await fleet.start({ now: () => Date.now() - 60_000 }).outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
  })

  test('for longer than it was when it arrived', async () => {
    const token = await fleet.local.apiKey()
    await sharedAnswer(token)
    const offset = { ms: 20_000 }
    const { outcomeOf } = fleet.start({ now: () => Date.now() + offset.ms })
    expect(await outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(1)
    await fleet.redis.cli('FLUSHALL')
    offset.ms = 31_000
    expect(await outcomeOf(token)).toBe('passed')
    expect(fleet.local.calls('verifyApiKey')).toBe(2)
  })
})

test('a shared refusal is used for 5 seconds from the question, not from its arrival', async () => {
  const unknown = `ak_${'0'.repeat(32)}`
  expect(await fleet.start().outcomeOf(unknown)).toBe('token-not-found')
  await until(async () => (await keysOf('*:value:*')).length === 1)
  const offset = { ms: 3000 }
  const { outcomeOf } = fleet.start({ now: () => Date.now() + offset.ms })
  expect(await outcomeOf(unknown)).toBe('token-not-found')
  expect(fleet.local.calls('verifyApiKey')).toBe(1)
  await fleet.redis.cli('FLUSHALL')
  offset.ms = 5500
  expect(await outcomeOf(unknown)).toBe('token-not-found')
  expect(fleet.local.calls('verifyApiKey')).toBe(2)
})

describe('a log that was replaced by something else', () => {
  test('is started anew, with the revocations that the processes know', async () => {
    const [token, other] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    const [first, second] = [fleet.start(), fleet.start()]
    await first.clerk.revoke({ token })
    await until(async () => (await second.outcomeOf(token)) === 'token-revoked')
    const [log] = await keysOf('*:log')
    await fleet.redis.cli('SET', log!, 'a string')
    await until(() => second.events.some(({ type }) => type === 'shared-store-emptied'))
    await first.clerk.revoke({ token: other })
    await until(async () => (await second.outcomeOf(other)) === 'token-revoked')
    const later = fleet.start()
    for (const one of [token, other]) expect(await later.outcomeOf(one)).toBe('token-revoked')
  })
})

describe('revocations that a process cannot read', () => {
  test('because its secret is another one are reported once', async () => {
    const [one, another] = [fleet.start(), fleet.start({ secret: 'another secret '.repeat(3) })]
    await another.clerk.warmUp()
    for (const sessionId of ['sess_1', 'sess_2']) {
      await one.clerk.revoke({ sessionId })
      await setTimeout(100)
    }
    const problems = ({ events }: Process) => events.filter(({ type }) => type === 'shared-store-problem')
    const problem = expect.stringContaining('revocations that this process cannot read') as string
    expect(problems(another)).toEqual([{ type: 'shared-store-problem', problem }])
    expect(problems(one)).toEqual([])
  })
})

describe('a tombstone that was changed', () => {
  test('is ignored, and the others of the log are read', async () => {
    const [first, second] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    const { clerk } = fleet.start()
    await clerk.revoke({ token: first })
    const [log] = await keysOf('*:log')
    await fleet.redis.cli('XADD', log!, '*', 'key', 'made up', 'text', 'AAAA.BBBB.CCCC')
    await clerk.revoke({ token: second })
    const other = fleet.start()
    expect([await other.outcomeOf(first), await other.outcomeOf(second)]).toEqual(['token-revoked', 'token-revoked'])
  })

  test('into something without a text is ignored too', async () => {
    const [token, other] = [await fleet.local.sessionToken(), await fleet.local.sessionToken({ user: 'bob' })]
    const running = fleet.start()
    await running.clerk.revoke({ token })
    const [log] = await keysOf('*:log')
    await fleet.redis.cli('XADD', log!, '*', 'made', 'up')
    const later = fleet.start()
    for (const { outcomeOf } of [running, later])
      expect([await outcomeOf(token), await outcomeOf(other)]).toEqual(['token-revoked', 'passed'])
  })
})
