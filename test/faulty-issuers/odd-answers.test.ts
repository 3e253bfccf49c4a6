import { afterAll, describe, expect, it } from 'vitest'
import { KINDS, judge, opaque, RECORDS, startApiOf as startApiOfClerk, startClerk } from './clerk-api.js'
import { json, stopIssuers } from './issuer.js'
import { good, key, startApiOf, startKeyIssuer } from './key-set-outage.js'
import { oddAnswers } from './odd-answers.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const MOST = 256 * 1024
const MOST_ABOUT_A_TOKEN = 64 * 1024

describe('a key set is used', () => {
  it.each(oddAnswers)('although %s', async (_name, behave) => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, 60_000)
    issuer.answer(behave)
    expect(await api.ask(good)).toEqual([200])
    expect(issuer.asked).toHaveLength(1)
  })

  it.each([
    [MOST, 200],
    [MOST + 1, 503],
  ])('at %i bytes: %i', async (bytes, status) => {
    const issuer = await startKeyIssuer()
    issuer.answer(({ response, good: body }) => json(response, 200, body + ' '.repeat(bytes - body.length)))
    expect((await startApiOf(issuer, 60_000).ask(good))[0]).toBe(status)
  })

  it('with 64 keys, the last of which is the right one', async () => {
    const issuer = await startKeyIssuer()
    const keys = Array.from({ length: 63 }, (_, i) => ({ ...key.jwk, kid: `${i}` }))
    issuer.answer(({ response }) => json(response, 200, { keys: [...keys, key.jwk] }))
    expect(await startApiOf(issuer, 60_000).ask(good)).toEqual([200])
  })
})

describe("Clerk's response for a token is used", () => {
  it.each(oddAnswers)('although %s', async (_name, behave) => {
    const clerk = await startClerk()
    const api = startApiOfClerk(clerk)
    clerk.answer(behave)
    for (const kind of KINDS) expect(await api.ask(opaque(kind, 'known'))).toEqual([200])
    expect(clerk.asked).toHaveLength(KINDS.length)
  })

  it.each([
    [MOST_ABOUT_A_TOKEN, 200],
    [MOST_ABOUT_A_TOKEN + 1, 503],
  ])('at %i bytes: %i', async (bytes, status) => {
    for (const kind of KINDS) {
      const body = JSON.stringify(RECORDS[kind])
      expect((await judge(kind, 200, body + ' '.repeat(bytes - body.length))).answer[0]).toBe(status)
    }
  })
})
