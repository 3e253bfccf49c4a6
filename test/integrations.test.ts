import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

// `.ci/run` installs what the examples need; without it, these tests are skipped. They import the built packages, as a
// user would: `npm test` builds them first.
const here = resolve(import.meta.dirname, '../examples/integrations')
const isInstalled = existsSync(join(here, 'node_modules'))

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())
afterEach(() => local.reset())

const next = join(here, 'node_modules/next/dist/bin/next')
const typescript = ['--import', 'tsx']
const script = (code: string) => [...typescript, '--input-type=module', '--eval', code]

/** What a server answered to a question, in whatever form its protocol has. */
interface Answer {
  readonly data: unknown
  /** The problem details, if the question was refused. */
  readonly problem: unknown
}

interface Example {
  readonly name: string
  /** Arguments of Node. */
  readonly args: readonly string[]
  readonly ask: (question: 'whoami' | 'me' | 'organization') => { path: string; init?: RequestInit }
  readonly read: (body: any, question: string) => Answer
}

const trpc: Pick<Example, 'ask' | 'read'> = {
  ask: (question) => ({ path: `/trpc/${question}` }),
  read: ({ result, error }) => ({ data: result?.data, problem: error?.data.problem }),
}

const examples: readonly Example[] = [
  { name: 'tRPC, standalone', args: [...typescript, 'trpc-standalone.ts'], ...trpc },
  {
    name: 'tRPC, with the Fetch API',
    args: script(`
      import { serve } from '@hono/node-server'
      import app from './trpc-fetch.ts'
      serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('listens'))`),
    ...trpc,
  },
  {
    name: 'GraphQL Yoga',
    args: [...typescript, 'graphql-yoga.ts'],
    ask: (question) => ({
      path: '/graphql',
      init: {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query: `{ ${question} }` }),
      },
    }),
    read: ({ data, errors }, question) => ({ data: data?.[question], problem: errors?.[0].extensions }),
  },
  {
    name: 'Next.js',
    args: [next, 'start', 'nextjs'],
    ask: (question) => ({ path: `/api/${question}` }),
    read: (body) => ({
      data: body.caller ?? body.userId ?? body.organization,
      problem: body.code === undefined ? undefined : body,
    }),
  },
]

