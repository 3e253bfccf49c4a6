import { authorization, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { createClerkAuth } from '@clerk-auth/core'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findWorkerd, serveScript, type Workerd } from '../workers/workerd.js'

// `.ci/run` installs wrangler, and Node 22, which wrangler needs; without them, these tests are skipped.
const root = resolve(import.meta.dirname, '../..')
const project = join(root, 'examples/worker')
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js')
const node22 = join(root, 'runtimes/node_modules/node22/bin/node')
const isInstalled = existsSync(wrangler) && existsSync(node22)

describe.runIf(isInstalled || process.env['CI'])('the example of a Cloudflare Worker', () => {
  const output = join(project, 'dist')
  const bundle = join(output, 'index.js')
  const workerd = findWorkerd()
  const config = ts.parseConfigFileTextToJson('wrangler.jsonc', readFileSync(join(project, 'wrangler.jsonc'), 'utf8'))
    .config as { readonly compatibility_date: string; readonly vars: Readonly<Record<string, string>> }
  let local: LocalClerk
  let summary: string

  beforeAll(async () => {
    local = await startLocalClerk()
    // Copies, because a link would load the Hono of this repository.
    for (const name of ['core', 'hono']) {
      const copy = join(project, 'node_modules/@clerk-auth', name)
      rmSync(copy, { recursive: true, force: true })
      for (const part of ['dist', 'package.json'])
        cpSync(join(root, 'packages', name, part), join(copy, part), { recursive: true })
    }
    summary = await run(node22, [wrangler, 'deploy', '--dry-run', '--outdir', 'dist'])
  }, 60_000)
  afterEach(() => local.reset())
  afterAll(() => local.close())

  /** What a command prints, in the folder of the project. */
  async function run(program: string, args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: output, CI: 'true', WRANGLER_SEND_METRICS: 'false' }
    const { stdout } = await promisify(execFile)(program, args, { cwd: project, env }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${error.stdout}\n${error.stderr}`, { cause: error })
      },
    )
    return stdout
  }

  async function start(bindings: Readonly<Record<string, string>> = {}): Promise<Workerd> {
    const { CLERK_PUBLISHABLE_KEY, CLERK_FAPI, CLERK_API_URL } = local.env
    const own = { NODE_ENV: 'development', CLERK_PUBLISHABLE_KEY, CLERK_FAPI, CLERK_API_URL, ...bindings }
    const server = await serveScript(workerd!.path, bundle, config.compatibility_date, { ...config.vars, ...own })
    onTestFinished(server.stop)
    return server
  }

  async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<[number, unknown]> {
    const response = await fetch(url, { headers })
    return [response.status, await response.json()]
  }

  it('compiles', async () => {
    await expect(run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')])).resolves.toBe('')
  })

  it('is bundled by wrangler, with the bindings of its configuration', () => {
    expect(summary).toContain('env.CLERK_PUBLISHABLE_KEY')
    expect(summary).toContain('env.INVOICES_URL')
    const [, limit] = /(\d+) KB gzipped/.exec(readFileSync(join(root, 'docs/workers.md'), 'utf8')) ?? []
    expect(gzipSync(readFileSync(bundle)).length / 1000).toBeLessThan(Number(limit))
  })

  it('identifies callers and responds with 401 and 403 on workerd', async () => {
    const { url, errors } = await start()
    expect(await ask(url)).toEqual([200, { caller: 'anonymous' }])
    expect(await ask(`${url}/me`, await local.as('alice'))).toEqual([200, { userId: local.people.alice.id }])
    expect(await ask(`${url}/admin`, await local.as('alice'))).toEqual([200, { organization: 'acme' }])
    expect(await ask(`${url}/admin`, await local.as('bob'))).toMatchObject([403, { code: 'role-missing' }])
    expect(await ask(`${url}/me`)).toMatchObject([401, { code: 'credentials-missing' }])
    const expired = authorization(await local.sessionToken({ ttlInSeconds: -60 }))
    expect(await ask(`${url}/me`, expired)).toMatchObject([401, { code: 'token-expired' }])
    expect(errors()).toBe('')
  })

  it('responds with 503 on workerd while the keys are unavailable, and recovers', async () => {
    const recover = local.fault('GetJWKS', { status: 500 })
    const { url } = await start()
    const me = async () => ask(`${url}/me`, await local.as('alice'))
    expect(await me()).toMatchObject([503, { code: 'keys-unavailable' }])
    recover()
    await expect.poll(async () => (await me())[0], { interval: 200, timeout: 6000 }).toBe(200)
  })

  it('responds with 500 to every request with a malformed key, and logs which one', async () => {
    const { url, errors } = await start({
      CLERK_PUBLISHABLE_KEY: config.vars['CLERK_PUBLISHABLE_KEY']!,
      CLERK_FAPI: '',
    })
    for (const path of ['/', '/me']) expect((await fetch(url + path)).status).toBe(500)
    await expect.poll(errors).toContain('TypeError: option "publishableKey" is not valid')
  })

  it('responds with 500 to every request if it is configured for production, with a local instance', async () => {
    const { url, errors } = await start({ NODE_ENV: config.vars['NODE_ENV']! })
    for (const path of ['/', '/me']) expect((await fetch(url + path)).status).toBe(500)
    await expect.poll(errors).toMatch(/TypeError: .*local/)
  })

  it('calls another service as a machine', async () => {
    const { worker, api } = local.machines
    const clerk = createClerkAuth({}, { ...local.env, CLERK_MACHINE_SECRET_KEY: api.secretKey })
    const invoices = createServer((request, response) => {
      void clerk.authenticate(request, { acceptsToken: 'm2m_token' }).then((auth) => {
        response.writeHead(auth.isAuthenticated ? 200 : auth.error.status).end(JSON.stringify([auth.machineId]))
      })
    })
    await once(invoices.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void invoices.close())
    const { port } = invoices.address() as AddressInfo
    const { url } = await start({
      INVOICES_URL: `http://127.0.0.1:${port}`,
      INVOICES_MACHINE_KEY: worker.secretKey,
    })
    for (let i = 0; i < 3; i++)
      expect(await ask(`${url}/invoices`, await local.as('alice'))).toEqual([200, [worker.id]])
    expect(local.calls('createM2MToken')).toBe(1)
    expect(await ask(`${url}/invoices`)).toMatchObject([401, { code: 'credentials-missing' }])
  })
})
