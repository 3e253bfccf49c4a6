import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startRedis } from './fleet/redis-server.js'

// The examples import the built packages, as a user would: `npm test` builds them first.
const examples = resolve(import.meta.dirname, '../examples')

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())
afterEach(() => local.reset())

async function start(file: string, more: Record<string, string> = {}) {
  const port = await freePort()
  const env = { ...process.env, ...local.env, ...more, PORT: String(port) }
  const child = spawn(process.execPath, [join(examples, file)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  await once(child.stdout, 'data')
  const end = async () => {
    child.kill()
    await once(child, 'exit')
  }
  return { url: `http://localhost:${port}`, port, end, output: () => output }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

it.each(['express.js', 'fastify.js', 'hono.js'])('%s accepts authorized callers and names them', async (file) => {
  const { url, end } = await start(file)
  const [alice, carol] = await Promise.all([
    local.sessionToken({ user: 'alice' }),
    local.sessionToken({ user: 'carol' }),
  ])
  const json = async (path: string, token?: string): Promise<unknown> =>
    (await fetch(url + path, token === undefined ? {} : bearer(token))).json()

  expect(await json('/')).toEqual({ caller: 'anonymous' })
  expect(await json('/me', alice)).toEqual({ userId: local.people.alice.id })
  expect(await json('/admin', alice)).toEqual({ organization: 'acme' })
  expect(await json(`/orgs/${local.organizations.acme.id}/invoices`, alice)).toEqual([])
  expect(await json(`/orgs/${local.organizations.acme.id}/invoices`, carol)).toMatchObject({ code: 'org-mismatch' })
  const preflight = await fetch(`${url}/me`, {
    method: 'OPTIONS',
    headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' },
  })
  expect(preflight.status).toBe(204)
  await end()
})

describe('node-http.js', () => {
  it('guards requests with core alone', async () => {
    const { url, end } = await start('node-http.js')
    expect(await (await fetch(url, bearer(await local.sessionToken()))).text()).toBe(
      `hello, ${local.people.alice.id}\n`,
    )
    expect((await fetch(url, bearer(await local.sessionToken({ user: 'bob' })))).status).toBe(403)
    expect((await fetch(url)).status).toBe(401)
    await end()
  })

  it('guards upgrades to WebSocket', async () => {
    const { port, end } = await start('node-http.js')
    const statusOf = (headers: object) =>
      new Promise<number | undefined>((done, fail) => {
        const request = httpRequest({ port, headers: { Connection: 'Upgrade', Upgrade: 'websocket', ...headers } })
        request.on('upgrade', (response, socket) => done((socket.destroy(), response.statusCode)))
        request.on('response', (response) => done((response.resume(), response.statusCode)))
        request.on('error', fail).end()
      })
    expect(await statusOf(bearer(await local.sessionToken()).headers)).toBe(101)
    expect(await statusOf({})).toBe(401)

    const socket = connect(port)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(socket, 'connect')
    socket.resetAndDestroy()
    expect(await statusOf({})).toBe(401) // a client that hangs up does not end the process
    await end()
  })
})

describe('prometheus.js', () => {
  it('serves what it decided, its calls to Clerk, the age of the keys and the state of the shared store', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const METRICS_PORT = String(await freePort())
    const shared = { REDIS_URL: redis.url, CLERK_AUTH_SHARED_SECRET: 'test '.repeat(8) }
    const { url, end } = await start('prometheus.js', { METRICS_PORT, ...shared })
    onTestFinished(end)
    const scrape = async () => samplesIn(await (await fetch(`http://localhost:${METRICS_PORT}/metrics`)).text())

    const session = await local.sessionToken()
    const key = await local.apiKey()
    for (let i = 0; i < 4; i++) await fetch(`${url}/me`, bearer(session))
    await fetch(`${url}/orgs/org_secret?token=secret`, bearer(session))
    await fetch(`${url}/me`, bearer(await local.sessionToken({ ttlInSeconds: -60 })))
    await fetch(`${url}/me`)
    for (let i = 0; i < 2; i++) await fetch(`${url}/reports`, bearer(key))

    const samples = await scrape()
    const values = (name: string, labels = '') =>
      samples.filter((sample) => sample.name === name && sample.labels.includes(labels)).map(({ value }) => value)
    const authentications = 'clerk_auth_authentications_total'
    expect(values(authentications, 'clerk_auth_token_type="session_token",clerk_auth_cached="false"')).toEqual([1])
    expect(values(authentications, 'clerk_auth_token_type="session_token",clerk_auth_cached="true"')).toEqual([4])
    expect(values(authentications, 'error_type="token-expired"')).toEqual([1])
    const authorizations = 'clerk_auth_authorizations_total'
    expect(values(authorizations, 'http_route="/me"').toSorted((a, b) => a - b)).toEqual([1, 1, 4])
    expect(
      values(authorizations, 'error_type="org-mismatch",http_request_method="GET",http_route="/orgs/:orgId"'),
    ).toEqual([1])
    expect(values('clerk_auth_introspection_duration_count', 'outcome="accepted"')).toEqual([1])
    expect(values('clerk_auth_introspection_billed_total', 'api_key')).toEqual([1])
    expect(values('clerk_auth_keys_fetch_duration_count')).toEqual([1])
    expect(values('clerk_auth_keys_age')[0]).toBeLessThan(60)
    expect(values('clerk_auth_shared_store_connected')).toEqual([1])
    expect(JSON.stringify(samples)).not.toMatch(/secret|user_|sess_|org_s/)

    await redis.kill()
    const connected = async () => (await scrape()).find(({ name }) => name === 'clerk_auth_shared_store_connected')
    await expect.poll(async () => (await connected())?.value, { timeout: 5000 }).toBe(0)
  })
})

/** The samples of a scrape in the text format of Prometheus. */
function samplesIn(text: string): { name: string; labels: string; value: number }[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)/gm)].map(([, name = '', labels = '', value]) => {
    return { name, labels, value: Number(value) }
  })
}

