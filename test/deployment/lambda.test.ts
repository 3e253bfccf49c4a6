import { authorization, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startApiGateway, type Kind } from './api-gateway.js'
import { startFunction, type LambdaFunction } from './lambda.js'
import { copyOfExample } from './project.js'

vi.setConfig({ hookTimeout: 60_000 })

const page = readFileSync(resolve(import.meta.dirname, '../../docs/lambda.md'), 'utf8')
const project = copyOfExample('lambda')
let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
  const [, command = ''] = /^(npx esbuild .*)$/m.exec(page) ?? []
  execFileSync('sh', ['-c', command], { cwd: project.path, stdio: 'pipe' })
})
afterEach(() => local.reset())
afterAll(async () => {
  await local.close()
  project.remove()
})

const bundle = (name: string) => join(project.path, 'dist', `${name}.mjs`)

async function start(
  name: string,
  environment: Readonly<Record<string, string>> = { ...local.env },
): Promise<LambdaFunction> {
  const started = await startFunction(bundle(name), environment)
  onTestFinished(started.stop)
  return started
}

/** Starts a function that is not an example. */
async function startOwn(name: string): Promise<LambdaFunction> {
  const entry = join(import.meta.dirname, `${name}.ts`)
  await build({ entryPoints: [entry], outfile: bundle(name), bundle: true, platform: 'node', format: 'esm' })
  return start(name)
}

async function startApi(kind: Kind, api: LambdaFunction, authorizer?: LambdaFunction): Promise<string> {
  const { url, close } = await startApiGateway(kind, api, authorizer)
  onTestFinished(close)
  return url
}

describe.each<Kind>(['HTTP API', 'REST API'])('a function behind API Gateway: %s', (kind) => {
  it('identifies callers and responds with 401, 403 and problem details', async () => {
    const url = await startApi(kind, await start('api'))
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url + path, { headers })
      return [response.status, await response.json()]
    }
    expect(await ask('/')).toEqual([200, { caller: 'anonymous' }])
    expect(await ask('/me', await local.as('alice'))).toEqual([200, { userId: local.people.alice.id }])
    expect(await ask('/admin?a=1&a=2', await local.as('alice'))).toEqual([200, { organization: 'acme' }])
    expect(await ask('/admin', await local.as('bob'))).toMatchObject([403, { code: 'role-missing' }])
    expect(await ask('/me')).toMatchObject([401, { code: 'credentials-missing' }])
    const expired = authorization(await local.sessionToken({ ttlInSeconds: -60 }))
    expect(await ask('/me', expired)).toMatchObject([401, { code: 'token-expired' }])
    expect(local.calls('GetJWKS')).toBe(1)
  })

  it('responds with 503 and Retry-After while the keys are unavailable, and recovers', async () => {
    const recover = local.fault('GetJWKS', { status: 500 })
    const url = await startApi(kind, await start('api'))
    const ask = async () => fetch(`${url}/me`, { headers: await local.as('alice') })
    const response = await ask()
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({ code: 'keys-unavailable' })
    recover()
    await expect.poll(async () => (await ask()).status, { interval: 200, timeout: 6000 }).toBe(200)
  })

  it.each(['authorization', 'Authorization', 'AUTHORIZATION'])('reads the header %s', async (name) => {
    const url = await startApi(kind, await start('api'))
    const token = await local.sessionToken()
    expect((await send(url, [name, `Bearer ${token}`])).status).toBe(200)
  })

  it('refuses two tokens in one request', async () => {
    const url = await startApi(kind, await start('api'))
    const field = ['Authorization', `Bearer ${await local.sessionToken()}`]
    const { status, body } = await send(url, [...field, ...field])
    expect([status, JSON.parse(body)]).toMatchObject([400, { code: 'credentials-ambiguous' }])
  })

  it('reads session cookies', async () => {
    const url = await startApi(kind, await startOwn('cookie-function'))
    const { header } = await local.cookies({ azp: 'https://app.example' })
    expect((await send(url, ['Cookie', `theme=dark; ${header}`])).status).toBe(200)
    const { header: other } = await local.cookies({ azp: 'https://other.example' })
    expect((await send(url, ['Cookie', other])).status).toBe(401)
  })

  it('verifies the first token of a cold start without a fetch if the key is configured', async () => {
    const { CLERK_FAPI } = local.env
    const url = await startApi(kind, await start('api', { CLERK_FAPI, CLERK_JWT_KEY: local.jwtKey }))
    expect((await fetch(`${url}/me`, { headers: await local.as('alice') })).status).toBe(200)
    expect(local.calls('GetJWKS')).toBe(0)
  })
})

