import type { ClerkAuthOptions } from '@clerk-auth/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { opaque, RECORDS } from '../faulty-issuers/clerk-api.js'
import { json, startIssuer, stopIssuers } from '../faulty-issuers/issuer.js'
import { signer, type Signer } from '../faulty-issuers/signer.js'
import type { ApiSettings, Style } from './worker.js'
import { findWorkerd, startWorkerd, type Workerd } from './workerd.js'

// On Workers, I/O ends with the request that began it. These tests run a real workerd, and check what simultaneous
// requests share: the key set, the introspection of an opaque token, and a minted token. The deadlines of all calls are
// longer than those of the tests, so a test fails if a request waits for a call that was cancelled.

vi.setConfig({ testTimeout: 15_000, hookTimeout: 60_000 })

/** Milliseconds that the issuer and Clerk take to answer. */
const ANSWER_IN_MS = 150
const NEVER = 60_000
const OLDEST_DATE = '2024-01-01'

const workerd = findWorkerd()
const skipped = workerd ? '' : ` (skipped: workerd is not available for ${process.platform} ${process.arch})`

let server: Workerd

describe.skipIf(!workerd).each([OLDEST_DATE, workerd?.newestDate])(
  `workerd with compatibility date %s${skipped}`,
  (compatibilityDate) => {
    beforeAll(async () => {
      server = await startWorkerd(workerd!.path, compatibilityDate!)
    })
    afterAll(() => server.stop())
    afterEach(stopIssuers)

    describe.each<Style>(['hono', 'hono-bare', 'core'])('in the style %s', (style) => {
      it('answers simultaneous requests at a cold start with one fetch', async () => {
        const api = await startApi(style)
        expect(await api.ask(50)).toEqual(all(50, 200))
        expect(api.fetches()).toBe(1)
      })

      it('answers simultaneous requests with one fetch when the key set is no longer fresh', async () => {
        const api = await startApi(style, { freshInMs: 500 })
        await api.ask(1)
        await sleep(550)
        expect(await api.ask(50)).toEqual(all(50, 200))
        expect(api.fetches()).toBe(2)
      })

      it('answers requests when the key set is no longer fresh, after the request that began the refresh has ended', async () => {
        const api = await startApi(style, { freshInMs: 1000 })
        await api.ask(1)
        await sleep(950 - ANSWER_IN_MS)
        expect(await api.ask(1)).toEqual([200])
        await sleep(60)
        expect(await api.ask(50)).toEqual(all(50, 200))
      })

      it('answers simultaneous requests for a new key with one fetch', async () => {
        const api = await startApi(style)
        await api.ask(1)
        api.rotate()
        expect(await api.ask(10)).toEqual(all(10, 200))
        expect(api.fetches()).toBe(2)
      })

      it('answers requests with a new key after the request that began the refresh has ended', async () => {
        const api = await startApi(style, { freshInMs: 1000 })
        await api.ask(1)
        await sleep(950 - ANSWER_IN_MS)
        expect(await api.ask(1)).toEqual([200])
        api.rotate()
        expect(await api.ask(10)).toEqual(all(10, 200))
      })

      it('answers requests after the client whose request began the fetch has disconnected', async () => {
        const api = await startApi(style)
        await api.hangUp('/session')
        expect(await api.ask(20)).toEqual(all(20, 200))
      })

      it('answers simultaneous requests for one opaque token with one call', async () => {
        const api = await startApi(style)
        expect(await api.ask(20, '/machine')).toEqual(all(20, 200))
        expect(api.calls()).toBe(1)
      })

      it('answers requests with an opaque token after the client whose request began the call has disconnected', async () => {
        const api = await startApi(style)
        await api.hangUp('/machine')
        expect(await api.ask(20, '/machine')).toEqual(all(20, 200))
      })
    })

    // Retried, because on a busy machine the key set may no longer be fresh when the request arrives.
    it.each<Style>(['hono', 'core-warm'])(
      'refreshes in the background in the style %s',
      { retry: 3 },
      async (style) => {
        const api = await startApi(style, { freshInMs: 3000 })
        await api.ask(1)
        await sleep(2300)
        const hasRefreshed = async () => (await api.ask(1)) && api.fetches() === 2
        await vi.waitUntil(hasRefreshed, { interval: 20, timeout: 5000 })
        expect(api.answered()).toBe(1)
        await vi.waitUntil(() => api.answered() === 2)
        expect(await api.ask(50)).toEqual(all(50, 200))
        await sleep(700)
        expect(await api.ask(50)).toEqual(all(50, 200))
        expect(api.fetches()).toBe(2)
      },
    )

    it.each(['/session', '/machine'])('keeps the call of %s alive when a Hono request times out', async (path) => {
      const api = await startApi('hono')
      await api.giveUp(path)
      expect(await api.ask(20, path)).toEqual(all(20, 200))
      expect(api.fetches() + api.calls()).toBe(1)
    })

    it.each(['/session', '/machine', '/mint'])(
      'answers %s after the request that began the call timed out',
      async (path) => {
        const api = await startApi('core')
        await api.giveUp(path)
        expect(await api.ask(20, path)).toEqual(all(20, 200))
      },
    )
  },
)