describe.each(['fastify-logging.js', 'pino-logging.js'])('%s', (file) => {
  const LEVELS: Record<number, string> = { 30: 'info', 40: 'warn', 50: 'error' }

  it('logs outages as errors, their causes as warnings, refusals as information, and nothing of what is normal', async () => {
    const recover = local.fault('GetJWKS', { status: 500 })
    const { url, end, output } = await start(file)
    onTestFinished(end)
    const ask = async (user: 'alice' | 'bob') =>
      (await fetch(`${url}/orgs/secret?token=secret`, bearer(await local.sessionToken({ user })))).status
    expect(await ask('alice')).toBe(503)
    recover()
    await expect.poll(() => ask('alice'), { timeout: 5000, interval: 200 }).toBe(200)
    expect(await ask('bob')).toBe(403)

    type Line = { level: number; event?: { type: string; code?: string } }
    const lines = () =>
      output()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    const logged = () =>
      lines().flatMap(({ level, event }) => (event ? [[LEVELS[level], event.type, event.code].join(' ').trim()] : []))
    await expect.poll(logged).toContain('info requirement-refused role-missing')
    expect([...new Set(logged())]).toEqual([
      'warn keys-failed',
      'error credential-refused keys-unavailable',
      'error requirement-refused keys-unavailable',
      'info requirement-refused role-missing',
    ])
    const ofEvents = lines().filter(({ event }) => event)
    expect(JSON.stringify(ofEvents)).not.toMatch(/secret|user_|sess_/)
  })
})

it('demo.js shows who may call what, and exits with 0', async () => {
  const child = spawn(process.execPath, [join(examples, 'demo.js'), '--once'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const [code] = (await once(child, 'exit')) as [number]
  expect(output).toMatch(/bob, member of acme +GET \/admin +403 role-missing +403 role-missing +403 role-missing/)
  expect(code).toBe(0)
})