it('keeps its challenge behind an HTTP API, but a REST API renames it', async () => {
  const api = await start('api')
  const challenge = (response: Response) => ({
    sent: response.headers.get('www-authenticate'),
    renamed: response.headers.get('x-amzn-remapped-www-authenticate'),
  })
  const http = await fetch(`${await startApi('HTTP API', api)}/me`)
  expect(challenge(http)).toEqual({ sent: expect.stringMatching(/^Bearer realm=/), renamed: null })
  const rest = await fetch(`${await startApi('REST API', api)}/me`)
  expect(challenge(rest)).toEqual({ sent: null, renamed: expect.stringMatching(/^Bearer realm=/) })
})

describe('an authorizer', () => {
  // Returns what an authorizer has told it.
  const echo: LambdaFunction = {
    invoke: async (event) => {
      const { authorizer } = (event as { requestContext: { authorizer?: unknown } }).requestContext
      return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(authorizer) }
    },
    freeze: () => {},
    thaw: () => {},
    stop: () => {},
  }
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers })
    return [response.status, await response.json()]
  }

  it('for an HTTP API passes the caller on, and denies others with 403', async () => {
    const url = await startApi('HTTP API', echo, await start('authorizer'))
    const [alice, dave] = [local.people.alice.id, local.people.dave.id]
    const orgId = local.organizations.acme.id
    expect(await ask(url, await local.as('alice'))).toEqual([200, { lambda: { userId: alice, orgId } }])
    expect(await ask(url, await local.as('dave'))).toEqual([200, { lambda: { userId: dave } }])
    expect(await ask(url, authorization(await local.sessionToken({ ttlInSeconds: -60 })))).toMatchObject([403, {}])
    expect(await ask(url)).toMatchObject([401, {}])
  })

  it('for a REST API passes the caller on, and denies others with 401', async () => {
    const url = await startApi('REST API', echo, await start('rest-authorizer'))
    const { id } = local.people.alice
    const orgId = local.organizations.acme.id
    expect(await ask(url, await local.as('alice'))).toEqual([200, { principalId: id, userId: id, orgId }])
    expect(await ask(url, authorization(await local.sessionToken({ ttlInSeconds: -60 })))).toMatchObject([401, {}])
  })

  it.each([
    ['HTTP API', 'authorizer'],
    ['REST API', 'rest-authorizer'],
  ] as const)('throws while the keys are unavailable, which is 500: %s', async (kind, name) => {
    local.fault('GetJWKS', { status: 500 })
    const authorizer = await start(name)
    const url = await startApi(kind, echo, authorizer)
    expect(await ask(url, await local.as('alice'))).toMatchObject([500, {}])
  })

  it.each(['authorizer', 'rest-authorizer'])('refuses every bad token: %s', async (name) => {
    const url = await startApi(name === 'authorizer' ? 'HTTP API' : 'REST API', echo, await start(name))
    for (const { token, name } of await local.badTokens()) {
      const [status] = await ask(url, authorization(token))
      expect.soft([401, 403], name).toContain(status)
    }
  })
})

describe('a function that Lambda freezes', () => {
  it('verifies tokens after a background refresh that was cut off', async () => {
    const api = await startOwn('refreshing-function')
    const event = async () => ({ headers: await local.as('alice') })
    expect(await api.invoke(await event())).toMatchObject({ code: 'ok', fetches: 1 })

    await sleep(850)
    const recover = local.fault('GetJWKS', { hang: true })
    expect(await api.invoke(await event())).toMatchObject({ code: 'ok' })
    await expect.poll(() => local.calls('GetJWKS')).toBe(2)
    api.freeze()
    await sleep(1000)
    recover()
    api.thaw()
    expect(await api.invoke(await event())).toMatchObject({ code: 'ok' })
    const fetches = async () => ((await api.invoke(await event())) as { readonly fetches: number }).fetches
    await expect.poll(fetches, { interval: 200, timeout: 6000 }).toBeGreaterThan(2)
  })
})

it('is bundled into a file that is no larger than docs/lambda.md says', () => {
  const limits = [...page.matchAll(/`(\w+)\.mjs` (?:has )?less than (\d+) KB/g)]
  expect(limits.map(([, name]) => name)).toEqual(['api', 'authorizer'])
  for (const [, name = '', limit] of limits)
    expect(gzipSync(readFileSync(bundle(name))).length).toBeLessThan(Number(limit) * 1000)
})

/** Sends header fields exactly as given. */
function send(url: string, fields: readonly string[]): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((done, fail) => {
    const { host } = new URL(url)
    const sent = request(`${url}/me`, { headers: ['Host', host, ...fields] }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => done({ status: response.statusCode!, body }))
    })
    sent.on('error', fail).end()
  })
}