interface WorkerApi {
  /** Sends simultaneous requests, and returns their statuses. */
  readonly ask: (count: number, path?: string) => Promise<readonly number[]>
  /** Sends a request that causes a call, and closes the connection before the call is answered. */
  readonly hangUp: (path: string) => Promise<void>
  /** Sends a request that causes a call, and whose handler responds before the call is answered. */
  readonly giveUp: (path: string) => Promise<void>
  /** Makes the issuer publish another key, and sign tokens with it. */
  readonly rotate: () => void
  /** How often the key set was fetched. */
  readonly fetches: () => number
  /** How many of these calls were answered. */
  readonly answered: () => number
  /** How often Clerk was called for opaque tokens. */
  readonly calls: () => number
}

let tests = 0

async function startApi(style: Style, keys: ClerkAuthOptions['keys'] = {}): Promise<WorkerApi> {
  let key = signer('first')
  let answered = 0
  const issuer = await startIssuer({
    good: (path) => JSON.stringify(answerTo(path, key)),
    healthy: ({ response, good }) => {
      setTimeout(() => {
        answered++
        json(response, 200, good)
      }, ANSWER_IN_MS)
    },
  })
  const settings: ApiSettings = {
    test: ++tests,
    style,
    options: {
      frontendApiUrl: issuer.url,
      apiUrl: issuer.url,
      machineSecretKey: 'ak_secret',
      keys: { timeoutInMs: NEVER, ...keys },
      remote: { timeoutInMs: NEVER },
    },
  }
  const send = async (path: string, headers: Record<string, string> = {}, signal: AbortSignal | null = null) => {
    const iat = Math.floor(Date.now() / 1000)
    const session = key.token({ iss: issuer.url, iat, nbf: iat, exp: iat + 60 })
    const token = path === '/machine' ? opaque('m2m_token', 'known') : session
    const all = { Authorization: `Bearer ${token}`, 'X-Api': JSON.stringify(settings), ...headers }
    const response = await fetch(server.url + path, { headers: all, signal })
    await response.text()
    return response.status
  }
  const untilAsked = () => vi.waitUntil(() => issuer.asked.length > 0, { interval: 5 })
  const asked = (path: string) => issuer.asked.filter((exchange) => exchange.path.startsWith(path)).length
  return {
    ask: (count, path = '/session') => Promise.all(Array.from({ length: count }, () => send(path))),
    hangUp: async (path) => {
      const client = new AbortController()
      const sent = send(path, {}, client.signal)
      await untilAsked()
      client.abort()
      await expect(sent).rejects.toThrow('aborted')
    },
    giveUp: async (path) => {
      const sent = send(path, { 'X-Timeout-In-Ms': String(ANSWER_IN_MS / 2) })
      await untilAsked()
      expect(await sent).toBe(504)
    },
    rotate: () => (key = signer('second')),
    fetches: () => asked('/.well-known/jwks.json'),
    answered: () => answered,
    calls: () => asked('/m2m_tokens/verify'),
  }
}

function answerTo(path: string, { jwk }: Signer): object {
  if (path === '/m2m_tokens/verify') return RECORDS.m2m_token
  return path === '/m2m_tokens' ? { token: 'mt_minted' } : { keys: [jwk] }
}

function all(count: number, status: number): readonly number[] {
  return Array.from({ length: count }, () => status)
}
