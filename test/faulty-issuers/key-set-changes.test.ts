import { afterAll, describe, expect, it } from 'vitest'
import { json, stopIssuers, type Behaviour, type Exchange } from './issuer.js'
import { good, key, startApiOf, startKeyIssuer, UNAVAILABLE } from './key-set-outage.js'
import { p256, signer, type Signer } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Past the freshness of a key set, and not yet too stale to serve. */
const LATER = 6 * MINUTE
const UNKNOWN = [401, 'jwk-kid-mismatch']

const publishing = (...keys: readonly Signer[]): Behaviour => {
  return ({ response }) => json(response, 200, { keys: keys.map(({ jwk }) => jwk) })
}
const next = signer('key_2')

async function startBoth() {
  const issuer = await startKeyIssuer()
  const api = startApiOf(issuer, 60_000)
  expect(await api.ask(good)).toEqual([200])
  return { issuer, api }
}

describe('a rotation', () => {
  it('is found by the first token that shows it, and the old key serves while it is published', async () => {
    const { issuer, api } = await startBoth()
    issuer.answer(publishing(next, key))
    expect(await api.ask(next.token())).toEqual([200])
    expect(await api.ask(good)).toEqual([200])
    expect(issuer.asked).toHaveLength(2)
  })

  it('under the same name takes the old key away, from remembered tokens too', async () => {
    const { issuer, api } = await startBoth()
    const renewed = signer('key_1', p256())
    expect(await api.ask(renewed.token())).toEqual([401, 'token-invalid-signature'])
    issuer.answer(publishing(renewed))
    api.advance(LATER)
    expect(await api.ask(good)).toEqual([401, 'token-invalid-signature'])
    expect(await api.ask(renewed.token())).toEqual([200])
  })

  it('under the same name, and back, passes each token while its key is published', async () => {
    const { issuer, api } = await startBoth()
    const renewed = signer('key_1', p256())
    for (const published of [renewed, key, renewed]) {
      issuer.answer(publishing(published))
      api.advance(LATER)
      for (const each of [key, renewed])
        expect(await api.ask(each.token())).toEqual(each === published ? [200] : [401, 'token-invalid-signature'])
    }
  })

  it('during an outage is not found, and no caller is refused for that', async () => {
    const { issuer, api } = await startBoth()
    issuer.answer(({ response }) => void response.writeHead(500).end())
    expect(await api.ask(next.token())).toEqual(UNAVAILABLE)
    expect(await api.ask(good)).toEqual([200])
    issuer.answer(publishing(next))
    // Made-up keys may not make an API ask more often, so a new one waits for its turn.
    api.advance(11 * SECOND)
    expect(await api.ask(next.token())).toEqual([200])
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
    api.advance(11 * SECOND)
    expect(await api.ask(good)).toEqual(UNKNOWN)
  })
})

describe('a key that is gone from the answer', () => {
  it('is gone at the next refresh, from remembered tokens too, and does not come back in an outage', async () => {
    const { issuer, api } = await startBoth()
    issuer.answer(publishing(next))
    api.advance(LATER)
    expect(await api.ask(good)).toEqual(UNKNOWN)
    expect(await api.ask(key.token({ sub: 'user_bob' }))).toEqual(UNKNOWN)
    issuer.answer(({ socket }) => void socket.resetAndDestroy())
    api.advance(LATER)
    expect(await api.ask(next.token())).toEqual([200])
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
  })

  it('is gone for good, though an answer with it was on its way when the one without it came', async () => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, 300)
    const held: Exchange[] = []
    issuer.answer((exchange) => void held.push(exchange))
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
    issuer.answer(publishing(next))
    do api.advance(10 * SECOND)
    while ((await api.ask(next.token()))[0] !== 200)
    for (const { response, good: older } of held) json(response, 200, older)
    await issuer.released()
    expect(await api.ask(good)).toEqual(UNKNOWN)
  })
})

describe('an issuer that answers by turns', () => {
  const wrong: [name: string, behave: Behaviour][] = [
    ['an empty set', publishing()],
    ['a set without usable keys', ({ response }) => json(response, 200, { keys: [{ ...key.jwk, use: 'enc' }] })],
    ['HTML', ({ response }) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')],
    ['an error', ({ response, good: body }) => json(response, 500, body)],
  ]

  it.each(wrong)('with a good set and with %s: nobody notices, for a day', async (_name, behave) => {
    const { issuer, api } = await startBoth()
    for (let turn = 0; turn < 48; turn++) {
      if (turn % 2) issuer.heal()
      else issuer.answer(behave)
      api.advance(29 * MINUTE)
      expect(await api.ask(key.token({ exp: 9e9 }))).toEqual([200])
    }
    expect(issuer.asked.length).toBeGreaterThan(48)
  })

  it.each(wrong)('and in the end for an hour with %s: 503, and never 401', async (_name, behave) => {
    const { issuer, api } = await startBoth()
    issuer.answer(behave)
    api.advance(5 * MINUTE + HOUR - SECOND)
    expect(await api.ask(good)).toEqual([200])
    api.advance(SECOND)
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
    expect(api.clerk.ready).toBe(false)
    issuer.heal()
    api.advance(5 * SECOND)
    expect(await api.ask(good)).toEqual([200])
  })

  it('with two sets, as servers do that are not in step: a token of either passes while it may ask', async () => {
    const { issuer, api } = await startBoth()
    let turn = 0
    issuer.answer((exchange) => publishing(turn++ % 2 ? key : next)(exchange))
    for (let i = 0; i < 6; i++) {
      api.advance(20 * SECOND)
      for (const each of [next, key]) expect(await api.ask(each.token())).toEqual([200])
    }
  })
})

describe('made-up keys', () => {
  const madeUp = (count: number) => Array.from({ length: count }, (_, i) => signer(`made_up_${i}`, pair).token())
  const pair = p256()

  it('by the hundred make an issuer in good health be asked twice: what was asked about is 401, the rest 503', async () => {
    const { issuer, api } = await startBoth()
    const [asked, ...others] = madeUp(500)
    expect(await api.ask(asked!)).toEqual(UNKNOWN)
    const answers = await Promise.all(others.map((token) => api.ask(token)))
    expect(answers).toEqual(others.map(() => [503, 'keys-unavailable', 10]))
    expect(await api.ask(asked!)).toEqual(UNKNOWN)
    expect(issuer.asked).toHaveLength(2)
  })

  it('do not make a good token 401 after a rotation: it is 503 until the next question', async () => {
    const { issuer, api } = await startBoth()
    for (const token of madeUp(2)) await api.ask(token)
    issuer.answer(publishing(next, key))
    expect(await api.ask(next.token())).toEqual([503, 'keys-unavailable', 10])
    api.advance(10 * SECOND)
    expect(await api.ask(next.token())).toEqual([200])
  })

  it('by the hundred make an issuer that is down be asked once, and nobody is refused', async () => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, 60_000)
    issuer.answer(({ socket }) => void socket.resetAndDestroy())
    const answers = await Promise.all(madeUp(500).map((token) => api.ask(token)))
    expect(new Set(answers.map(([status, code]) => `${status} ${code}`))).toEqual(new Set(['503 keys-unavailable']))
    expect(issuer.asked).toHaveLength(1)
  })
})
