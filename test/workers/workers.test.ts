import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import { Webhook } from 'standardwebhooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { opaque, RECORDS } from '../faulty-issuers/clerk-api.js'
import { json, startIssuer, stopIssuers } from '../faulty-issuers/issuer.js'
import { signer, type Alg, type Signer } from '../faulty-issuers/signer.js'
import type { ApiSettings, Style } from './worker.js'
import { findWorkerd, startWorkerd, type Workerd } from './workerd.js'

// On Workers, I/O ends with the request that began it. These tests run a real workerd, and check what simultaneous
// requests share: the key set, the introspection of an opaque token, and a minted token. The deadlines of all calls are
// longer than those of the tests, so a test fails if a request waits for a call that was cancelled.

vi.setConfig({ testTimeout: 15_000, hookTimeout: 60_000 })

/** Milliseconds that the issuer and Clerk take to answer. */
const ANSWER_IN_MS = 150
const NEVER = 60_000
const OLDER_DATE = '2024-01-01'
/** Before it, `URL.canParse` is missing. */
const MINIMUM_DATE = '2022-10-31'

const workerd = findWorkerd()
const skipped = workerd ? '' : ` (skipped: workerd is not available for ${process.platform} ${process.arch})`

let server: Workerd

describe.skipIf(!workerd).each([OLDER_DATE, workerd?.newestDate])(
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

      it('answers simultaneous requests with more opaque tokens than slots', async () => {
        const api = await startApi(style, {}, { maxInFlight: 2 })
        const names = Array.from({ length: 8 }, (_, i) => `${i}`)
        const statuses = await Promise.all(names.map((name) => api.ask(1, '/machine', { name })))
        expect(statuses.flat()).toEqual(all(8, 200))
        expect(api.calls()).toBe(8)
      })
    })

    it.each<Style>(['hono-bare', 'core'])(
      'answers requests with other opaque tokens after the requests that took all slots have ended in the style %s',
      async (style) => {
        const api = await startApi(style, {}, { maxInFlight: 2 })
        await api.giveUp('/machine', ['first', 'second'])
        expect(await api.ask(4, '/machine')).toEqual(all(4, 200))
      },
    )

    it('asks about a session again after the client whose request began the call has disconnected', async () => {
      const api = await startApi('hono-bare')
      await api.ask(1)
      await api.hangUp('/fresh')
      expect(await api.ask(10, '/fresh')).toEqual(all(10, 200))
    })

    it.each<Style>(['hono', 'core'])('reads all settings from the bindings in the style %s', async (style) => {
      const api = await startApi(style, {}, {}, 'bindings')
      expect(await api.ask(5)).toEqual(all(5, 200))
      expect(await api.ask(5, '/machine')).toEqual(all(5, 200))
    })

    it('mints a token at the API that the bindings name', async () => {
      const api = await startApi('core', {}, {}, 'bindings')
      expect(await api.ask(5, '/mint')).toEqual(all(5, 200))
    })

    it('refuses to start with a shared store, which needs connections that outlive a request', async () => {
      const api = await startApi('core')
      expect(await api.read('/shared')).toMatch(/^TypeError: option "shared" needs a long-running process/)
    })

    it('refuses a session once a webhook has reported that it was revoked', async () => {
      const api = await startApi('hono')
      expect(await api.ask(1)).toEqual([200])
      expect(await api.sendWebhook({ type: 'session.revoked', data: { id: 'sess_1' } })).toBe(204)
      expect(await api.ask(5)).toEqual(all(5, 401))
    })

    it.each<[Alg, () => { readonly publicKey: KeyObject; readonly privateKey: KeyObject }]>([
      ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
      ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
      ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
      ['EdDSA', () => generateKeyPairSync('ed25519')],
    ])('verifies with a jwtKey for %s without fetching keys, and logs no internal error', async (alg, newPair) => {
      const pair = newPair()
      const api = await startApi('core', {}, {}, 'options', {
        key: signer('own', pair, alg),
        pem: pemOf(pair.publicKey),
      })
      expect(await api.ask(5)).toEqual(all(5, 200))
      expect(api.fetches()).toBe(0)
      expect(server.errors()).not.toMatch(/error/i)
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

describe.skipIf(!workerd)(`workerd with the minimum compatibility date${skipped}`, () => {
  beforeAll(async () => {
    server = await startWorkerd(workerd!.path, MINIMUM_DATE)
  })
  afterAll(() => server.stop())
  afterEach(stopIssuers)

  it.each<Style>(['hono', 'hono-bare', 'core'])('verifies each form of token in the style %s', async (style) => {
    const api = await startApi(style)
    expect(await api.ask(20)).toEqual(all(20, 200))
    expect(await api.ask(20, '/machine')).toEqual(all(20, 200))
    expect([api.fetches(), api.calls()]).toEqual([1, 1])
  })

  it('answers requests after the request that began the call has ended', async () => {
    const api = await startApi('core')
    await api.giveUp('/machine')
    expect(await api.ask(20, '/machine')).toEqual(all(20, 200))
  })
})

interface WorkerApi {
  /** Sends simultaneous requests, and returns their statuses. */
  readonly ask: (count: number, path?: string, token?: { readonly name: string }) => Promise<readonly number[]>
  /** Sends a request, and returns the body of the response. */
  readonly read: (path: string) => Promise<string>
  /** Sends a request that causes a call, and closes the connection before the call is answered. */
  readonly hangUp: (path: string) => Promise<void>
  /** Sends a signed event, and returns the status. */
  readonly sendWebhook: (event: object) => Promise<number>
  /** Sends a request for each token that causes a call, and whose handler responds before the call is answered. */
  readonly giveUp: (path: string, names?: readonly string[]) => Promise<void>
  /** Makes the issuer publish another key, and sign tokens with it. */
  readonly rotate: () => void
  /** How often the key set was fetched. */
  readonly fetches: () => number
  /** How many of these calls were answered. */
  readonly answered: () => number
  /** How often Clerk was called for opaque tokens. */
  readonly calls: () => number
}

interface SendOptions {
  /** Of the opaque token. */
  readonly name?: string
  /** After which the handler responds with 504; 0 for never. */
  readonly timeoutInMs?: number
  readonly signal?: AbortSignal
}

let tests = 0

const SIGNING_SECRET = `whsec_${randomBytes(24).toString('base64')}`

async function startApi(
  style: Style,
  keys: ClerkAuthOptions['keys'] = {},
  remote: ClerkAuthOptions['remote'] = {},
  settingsIn: 'options' | 'bindings' = 'options',
  jwtKey?: { readonly key: Signer; readonly pem: string },
): Promise<WorkerApi> {
  let key = jwtKey?.key ?? signer('first')
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
      ...(settingsIn === 'options' && {
        frontendApiUrl: issuer.url,
        apiUrl: issuer.url,
        machineSecretKey: 'ak_secret',
        secretKey: 'sk_test_secret',
      }),
      ...(jwtKey && { jwtKey: jwtKey.pem }),
      keys: { timeoutInMs: NEVER, ...keys },
      remote: { timeoutInMs: NEVER, ...remote },
    },
    environment: {
      CLERK_API_URL: issuer.url,
      ...(settingsIn === 'bindings'
        ? { CLERK_FAPI: issuer.url, CLERK_MACHINE_SECRET_KEY: 'ak_secret' }
        : { CLERK_WEBHOOK_SIGNING_SECRET: SIGNING_SECRET }),
    },
  }
  const send = async (path: string, { name = 'known', timeoutInMs = 0, signal }: SendOptions = {}) => {
    const iat = Math.floor(Date.now() / 1000)
    const session = key.token({ iss: issuer.url, iat, nbf: iat, exp: iat + 60 })
    const token = path === '/machine' ? opaque('m2m_token', name) : session
    const all = {
      Authorization: `Bearer ${token}`,
      'X-Api': JSON.stringify(settings),
      'X-Timeout-In-Ms': `${timeoutInMs}`,
    }
    const response = await fetch(server.url + path, { headers: all, signal: signal ?? null })
    return { status: response.status, text: await response.text() }
  }
  const untilAsked = (count: number) => vi.waitUntil(() => issuer.asked.length >= count, { interval: 5 })
  const asked = (path: string) => issuer.asked.filter((exchange) => exchange.path.startsWith(path)).length
  return {
    ask: (count, path = '/session', { name } = { name: 'known' }) =>
      Promise.all(Array.from({ length: count }, async () => (await send(path, { name })).status)),
    read: async (path) => (await send(path)).text,
    hangUp: async (path) => {
      const client = new AbortController()
      const before = issuer.asked.length
      const sent = send(path, { signal: client.signal })
      await untilAsked(before + 1)
      client.abort()
      await expect(sent).rejects.toThrow('aborted')
    },
    sendWebhook: async (event) => {
      const sentAt = new Date()
      const body = JSON.stringify({ object: 'event', timestamp: sentAt.getTime(), ...event })
      const headers = {
        'X-Api': JSON.stringify(settings),
        'Svix-Id': 'msg_1',
        'Svix-Timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'Svix-Signature': new Webhook(SIGNING_SECRET).sign('msg_1', sentAt, body),
      }
      return (await fetch(`${server.url}/webhooks/clerk`, { method: 'POST', headers, body })).status
    },
    giveUp: async (path, names = ['known']) => {
      const sent = names.map((name) => send(path, { name, timeoutInMs: ANSWER_IN_MS / 2 }))
      await untilAsked(names.length)
      expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(all(names.length, 504))
    },
    rotate: () => (key = signer('second')),
    fetches: () => asked('/.well-known/jwks.json'),
    answered: () => answered,
    calls: () => asked('/m2m_tokens/verify'),
  }
}

function answerTo(path: string, { jwk }: Signer): object {
  if (path === '/m2m_tokens/verify') return RECORDS.m2m_token
  if (path.startsWith('/v1/sessions/')) return { id: 'sess_1', user_id: 'user_alice', status: 'active' }
  return path === '/m2m_tokens' ? { token: 'mt_minted' } : { keys: [jwk] }
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }) as string
}

function all(count: number, status: number): readonly number[] {
  return Array.from({ length: count }, () => status)
}
