import { createServer } from 'node:http'
import { inspect } from 'node:util'
import { createMachineClient, type MachineClientOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listen, type Served } from './contract/targets.js'

let local: LocalClerk
let service: Served
/** The requests that the called service received, and its next responses. */
let seen: { authorization: string | undefined; body: string }[] = []
let answers: { status: number; code?: string; location?: string }[] = []

beforeAll(async () => {
  local = await startLocalClerk()
  service = await listen(
    createServer((req, res) => {
      let body = ''
      req.on('data', (chunk) => (body += String(chunk)))
      req.on('end', () => {
        seen.push({ authorization: req.headers.authorization, body })
        const { status, code, location } = answers.shift() ?? { status: 200 }
        res.writeHead(status, { 'Content-Type': 'application/problem+json', ...(location && { Location: location }) })
        res.end(JSON.stringify({ code }))
      })
    }),
  )
})
afterAll(() => Promise.all([local.close(), service.close()]))
afterEach(() => {
  local.reset()
  seen = []
  answers = []
})

function client(options: Partial<MachineClientOptions> = {}) {
  return createMachineClient({
    machineSecretKey: local.machines.worker.secretKey,
    origins: [service.url],
    apiUrl: local.url,
    now: () => local.clock.now(),
    ...options,
  })
}

const mints = () => local.calls('createM2MToken')

describe('getToken', () => {
  it('mints once for concurrent callers, and reuses the token', async () => {
    const { getToken } = client()
    const tokens = await Promise.all(Array.from({ length: 20 }, getToken))
    expect(new Set([...tokens, await getToken()]).size).toBe(1)
    expect(mints()).toBe(1)
  })

  it('mints a new token in the last minute, without making callers wait', async () => {
    const { getToken } = client({ ttlInSeconds: 900 })
    const first = await getToken()
    local.clock.advance(839_000)
    expect(await getToken()).toBe(first)
    local.clock.advance(2000)
    expect(await getToken()).toBe(first)
    await expect.poll(getToken).not.toBe(first)
    expect(mints()).toBe(2)
  })

  it('does not ask again for a second after a failure', async () => {
    local.fault('createM2MToken', { status: 500 })
    const { getToken } = client()
    for (let i = 0; i < 20; i++) await expect(getToken()).rejects.toMatchObject({ code: 'machine-token-unavailable' })
    expect(mints()).toBe(1)
    local.fault('createM2MToken')
    local.clock.advance(1001)
    expect(await getToken()).toMatch(/^ey/)
  })

  it('does not send an invalid secret, nor include it in the error', async () => {
    const machineSecretKey = () => 'ak_TOP_SECRET\n#comment'
    const error = await client({ machineSecretKey })
      .getToken()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'machine-secret-refused' })
    expect(inspect(error, { depth: 9 })).not.toContain('TOP_SECRET')
    expect(mints()).toBe(0)
  })

  it.each([
    ['jwt', /^ey/],
    ['opaque', /^mt_/],
  ] as const)('returns tokens in the configured format: %s', async (format, form) => {
    expect(await client({ format }).getToken()).toMatch(form)
  })

  it('reads a rotated secret again, once', async () => {
    const secrets = ['ak_rotated_away', local.machines.worker.secretKey]
    expect(await client({ machineSecretKey: () => secrets.shift() ?? '' }).getToken()).toMatch(/^ey/)
    expect(mints()).toBe(2)
  })

  it('reports that Clerk refused the secret, and stops asking', async () => {
    const refused = {
      code: 'machine-secret-refused',
      message: 'Clerk refused the machine secret key: copy it again from the page of the machine in the dashboard',
    }
    await expect(client({ machineSecretKey: 'ak_wrong' }).getToken()).rejects.toMatchObject(refused)
    expect(mints()).toBe(1)
    await expect(client({ machineSecretKey: async () => 'ak_wrong' }).getToken()).rejects.toMatchObject(refused)
    expect(mints()).toBe(3)
  })

  it('reports that the secret is empty, without asking Clerk', async () => {
    await expect(client({ machineSecretKey: () => '' }).getToken()).rejects.toMatchObject({
      code: 'machine-secret-refused',
      message: 'the machine secret key is empty: is CLERK_MACHINE_SECRET_KEY set?',
    })
    expect(mints()).toBe(0)
  })

  it('keeps using a valid token while Clerk is down', async () => {
    const { getToken } = client({ ttlInSeconds: 900 })
    const first = await getToken()
    local.fault('createM2MToken', { status: 503 })
    local.clock.advance(880_000)
    expect(await getToken()).toBe(first)
    local.clock.advance(30_000)
    await expect(getToken()).rejects.toMatchObject({ code: 'machine-token-unavailable' })
  })

  it.each([
    ['answers without a token', { status: 200, body: {} }],
    ['answers garbage', { status: 201, body: '<html>' }],
    ['limits the rate', { status: 429 }],
  ])('fails when Clerk %s', async (_what, fault) => {
    local.fault('createM2MToken', fault)
    await expect(client().getToken()).rejects.toMatchObject({ code: 'machine-token-unavailable' })
  })
})

