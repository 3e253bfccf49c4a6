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
/** After the freshness of a key set, but not yet too stale to use. */
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

describe('a key rotation', () => {
  it('is found by the first token of the new key, and the old key is used while it is published', async () => {
    const { issuer, api } = await startBoth()
    issuer.answer(publishing(next, key))
    expect(await api.ask(next.token())).toEqual([200])
    expect(await api.ask(good)).toEqual([200])
    expect(issuer.asked).toHaveLength(2)
  })

  it('under the same kid removes the old key, including for cached tokens', async () => {
    const { issuer, api } = await startBoth()
    const renewed = signer('key_1', p256())
    expect(await api.ask(renewed.token())).toEqual([401, 'token-invalid-signature'])
    issuer.answer(publishing(renewed))
    api.advance(LATER)
    expect(await api.ask(good)).toEqual([401, 'token-invalid-signature'])
    expect(await api.ask(renewed.token())).toEqual([200])
  })

  it('under the same kid, and back, accepts each token while its key is published', async () => {
    const { issuer, api } = await startBoth()
    const renewed = signer('key_1', p256())
    for (const published of [renewed, key, renewed]) {
      issuer.answer(publishing(published))
      api.advance(LATER)
      for (const each of [key, renewed])
        expect(await api.ask(each.token())).toEqual(each === published ? [200] : [401, 'token-invalid-signature'])
    }
  })

  it('during an outage is not found, and refuses no caller', async () => {
    const { issuer, api } = await startBoth()
    issuer.answer(({ response }) => void response.writeHead(500).end())
    expect(await api.ask(next.token())).toEqual(UNAVAILABLE)
    expect(await api.ask(good)).toEqual([200])
    issuer.answer(publishing(next))
    // Made-up keys must not make an API fetch more often, so a new key has to wait.
    api.advance(11 * SECOND)
    expect(await api.ask(next.token())).toEqual([200])
    expect(await api.ask(good)).toEqual(UNAVAILABLE)
    api.advance(11 * SECOND)
    expect(await api.ask(good)).toEqual(UNKNOWN)
  })
})

describe('a removed key', () => {
  it('is refused after the next refresh, including for cached tokens, and does not come back in an outage', async () => {
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

  it('stays removed even if a response with it was in flight when the one without it arrived', async () => {
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

describe('an issuer that alternates', () => {
  const wrong: [name: string, behave: Behaviour][] = [
    ['an empty set', publishing()],
    ['a set without usable keys', ({ response }) => json(response, 200, { keys: [{ ...key.jwk, use: 'enc' }] })],
    ['HTML', ({ response }) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')],
    ['an error', ({ response, good: body }) => json(response, 500, body)],
  ]

  it.each(wrong)('between a valid set and %s: no caller is affected, for a day', async (_name, behave) => {
    const { issuer, api } = await startBoth()
    for (let turn = 0; turn < 48; turn++) {
      if (turn % 2) issuer.heal()
      else issuer.answer(behave)
      api.advance(29 * MINUTE)
      expect(await api.ask(key.token({ exp: 9e9 }))).toEqual([200])
    }
    expect(issuer.asked.length).toBeGreaterThan(48)
  })

  it.each(wrong)('and finally has %s for an hour: 503, and never 401', async (_name, behave) => {
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

  it('between two sets, as servers that are out of sync: a token of either is accepted while fetches are allowed', async () => {
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

  it('in hundreds cause two requests to a healthy issuer: the kids it was asked about get 401, the rest 503', async () => {
    const { issuer, api } = await startBoth()
    const [asked, ...others] = madeUp(500)
    expect(await api.ask(asked!)).toEqual(UNKNOWN)
    const answers = await Promise.all(others.map((token) => api.ask(token)))
    expect(answers).toEqual(others.map(() => [503, 'keys-unavailable', 10]))
    expect(await api.ask(asked!)).toEqual(UNKNOWN)
    expect(issuer.asked).toHaveLength(2)
  })

  it('do not turn a valid token into a 401 after a rotation: it is 503 until the next fetch', async () => {
    const { issuer, api } = await startBoth()
    for (const token of madeUp(2)) await api.ask(token)
    issuer.answer(publishing(next, key))
    expect(await api.ask(next.token())).toEqual([503, 'keys-unavailable', 10])
    api.advance(10 * SECOND)
    expect(await api.ask(next.token())).toEqual([200])
  })

  it('in hundreds cause one request to an issuer that is down, and no refusal', async () => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, 60_000)
    issuer.answer(({ socket }) => void socket.resetAndDestroy())
    const answers = await Promise.all(madeUp(500).map((token) => api.ask(token)))
    expect(new Set(answers.map(([status, code]) => `${status} ${code}`))).toEqual(new Set(['503 keys-unavailable']))
    expect(issuer.asked).toHaveLength(1)
  })
})
