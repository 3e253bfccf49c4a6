import { afterAll, describe, expect, it } from 'vitest'
import type { Answer, Api } from './api.js'
import { CLERK_ERROR, KINDS, opaque, startApiOf, startClerk, type Kind } from './clerk-api.js'
import { json, stopIssuers, type Exchange } from './issuer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const SECOND = 1000
const MINUTE = 60 * SECOND
const NOT_FOUND = '401 token-not-found'
const UNAVAILABLE = '503 verification-unavailable'
const RATE_LIMITED = '503 verification-rate-limited'

const names = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}_${i}`)

async function askAll(api: Api, kind: Kind, tokens: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(tokens.map((name) => api.ask(opaque(kind, name))))
  return answers.map(([status, code = '']: Answer) => `${status} ${code}`.trim())
}

describe.each(KINDS)('a flood of made-up tokens of kind %s', (kind) => {
  it('uses up the share of unknown tokens, and known tokens are still verified', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk, { callsPerSecond: 20 })
    const known = names('known', 8)
    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    api.advance(MINUTE) // the cached results have expired, and the budget is full again

    const since = performance.now()
    const answers = await askAll(api, kind, names('made_up', 40))
    for (const name of names('more', 400)) answers.push(...(await askAll(api, kind, [name])))
    const seconds = (performance.now() - since) / SECOND
    expect(new Set(answers)).toEqual(new Set([NOT_FOUND, RATE_LIMITED]))
    expect(answers.filter((answer) => answer === NOT_FOUND).length).toBeGreaterThanOrEqual(30)
    expect(clerk.asked.length - known.length).toBeLessThanOrEqual(30 + 20 * seconds)

    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    expect(api.clerk.stats().remote[kind]!.refused).toBe(answers.filter((answer) => answer === RATE_LIMITED).length)
  })

  it('to which Clerk responds slowly takes 48 of 64 slots, and known tokens use the others', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk, { callsPerSecond: 1000 })
    const known = names('known', 16)
    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    api.advance(MINUTE)

    const held: Exchange[] = []
    const arrived = new Promise<void>((resolve) => {
      clerk.answer((exchange) => {
        if (exchange.body.includes('_known')) return json(exchange.response, 200, exchange.good)
        held.push(exchange)
        if (held.length === 48) resolve()
      })
    })
    const answers: string[] = []
    const flood = names('made_up', 300).map(async (name) => answers.push(...(await askAll(api, kind, [name]))))
    await arrived
    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    expect(await askAll(api, kind, ['known_and_new'])).toEqual([UNAVAILABLE])
    // Tokens that wait for a slot are refused after a second.
    await expect.poll(() => answers.length, { timeout: 15_000 }).toBe(300 - 48)
    expect(held).toHaveLength(48)

    for (const { response } of held) json(response, 404, CLERK_ERROR)
    await Promise.all(flood)
    expect(answers.filter((answer) => answer === NOT_FOUND)).toHaveLength(48)
    expect(answers.filter((answer) => answer === UNAVAILABLE)).toHaveLength(300 - 48)
  })

  it('does not evict known tokens, with a bound of four', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk, { callsPerSecond: 1000, maxInFlight: 200 }, { maxEntries: 4 })
    const known = names('known', 4)
    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    expect(new Set(await askAll(api, kind, names('made_up', 100)))).toEqual(new Set([NOT_FOUND]))
    expect(await askAll(api, kind, known)).toEqual(known.map(() => '200'))
    expect(clerk.asked).toHaveLength(4 + 100)
    expect(api.clerk.stats().remote.remembered).toEqual({ entries: 4, refused: 100, known: 4 })
  })

  it('that are all the same makes one call, and one more every five seconds', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    const again = Array<string>(100).fill('made_up')
    for (const asked of [1, 2, 3]) {
      for (let i = 0; i < 2; i++) expect(new Set(await askAll(api, kind, again))).toEqual(new Set([NOT_FOUND]))
      expect(clerk.asked).toHaveLength(asked)
      api.advance(5 * SECOND)
    }
  })

  it('that cannot be tokens makes no call', async () => {
    const clerk = await startClerk()
    const api = startApiOf(clerk)
    const prefix = opaque(kind, '').slice(0, opaque(kind, '').indexOf('_') + 1)
    const tails = [
      '',
      'short',
      'x'.repeat(600),
      'x'.repeat(9000),
      'x'.repeat(20) + '.',
      '../'.repeat(9),
      `${'x'.repeat(20)}%00`,
    ]
    for (const tail of tails) expect((await api.ask(prefix + tail))[0]).toBe(401)
    for (const tail of ['é'.repeat(20), `${'x'.repeat(20)}\r\nX: 1`, '"'.repeat(20)])
      expect([400, 401]).toContain((await api.ask(prefix + tail))[0])
    expect(clerk.asked).toEqual([])
  })
})