describe('fetch', () => {
  it('sends the token, and keeps the given headers', async () => {
    const { fetch, getToken } = client()
    const response = await fetch(`${service.url}/invoices`, { method: 'POST', body: 'hello' })
    expect(response.status).toBe(200)
    expect(seen).toEqual([{ authorization: `Bearer ${await getToken()}`, body: 'hello' }])
  })

  it('does not send the token to another origin', async () => {
    const { fetch } = client()
    const elsewhere = ['http://127.0.0.1:1/', 'https://evil.example/', `${service.url.replace('http', 'https')}/`]
    for (const url of [...elsewhere, `http://${new URL(service.url).host}@evil.example/`])
      await expect(fetch(url)).rejects.toThrow(
        new TypeError('this origin is not in the "origins" of the machine client'),
      )
    expect(seen).toEqual([])
    expect(mints()).toBe(0)
  })

  it('does not follow redirects, even if asked to', async () => {
    answers = [{ status: 302, location: `${local.url}/` }]
    const response = await client().fetch(service.url, { redirect: 'follow' })
    expect(response.status).toBe(302)
    expect(seen).toHaveLength(1)
  })

  it.each(['token-expired', 'token-revoked'])('retries once with a new token after 401 %s', async (code) => {
    answers = [{ status: 401, code }]
    const response = await client().fetch(service.url, { method: 'POST', body: 'hello' })
    expect(response.status).toBe(200)
    expect(seen.map(({ body }) => body)).toEqual(['hello', 'hello'])
    expect(new Set(seen.map(({ authorization }) => authorization)).size).toBe(2)
    expect(mints()).toBe(2)
  })

  it('does not mint for every refusal of a service that refuses all tokens', async () => {
    const { fetch } = client()
    answers = Array.from({ length: 10 }, () => ({ status: 401, code: 'token-expired' }))
    for (let i = 0; i < 5; i++) expect((await fetch(service.url)).status).toBe(401)
    expect(mints()).toBe(2)
    expect(seen).toHaveLength(6)
  })

  it('returns the refusal, and keeps the token, if no other is available', async () => {
    const { fetch, getToken } = client()
    const token = await getToken()
    local.fault('createM2MToken', { status: 500 })
    answers = [{ status: 401, code: 'token-revoked' }]
    expect((await fetch(service.url)).status).toBe(401)
    expect(await getToken()).toBe(token)
  })

  it('does not try a third time', async () => {
    answers = [
      { status: 401, code: 'token-expired' },
      { status: 401, code: 'token-expired' },
    ]
    expect((await client().fetch(service.url)).status).toBe(401)
    expect(seen).toHaveLength(2)
  })

  it.each([
    { status: 401, code: 'token-not-found' },
    { status: 403, code: 'machine-not-allowed' },
    { status: 503, code: 'verification-unavailable' },
  ])('returns every other response: $status $code', async (answer) => {
    answers = [answer]
    expect((await client().fetch(service.url)).status).toBe(answer.status)
    expect(seen).toHaveLength(1)
  })

  it('does not send a stream twice', async () => {
    answers = [{ status: 401, code: 'token-expired' }]
    const init = Object.assign({ method: 'POST', body: new Blob(['hello']).stream() }, { duplex: 'half' })
    const response = await client().fetch(service.url, init)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ code: 'token-expired' })
    expect(seen).toHaveLength(1)
  })
})

describe('createMachineClient', () => {
  it.each<[options: object, message: RegExp]>([
    [{ machineSecretKey: 'sk_test_x' }, /"machineSecretKey"/],
    [{ machineSecretKey: undefined }, /"machineSecretKey" is missing/],
    [{ origins: [] }, /"origins"/],
    [{ origins: ['api.internal'] }, /"origins"/],
    [{ origins: ['https://api.internal/path'] }, /"origins"/],
    [{ origins: ['ftp://api.internal'] }, /"origins"/],
    [{ origins: ['http://api.internal:8080'] }, /add "api\.internal" to the option "allowHttp"/],
    [{ origins: ['http://api.internal'], allowHttp: ['internal'] }, /"allowHttp"/],
    [{ allowHttp: 'api.internal' }, /"allowHttp" must be a list of hosts/],
    [{ allowHttp: ['api.internal:8080'] }, /"allowHttp" must be a list of hosts/],
    [{ allowHttp: ['http://api.internal'] }, /"allowHttp" must be a list of hosts/],
    [{ format: 'JWT' }, /"format"/],
    [{ ttlInSeconds: 0 }, /"ttlInSeconds"/],
    [{ apiUrl: 'http://clerk.example.com' }, /"apiUrl"/],
    [{ orgins: [] }, /did you mean "origins"/],
  ])('refuses %j at start', (options, message) => {
    const create = () => client(options)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('calls a host over http: if it is loopback or named in "allowHttp"', async () => {
    const origins = ['http://api.internal:8080', 'http://[::1]:3000', 'http://localhost', 'http://127.0.0.1:1']
    const called: string[] = []
    const fetch = (url: string, init: RequestInit) => {
      called.push(url)
      return globalThis.fetch(url.startsWith(local.url) ? url : service.url, init)
    }
    const machine = client({ origins, allowHttp: ['api.internal'], fetch })
    for (const origin of origins) expect((await machine.fetch(`${origin}/reindex`)).status).toBe(200)
    expect(called.slice(1)).toEqual(origins.map((origin) => `${new URL(origin).origin}/reindex`))
  })

  it('reads CLERK_API_URL from the given environment', async () => {
    const options = { machineSecretKey: local.machines.worker.secretKey, origins: [service.url] }
    expect(await createMachineClient(options, { CLERK_API_URL: local.url }).getToken()).toMatch(/^ey/)
    expect(mints()).toBe(1)
  })

  it('does not touch `fetch` on import, which would make Node load it', async () => {
    const read: string[] = []
    for (const name of ['Blob', 'FormData', 'Headers', 'Request', 'Response', 'fetch'] as const) {
      const { [name]: value } = globalThis
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          read.push(name)
          return value
        },
      })
      onTestFinished(() => void Object.defineProperty(globalThis, name, { configurable: true, writable: true, value }))
    }
    vi.resetModules()
    const { createMachineClient: imported } = await import('../packages/core/src/machine-client/machine-client.js')
    expect(imported).not.toBe(createMachineClient)
    expect(read).toEqual([])
  })
})
