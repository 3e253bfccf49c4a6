import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacked, movableClock, type ApiName, type Attacked } from './apis.js'
import { asCase, type Case, type ConfigurationCase, type RequestCase } from './case.js'
import { startIssuers, type Issuers } from './issuer.js'
import { expectNoPiece, expectOutcome, expectTold } from './judge.js'
import { watchNetwork } from './network.js'
import { watchOutput } from './output.js'
import { isGuards } from './refusal.js'
import { stands as allStands, type Open, type Stand } from './stands.js'
import { ISSUER, NOW, session, USER } from './token.js'

type Cases = Readonly<Record<string, readonly Case[]>>

/** Sends each case to each stand, and judges what comes of it. Servers start once. */
export function attack(table: Cases, stands: readonly Stand[] = allStands): void {
  let issuers: Issuers
  beforeAll(async () => {
    issuers = await startIssuers()
  })
  afterAll(() => Promise.all([issuers.ours.close(), issuers.other.close()]))

  describe.each(stands)('$name', (stand) => {
    const field = battlefield(stand, table, () => issuers)
    beforeAll(field.open)
    afterAll(field.close)

    const isPossible = (one: Case) => ('send' in one ? stand.takes(one) : stand.configure !== undefined)
    const possible = Object.entries(table).filter(([, cases]) => cases.some(isPossible))

    describe.each(possible)('%s', (_what, cases) => {
      it.each(cases.filter(isPossible).map((one) => [titleOf(one), one] as const))('%s', async (_title, one) => {
        expect(await ('send' in one ? field.send(one) : field.configure(one))).toBeUndefined()
      })
    })

    it('serves on after all that, and remembers nothing that it refused', async () => {
      expect(await field.survives()).toBeUndefined()
    })
  })
}

function titleOf(one: Case): string {
  return `${one.name}: ${'send' in one ? outcomeOf(one) : 'a TypeError at start'}`
}

function outcomeOf({ outcome }: RequestCase): string {
  if ('code' in outcome) return outcome.code
  if ('sees' in outcome) return 'passes'
  return 'never' in outcome ? 'never passes' : String(outcome.status)
}

const GOOD = asCase('a good token', { token: session() }, { sees: { userId: USER } })

function battlefield(stand: Stand, table: Cases, issuers: () => Issuers) {
  const clock = movableClock()
  const sides = new Map<ApiName, { readonly api: Attacked; readonly open: Open; readonly passed: Set<string> }>()
  const unheard: unknown[] = []
  const hear = (reason: unknown) => void unheard.push(reason)
  let output: ReturnType<typeof watchOutput>
  let network: ReturnType<typeof watchNetwork>

  async function open(): Promise<void> {
    output = watchOutput()
    network = watchNetwork()
    process.on('unhandledRejection', hear)
    const requests = Object.values(table)
      .flat()
      .filter((one): one is RequestCase => 'send' in one)
    const apis = requests.filter(stand.takes).flatMap(({ api, afterAt }) => [api, ...(afterAt ? [afterAt] : [])])
    for (const name of new Set<ApiName>(['usual', ...apis])) {
      const api = attacked(name, issuers(), clock)
      await api.clerk.warmUp()
      sides.set(name, { api, open: await stand.open(api.clerk), passed: new Set() })
    }
  }

  async function close(): Promise<void> {
    process.off('unhandledRejection', hear)
    output.stop()
    network.stop()
    for (const side of sides.values()) await side.open.close()
  }

  async function send(request: RequestCase): Promise<void> {
    const { after, afterAt = request.api, at } = request
    if (after !== undefined) await mustPass(afterAt, after)

    const { api, open: server, passed } = sides.get(request.api)!
    const told = api.events.length
    const asked = network.asked.length
    clock.now = NOW + at
    const answer = await server.ask(request)
    clock.now = NOW

    const events = api.events.slice(told)
    expectOutcome(stand, request, answer)
    expectTold(stand, request, events)
    expectNoPiece(stand, request, answer, [...events, output.text()])
    note(request, passed)
    const isOurs = (url: string) => url.startsWith(issuers().ours.url)
    expect(network.asked.slice(asked).filter((url) => !(request.mayAsk && isOurs(url)))).toEqual([])
  }

  /** Keeps count of the tokens that may be remembered: verified ones, whatever a guard said of them, until they expire. */
  function note({ send: sent, outcome }: RequestCase, passed: Set<string>): void {
    const token = 'token' in sent ? sent.token : session()
    const isVerified = 'sees' in outcome || ('code' in outcome && isGuards(outcome.code))
    if (isVerified) passed.add(token)
    if ('code' in outcome && outcome.code === 'token-expired') passed.delete(token)
  }

  async function mustPass(name: ApiName, token: string): Promise<void> {
    const { open: server, passed } = sides.get(name)!
    expect(await server.ask({ ...GOOD, api: name, send: { token } })).toMatchObject({ status: 200 })
    passed.add(token)
  }

  async function configure({ options, option }: ConfigurationCase): Promise<void> {
    const started = Promise.resolve().then(() => stand.configure!({ clerk: [{ frontendApiUrl: ISSUER, ...options }] }))
    await expect(started).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`"${option}"`) }),
    )
  }

  async function survives(): Promise<void> {
    await send(GOOD)
    for (let i = 0; i < 3; i++) await setImmediate()
    expect(unheard).toEqual([])
    expect(({} as { role?: unknown }).role).toBeUndefined()
    for (const [name, { api, passed }] of sides)
      expect({ name, remembered: api.clerk.stats().verified.entries }).toEqual({ name, remembered: passed.size })
  }

  return { open, close, send, configure, survives }
}
