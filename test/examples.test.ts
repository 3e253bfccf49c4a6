import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The examples import the built packages, as a user would: `npm test` builds them first.
const examples = resolve(import.meta.dirname, '../examples')

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())

async function start(file: string) {
  const port = await freePort()
  const env = { ...process.env, ...local.env, PORT: String(port) }
  const child = spawn(process.execPath, [join(examples, file)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const end = async () => {
    child.kill()
    await once(child, 'exit')
  }
  return { url: `http://localhost:${port}`, port, end }
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
    await end()
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
