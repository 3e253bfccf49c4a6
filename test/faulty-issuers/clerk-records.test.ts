import { afterAll, describe, expect, it } from 'vitest'
import { judge, KINDS, opaque, RECORDS, startApiOf, startClerk, type Kind } from './clerk-api.js'
import { json, stopIssuers } from './issuer.js'
import { NOW } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const UNAVAILABLE = [503, 'verification-unavailable', 1]
const EXPIRED = [401, 'token-expired']
const REVOKED = [401, 'token-revoked']
const INACTIVE = [401, 'token-inactive']
const SECOND = 1000

const about = (kind: Kind, members: object) => judge(kind, 200, JSON.stringify({ ...RECORDS[kind], ...members }))

describe.each(KINDS)("Clerk's response for a token of kind %s", (kind) => {
  it.each([
    ['that it is revoked', { revoked: true }, REVOKED],
    ['that it is expired', { expired: true }, EXPIRED],
    ['that it is inactive', { active: false }, INACTIVE],
    ['that it is revoked and expired', { revoked: true, expired: true }, REVOKED],
    ['that it expired a second ago, in milliseconds', { expiration: NOW - SECOND }, EXPIRED],
    ['that it expires now', { expiration: NOW }, EXPIRED],
    ['that it expired a second ago, in seconds', { expiration: NOW / SECOND - 1 }, EXPIRED],
    ['that it expired in 1970', { expiration: 1 }, EXPIRED],
    ['that it expires in an hour, in milliseconds', { expiration: NOW + 3600 * SECOND }, [200]],
    ['that it expires in an hour, in seconds', { expiration: NOW / SECOND + 3600 }, [200]],
    ['that it never expires', { expiration: null }, [200]],
    ['that it never expires, and is expired', { expiration: null, expired: true }, EXPIRED],
    ['that it is active', { active: true }, [200]],
    ['an unknown member', { surprise: [{ é: 1 }] }, [200]],
  ])('is used: %s', async (_what, members, expected) => {
    const { answer, calls } = await about(kind, members)
    expect(answer).toEqual(expected)
    expect(calls).toBe(1)
  })

  const wrong: [member: string, values: readonly unknown[]][] = [
    ['object', [undefined, null, '', 'token', 'machine_to_machine', 1, ['api_key']]],
    [
      'id',
      [undefined, null, '', 1, 'mt_1', 'xx_0123456789abcdef0123456789abcdef', ['mt_0123456789abcdef0123456789abcdef']],
    ],
    [
      'subject',
      [undefined, null, '', 1, 'alice', 'mch_short', `role_${'a'.repeat(27)}`, `mch_${'a'.repeat(26)}\n`, {}],
    ],
    ['scopes', [null, '', 'read', {}, [1], [''], [['read']], [null]]],
    ['revoked', [undefined, null, 0, 1, 'false', 'true', {}, []]],
    ['expired', [undefined, null, 0, 1, 'false', {}]],
    ['active', [null, 0, 1, 'true', 'false']],
    ['expiration', [undefined, '', 'never', `${NOW + 1}`, 0, -1, NOW * -1, true, {}, [NOW + 1]]],
  ]
  it.each(wrong)('is not used if "%s" is malformed', async (member, values) => {
    for (const value of values)
      expect([value, (await about(kind, { [member]: value })).answer]).toEqual([value, UNAVAILABLE])
  })

  it('is not used if it is about another kind', async () => {
    for (const other of KINDS.filter((one) => one !== kind)) {
      expect((await judge(kind, 200, JSON.stringify(RECORDS[other]))).answer).toEqual(UNAVAILABLE)
      expect((await about(kind, { object: RECORDS[other].object })).answer).toEqual(UNAVAILABLE)
      expect((await about(kind, { id: RECORDS[other].id })).answer).toEqual(UNAVAILABLE)
    }
  })

  it.each([
    ['is in a list', (text: string) => `[${text}]`],
    ['is in a string', (text: string) => JSON.stringify(text)],
    ['is one level deeper', (text: string) => `{"data":${text}}`],
    ['is in the prototype', (text: string) => `{"__proto__":${text}}`],
    ['has a duplicate member', (text: string) => text + text],
    ['is truncated', (text: string) => text.slice(0, -1)],
    ['expires at Infinity', (text: string) => text.replace(/"expiration":\d+/, '"expiration":1e999')],
    ['expires at NaN', (text: string) => text.replace(/"expiration":\d+/, '"expiration":NaN')],
  ])('is not used if it %s', async (_name, spoil) => {
    expect((await judge(kind, 200, spoil(JSON.stringify(RECORDS[kind])))).answer).toEqual(UNAVAILABLE)
  })

  it.each<[depth: number, expected: readonly unknown[]]>([
    [20, [200]],
    [33, UNAVAILABLE],
    [1000, UNAVAILABLE],
    [3000, UNAVAILABLE],
    [8000, UNAVAILABLE],
    [30_000, UNAVAILABLE],
  ])('that nests %i deep gives the result %j', async (depth, expected) => {
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
    const record = JSON.stringify({ ...RECORDS[kind], claims: { deep: 0 }, act: { sub: 'user_1', deep: 0 } })
    const { answer } = await judge(kind, 200, record.replaceAll('"deep":0', `"deep":${deep}`))
    expect(answer).toEqual(expected)
  })

  it('may say only that it is not active, for OAuth alone: RFC 7662 section 2.2', async () => {
    const { answer } = await judge(kind, 200, '{"active":false}')
    expect(answer).toEqual(kind === 'oauth_token' ? INACTIVE : UNAVAILABLE)
  })

  it('is cached no longer than the token lives', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    const token = opaque(kind, 'known')
    const record = { ...RECORDS[kind], expiration: NOW / SECOND + 10 }
    clerk.answer(({ response }) => json(response, 200, record))
    expect(await api.ask(token)).toEqual([200])
    api.advance(9 * SECOND)
    expect(await api.ask(token)).toEqual([200])
    expect(clerk.asked).toHaveLength(1)
    api.advance(SECOND)
    expect(await api.ask(token)).toEqual(EXPIRED)
    expect(clerk.asked).toHaveLength(2)
  })
})