describe.runIf(isInstalled || process.env['CI'])('the examples of docs/integrations.md', () => {
  it('compile', { timeout: 60_000 }, async () => {
    const tsc = join(here, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run([tsc, '--project', here])
    expect(stdout).toBe('')
  })

  beforeAll(async () => {
    rmSync(join(here, 'nextjs/.next'), { recursive: true, force: true })
    // Without any variable, as in a container image that is built once.
    await run([next, 'build', 'nextjs'])
  }, 120_000)

  describe.each(examples)('$name', { timeout: 30_000 }, ({ args, ask, read }) => {
    const asker = (url: string) => async (question: 'whoami' | 'me' | 'organization', token?: string) => {
      const { path, init } = ask(question)
      const headers = new Headers(init?.headers)
      if (token !== undefined) headers.set('Authorization', `Bearer ${token}`)
      const response = await fetch(url + path, { ...init, headers })
      return { status: response.status, headers: response.headers, ...read(await response.json(), question) }
    }

    it('answers callers who may ask, and refuses others with 401 and 403', async () => {
      const { url } = await start(args)
      const asked = asker(url)
      const alice = await local.sessionToken({ user: 'alice' })

      expect(await asked('whoami')).toMatchObject({ status: 200, data: 'anonymous' })
      expect(await asked('whoami', alice)).toMatchObject({ status: 200, data: local.people.alice.id })
      expect(await asked('me', alice)).toMatchObject({ status: 200, data: local.people.alice.id })
      expect(await asked('organization', alice)).toMatchObject({ status: 200, data: 'acme', problem: undefined })

      const missing = await asked('me')
      expect(missing).toMatchObject({ status: 401, problem: { code: 'credentials-missing' } })
      expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"')
      expect(missing.headers.get('cache-control')).toBe('no-store')

      const expired = await asked('me', await local.sessionToken({ ttlInSeconds: -60 }))
      expect(expired).toMatchObject({ status: 401, problem: { code: 'token-expired', status: 401 } })
      expect(expired.headers.get('www-authenticate')).toContain('error="invalid_token"')

      const bob = await asked('organization', await local.sessionToken({ user: 'bob' }))
      expect(bob).toMatchObject({ status: 403, problem: { code: 'role-missing', status: 403 } })
      expect(bob.headers.get('www-authenticate')).toBe('Bearer realm="api"')
      expect(bob.data ?? undefined).toBeUndefined()
    })

    it('answers 503 while the keys cannot be fetched, and recovers', async () => {
      const recover = local.fault('GetJWKS', { status: 500 })
      const { url } = await start(args)
      const asked = asker(url)
      const alice = await local.sessionToken({ user: 'alice' })

      const outage = await asked('me', alice)
      expect(outage).toMatchObject({ status: 503, problem: { code: 'keys-unavailable' } })
      expect(Number(outage.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(outage.headers.get('www-authenticate')).toBeNull()

      recover()
      await expect.poll(async () => (await asked('me', alice)).status, { timeout: 10_000, interval: 200 }).toBe(200)
    })
  })

  describe('tRPC', () => {
    const queries = async (url: string, path: string, token: string) => {
      const response = await fetch(`${url}/trpc/${path}`, { headers: { Authorization: `Bearer ${token}` } })
      return { status: response.status, headers: response.headers, body: await response.json() }
    }

    it('names refusals in its own words too, and answers the other queries of a batch', async () => {
      const { url } = await start([...typescript, 'trpc-standalone.ts'])
      const bob = await local.sessionToken({ user: 'bob' })
      const expired = await local.sessionToken({ ttlInSeconds: -60 })
      expect((await queries(url, 'me', expired)).body.error.data).toMatchObject({
        code: 'UNAUTHORIZED',
        httpStatus: 401,
      })
      expect((await queries(url, 'organization', bob)).body.error.data).toMatchObject({
        code: 'FORBIDDEN',
        httpStatus: 403,
      })

      const batch = await queries(url, 'me,organization?batch=1&input={}', bob)
      expect(batch.status).toBe(207)
      expect(batch.headers.get('cache-control')).toBe('no-store')
      expect(batch.body).toMatchObject([
        { result: { data: local.people.bob.id } },
        { error: { data: { code: 'FORBIDDEN', problem: { code: 'role-missing' } } } },
      ])
    })

    it('names an outage SERVICE_UNAVAILABLE', async () => {
      local.fault('GetJWKS', { status: 500 })
      const { url } = await start([...typescript, 'trpc-standalone.ts'])
      const { error } = (await queries(url, 'me', await local.sessionToken())).body
      expect(error.data).toMatchObject({ code: 'SERVICE_UNAVAILABLE', httpStatus: 503 })
    })
  })

  it('GraphQL Yoga answers the fields that the caller may see, beside the errors of others', async () => {
    const { url } = await start([...typescript, 'graphql-yoga.ts'])
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(await local.as('bob')) },
      body: JSON.stringify({ query: '{ me invoices(first: 1) organization }' }),
    })
    expect(response.status).toBe(403)
    const { data, errors } = await response.json()
    expect(data).toEqual({ me: local.people.bob.id, invoices: ['acme-1'], organization: null })
    expect(errors).toMatchObject([{ path: ['organization'], extensions: { code: 'role-missing' } }])
    expect(errors[0].extensions).not.toHaveProperty('http')
  })

  describe('WebSocket', { timeout: 30_000 }, () => {
    const server = [...typescript, 'websocket.ts']
    const { WebSocket } = isInstalled ? createRequire(join(here, 'package.json'))('ws') : {}

    /** Opens a WebSocket, or reads the response that refuses it. */
    function open(port: number, { protocols = [], headers = {} }: { protocols?: string[]; headers?: object }) {
      const socket = new WebSocket(`ws://localhost:${port}`, protocols, { headers })
      return new Promise<any>((done, fail) => {
        socket.on('open', () => {
          onTestFinished(() => socket.terminate())
          const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`)
          const say = async (message: string) => {
            socket.send(message)
            return String((await once(socket, 'message'))[0])
          }
          done({ socket, closed, say, protocol: socket.protocol })
        })
        socket.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
          const { statusCode: status, headers } = response
          json(response).then((problem) => done({ status, headers, problem }), fail)
        })
        socket.on('error', fail)
      })
    }
    const offering = (token: string) => ({ protocols: ['example.v1', `bearer.${token}`] })

    it('accepts the token in the header, or as a subprotocol that it does not repeat', async () => {
      const { port } = await start(server)
      const token = await local.sessionToken({ user: 'alice' })
      for (const sent of [{ headers: await local.as('alice') }, offering(token)]) {
        const { say } = await open(port, sent)
        expect(await say('hello')).toBe(`${local.people.alice.id} said: hello`)
      }
      expect((await open(port, offering(token))).protocol).toBe('example.v1')
      expect((await open(port, { protocols: offering(token).protocols.toReversed() })).protocol).toBe('example.v1')
    })

    it('refuses a handshake with 401, 403 or 503, a challenge and problem details', async () => {
      const recover = local.fault('GetJWKS', { status: 500 })
      const { port } = await start(server)
      const token = await local.sessionToken()
      const outage = await open(port, offering(token))
      expect(outage).toMatchObject({ status: 503, problem: { code: 'keys-unavailable' } })
      expect(Number(outage.headers['retry-after'])).toBeGreaterThan(0)
      recover()
      await expect.poll(async () => (await open(port, offering(token))).status, { timeout: 10_000 }).toBeUndefined()

      expect(await open(port, {})).toMatchObject({
        status: 401,
        headers: {
          'www-authenticate': 'Bearer realm="api"',
          'content-type': 'application/problem+json',
          'cache-control': 'no-store',
        },
        problem: { code: 'credentials-missing' },
      })
      expect(await open(port, offering(await local.sessionToken({ ttlInSeconds: -60 })))).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
        problem: { code: 'token-expired' },
      })
      expect(await open(port, offering(await local.sessionToken({ org: null })))).toMatchObject({
        status: 403,
        problem: { code: 'org-missing' },
      })
    })

    it('closes a connection when its token expires, unless it was renewed', async () => {
      const { port } = await start(server)
      const short = await local.sessionToken({ ttlInSeconds: 4 })
      const [left, renewed, other] = [
        await open(port, offering(short)),
        await open(port, offering(short)),
        await open(port, offering(short)),
      ]
      renewed.socket.send(`bearer.${await local.sessionToken()}`)
      other.socket.send(`bearer.${await local.sessionToken({ user: 'bob' })}`)

      expect(await other.closed).toBe('4403 a different user')
      expect(await left.closed).toBe('4401 token-expired')
      // A handshake tolerates clocks that differ; a connection does not outlive its token.
      expect(await (await open(port, offering(short))).closed).toBe('4401 token-expired')
      expect(await renewed.say('still here')).toBe(`${local.people.alice.id} said: still here`)
      renewed.socket.send('bearer.invalid')
      expect(await renewed.closed).toBe('4401 token-malformed')
    })

    it('keeps a connection open while a new token cannot be verified', async () => {
      const { port } = await start(server)
      const { socket, say, closed } = await open(port, offering(await local.sessionToken({ ttlInSeconds: 5 })))
      await local.rotateKeys()
      local.fault('GetJWKS', { status: 500 })
      socket.send(`bearer.${await local.sessionToken()}`)
      await expect.poll(() => local.calls('GetJWKS')).toBeGreaterThan(1)
      expect(await say('hello')).toContain('hello')
      expect(await closed).toBe('4401 token-expired')
    })

    it('closes a connection within seconds when its session is revoked', async () => {
      const revoking = script(`
        import { clerk } from './websocket.ts'
        process.on('message', (revoked) => void clerk.revoke(revoked))`)
      const { port, child } = await start(revoking)
      const month = 30 * 24 * 60 * 60
      const alice = await open(port, { headers: await local.as('alice', { ttlInSeconds: month }) })
      const bob = await open(port, { headers: await local.as('bob', { ttlInSeconds: month }) })
      child.send({ userId: local.people.alice.id })
      expect(await alice.closed).toBe('4401 token-revoked')
      expect(await bob.say('hello')).toBe(`${local.people.bob.id} said: hello`)
    })

    it('waits for tokens that expire after more than 2^31 milliseconds, and forgets closed connections', async () => {
      const { port, child, output } = await start(
        script(`
        import './websocket.ts'
        process.on('message', () => process.send(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length))`),
      )
      const timers = async () => {
        child.send('count')
        return ((await once(child, 'message')) as [number])[0]
      }
      const before = await timers()
      const { socket, say } = await open(port, {
        headers: await local.as('alice', { ttlInSeconds: 60 * 24 * 60 * 60 }),
      })
      expect(await say('hello')).toContain('hello')
      expect(await timers()).toBe(before + 1)
      socket.close()
      await expect.poll(timers).toBe(before)
      expect(output()).not.toContain('TimeoutOverflowWarning')
    })

    it('survives clients that hang up during the handshake', async () => {
      const { port, child } = await start(server)
      for (const token of [await local.sessionToken(), 'invalid']) {
        const socket = connect(port)
        socket.write(
          `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
            `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        )
        await once(socket, 'connect')
        socket.resetAndDestroy()
      }
      const { say } = await open(port, { headers: await local.as('alice') })
      expect(await say('hello')).toContain('hello')
      expect(child.exitCode).toBeNull()
    })
  })
})

/** Starts an example, until the end of the test. */
async function start(args: readonly string[]) {
  const port = await freePort()
  const child = spawn(process.execPath, args, {
    cwd: here,
    env: { ...cleanEnvironment(), ...local.env, NODE_ENV: 'test', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill()
    await once(child, 'exit')
  })
  await expect.poll(() => isListening(port), { timeout: 20_000, interval: 50, message: output }).toBe(true)
  return { url: `http://localhost:${port}`, port, child, output: () => output }
}

async function run(args: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, args, { cwd: here, env: cleanEnvironment() }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`, { cause: error })
    },
  )
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CLERK|VITEST|NODE_ENV)/.test(name))
  return { ...Object.fromEntries(inherited), NEXT_TELEMETRY_DISABLED: '1' }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port)
  return new Promise<boolean>((done) => {
    socket.on('connect', () => done(true)).on('error', () => done(false))
  }).finally(() => socket.destroy())
}
