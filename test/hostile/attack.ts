import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTarget, movableClock, type ApiName, type Target } from './apis.js'
import { asCase, type Case, type ConfigurationCase, type RequestCase } from './case.js'
import { startIssuers, type Issuers } from './issuer.js'
import { expectNoLeak, expectOutcome, expectEvent } from './expectations.js'
import { watchNetwork } from './network.js'
import { watchOutput } from './output.js'
import { isGuardRefusal } from './refusal.js'
import { entryPoints as allEntryPoints, type Open, type EntryPoint } from './entry-points.js'
import { ISSUER, NOW, session, USER } from './token.js'

type Cases = Readonly<Record<string, readonly Case[]>>

/** Sends each case to each entry point and checks the result. Servers start once. */
export function attack(table: Cases, entryPoints: readonly EntryPoint[] = allEntryPoints): void {
  let issuers: Issuers
  beforeAll(async () => {
    issuers = await startIssuers()
  })
  afterAll(() => Promise.all([issuers.ours.close(), issuers.other.close()]))

  describe.each(entryPoints)('$name', (entryPoint) => {
    const target = attackTarget(entryPoint, table, () => issuers)
    beforeAll(target.open)
    afterAll(target.close)

    const isPossible = (one: Case) => ('send' in one ? entryPoint.takes(one) : entryPoint.configure !== undefined)
    const possible = Object.entries(table).filter(([, cases]) => cases.some(isPossible))

    describe.each(possible)('%s', (_what, cases) => {
      it.each(cases.filter(isPossible).map((one) => [titleOf(one), one] as const))('%s', async (_title, one) => {
        expect(await ('send' in one ? target.send(one) : target.configure(one))).toBeUndefined()
      })
    })

    it('keeps working after all cases, and has cached none of the refused tokens', async () => {
      expect(await target.expectIntact()).toBeUndefined()
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

function attackTarget(entryPoint: EntryPoint, table: Cases, issuers: () => Issuers) {
  const clock = movableClock()
  const servers = new Map<ApiName, { readonly api: Target; readonly open: Open; readonly passed: Set<string> }>()
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)
  let output: ReturnType<typeof watchOutput>
  let network: ReturnType<typeof watchNetwork>

  async function open(): Promise<void> {
    output = watchOutput()
    network = watchNetwork()
    process.on('unhandledRejection', onUnhandled)
    const requests = Object.values(table)
      .flat()
      .filter((one): one is RequestCase => 'send' in one)
    const apis = requests.filter(entryPoint.takes).flatMap(({ api, afterAt }) => [api, ...(afterAt ? [afterAt] : [])])
    for (const name of new Set<ApiName>(['default', ...apis])) {
      const api = createTarget(name, issuers(), clock)
      await api.clerk.warmUp()
      servers.set(name, { api, open: await entryPoint.open(api.clerk), passed: new Set() })
    }
  }

  async function close(): Promise<void> {
    process.off('unhandledRejection', onUnhandled)
    output.stop()
    network.stop()
    for (const server of servers.values()) await server.open.close()
  }

  async function send(request: RequestCase): Promise<void> {
    const { after, afterAt = request.api, at } = request
    if (after !== undefined) await mustPass(afterAt, after)

    const { api, open: server, passed } = servers.get(request.api)!
    const eventsBefore = api.events.length
    const requestsBefore = network.requests.length
    clock.now = NOW + at
    const answer = await server.ask(request)
    clock.now = NOW

    const events = api.events.slice(eventsBefore)
    expectOutcome(entryPoint, request, answer)
    expectEvent(entryPoint, request, events)
    expectNoLeak(entryPoint, request, answer, [...events, output.text()])
    trackCacheable(request, passed)
    const isOurs = (url: string) => url.startsWith(issuers().ours.url)
    expect(network.requests.slice(requestsBefore).filter((url) => !(request.mayAsk && isOurs(url)))).toEqual([])
  }

  /** Tracks which tokens may be cached: all that passed verification, even if a guard refused them, until they expire. */
  function trackCacheable({ send: sent, outcome }: RequestCase, passed: Set<string>): void {
    const token = 'token' in sent ? sent.token : session()
    const isVerified = 'sees' in outcome || ('code' in outcome && isGuardRefusal(outcome.code))
    if (isVerified) passed.add(token)
    if ('code' in outcome && outcome.code === 'token-expired') passed.delete(token)
  }

  async function mustPass(name: ApiName, token: string): Promise<void> {
    const { open: server, passed } = servers.get(name)!
    expect(await server.ask({ ...GOOD, api: name, send: { token } })).toMatchObject({ status: 200 })
    passed.add(token)
  }

  async function configure({ options, option }: ConfigurationCase): Promise<void> {
    const started = Promise.resolve().then(() =>
      entryPoint.configure!({ clerk: [{ frontendApiUrl: ISSUER, ...options }] }),
    )
    await expect(started).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`"${option}"`) }),
    )
  }

  async function expectIntact(): Promise<void> {
    await send(GOOD)
    for (let i = 0; i < 3; i++) await setImmediate()
    expect(unhandled).toEqual([])
    expect(({} as { role?: unknown }).role).toBeUndefined()
    for (const [name, { api, passed }] of servers)
      expect({ name, cached: api.clerk.stats().verified.entries }).toEqual({ name, cached: passed.size })
  }

  return { open, close, send, configure, expectIntact }
}
