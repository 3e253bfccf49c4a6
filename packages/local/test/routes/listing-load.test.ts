import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadApp } from '../../src/routes/load-app.js'
import { appFolder } from './app-folder.js'
import { env, inWords } from './listed.js'

const PACKAGES = ['@clerk-auth/express', '@clerk-auth/hono', 'express', 'hono']

function fileWith(text: string, name = 'app.mjs'): string {
  const folder = appFolder({ [name]: text }, PACKAGES)
  onTestFinished(folder.remove)
  return join(folder.path, name)
}

async function load(file: string, options = {}) {
  const app = await loadApp(file, { env, ...options })
  onTestFinished(app.close)
  return app
}

const ONE_ROUTE = `
  import express from 'express'
  const app = express()
  app.get('/me', (_req, res) => res.send('me'))
`

describe('an application is loaded', () => {
  it.each([
    ['exported by default', 'app.mjs', `${ONE_ROUTE} export default app`],
    ['made by a function', 'app.mjs', `${ONE_ROUTE} export default () => app`],
    ['made by an asynchronous function', 'app.mjs', `${ONE_ROUTE} export default async () => app`],
    ['exported as a promise', 'app.mjs', `${ONE_ROUTE} export default Promise.resolve(app)`],
    [
      'exported by a CommonJS module',
      'app.cjs',
      `const app = require('express')(); app.get('/me', () => {}); module.exports = app`,
    ],
    [
      'exported by TypeScript that was compiled to CommonJS',
      'app.cjs',
      `Object.defineProperty(exports, '__esModule', { value: true })
       const app = require('express')(); app.get('/me', () => {}); exports.default = app`,
    ],
    ['that listens itself', 'app.mjs', `${ONE_ROUTE} app.listen(0); setInterval(() => {}, 1000); export default app`],
    [
      'that prints a lot',
      'app.mjs',
      `${ONE_ROUTE} console.log('x'.repeat(1e6)); console.error('x'.repeat(1e6)); export default app`,
    ],
    [
      'that sends messages to its parent',
      'app.mjs',
      `${ONE_ROUTE} process.send('ready'); process.send({ report: { type: 'failed', reason: 'no' } })
       process.send = undefined; export default app`,
    ],
    [
      'whose background work fails',
      'app.mjs',
      `${ONE_ROUTE} setTimeout(() => { throw new Error('no database') }); void Promise.reject(new Error('no cache'))
       await new Promise((resolve) => setTimeout(resolve, 50)); export default app`,
    ],
    [
      'whose port is in use',
      'app.mjs',
      `${ONE_ROUTE} import { createServer } from 'node:http'
       await new Promise((resolve) => createServer().listen(0, resolve).on('listening', function () {
         app.listen(this.address().port).on('error', resolve)
       }).unref()).catch(() => {}); export default app`,
    ],
  ])('%s', async (_how, name, text) => {
    const { listing, url } = await load(fileWith(text, name))
    expect(listing.routes.map(inWords)).toEqual(['GET /me:'])
    expect((await fetch(`${url}/me`)).status).toBe(204)
  })

  it('written in TypeScript, with the tsx that it has installed', async () => {
    const folder = appFolder(
      {
        'app.ts': `
          import express, { type Express } from 'express'
          import { path } from './path.js'
          const app: Express = express()
          app.get(path, (_req, res) => void res.end())
          export default app`,
        'path.ts': `export const path: string = '/me'`,
        'package.json': '{ "type": "module" }',
      },
      ['express', 'tsx'],
    )
    onTestFinished(folder.remove)
    const { listing } = await load(join(folder.path, 'app.ts'))
    expect(listing.routes.map(inWords)).toEqual(['GET /me:'])
  })

  it('written in TypeScript, with a library that looks for tsx among the modules that were required', async () => {
    const folder = appFolder(
      {
        'app.mts': `
          import express from 'express'
          const required: string = (process as unknown as { _preload_modules: string[] })._preload_modules.join()
          export default express().get(required.includes('tsx') ? '/loaded' : '/left-out', (_req, res) => void res.end())`,
      },
      ['express', 'tsx'],
    )
    onTestFinished(folder.remove)
    const { listing } = await load(join(folder.path, 'app.mts'))
    expect(listing.routes.map(inWords)).toEqual(['GET /loaded:'])
  })

  it('that uses another copy of Express than the adapter', async () => {
    // Its path is not that of a package, so nothing is known of it before the application loads it.
    const text = `import express from ${JSON.stringify(join(import.meta.dirname, '../../../../node_modules/express4/index.js'))}
      import { requireAuth } from '@clerk-auth/express'
      const app = express()
      const router = express.Router()
      router.get('/me', requireAuth(), (_req, res) => void res.end())
      app.use('/api', router)
      app.get('/open', (_req, res) => void res.end())
      export default app`
    const { listing, url } = await load(fileWith(text))
    expect(listing.routes.map(inWords)).toEqual([
      'GET /…/me: session_token | uncertain: Express does not keep the path of its router',
      'GET /open:',
    ])
    expect((await fetch(`${url}/open`)).status).toBe(204)
  })

  it('whose handlers are called if that is asked for', async () => {
    const { url } = await load(fileWith(`${ONE_ROUTE} export default app`), { callsHandlers: true })
    expect(await (await fetch(`${url}/me`)).text()).toBe('me')
  })

  it('in the environment that is given, and no other', async () => {
    const text = `${ONE_ROUTE} app.get('/' + Object.keys(process.env).filter((n) => /^(OWN|VITEST)/.test(n)), () => {})
      export default app`
    const { listing } = await load(fileWith(text), { env: { ...env, OWN: '1' } })
    expect(listing.routes.map(({ path }) => path)).toEqual(['/me', '/OWN'])
  })
})

describe('an application is refused with one line', () => {
  it.each([
    [
      'that throws',
      `throw new Error('no database\\nat all')`,
      /^app\.mjs: it does not load: Error: no database \(.*app\.mjs:1\)$/,
    ],
    ['that throws something else', `throw 'nothing'`, /^app\.mjs: it does not load: nothing$/],
    ['with a syntax error', `const = 1`, /^app\.mjs: it does not load: SyntaxError: Unexpected token '='$/],
    [
      'that imports what is missing',
      `import 'missing'`,
      /^app\.mjs: it does not load: Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'missing' imported from .*app\.mjs$/,
    ],
    [
      'whose function rejects',
      `export default async () => { throw new TypeError('no key') }`,
      /^app\.mjs: it does not load: TypeError: no key \(.*app\.mjs:1\)$/,
    ],
    [
      'without a default export',
      `export const app = 1`,
      /^app\.mjs: it has no default export: export the application, or a function that makes it$/,
    ],
    [
      'without a default export, compiled to CommonJS',
      `import { createRequire } from 'node:module'
       import { writeFileSync } from 'node:fs'
       const compiled = new URL('./compiled.cjs', import.meta.url)
       writeFileSync(compiled, 'exports.__esModule = true; exports.app = 1')
       export default createRequire(import.meta.url)(compiled.pathname)`,
      /^app\.mjs: it has no default export: export the application, or a function that makes it$/,
    ],
    [
      'of another framework',
      `export default { fetch() {} }`,
      /^app\.mjs: not an application of Express, Fastify, Hono or NestJS$/,
    ],
    ['without a route', `import express from 'express'; export default express()`, /^app\.mjs: it has no route$/],
    [
      'that ends the process',
      `console.error('\\nDATABASE_URL is missing'); process.exit(3)`,
      /^app\.mjs: its process ended while it loaded, with exit code 3: DATABASE_URL is missing$/,
    ],
    [
      'that kills the process',
      `process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000))`,
      /^app\.mjs: its process ended while it loaded, with SIGKILL$/,
    ],
  ])('%s', async (_how, text, line) => {
    await expect(load(fileWith(text))).rejects.toThrow(line)
  })

  it('that never settles, with the error that it did not handle', async () => {
    const text = `setTimeout(() => { throw new Error('no database') }); setInterval(() => {}, 1000)
      await new Promise(() => {})`
    await expect(load(fileWith(text), { timeoutInMs: 1500 })).rejects.toThrow(
      /^app\.mjs: it does not load within 1\.5 seconds: Error: no database \(.*app\.mjs:1\)$/,
    )
  })

  it('that blocks', async () => {
    await expect(load(fileWith('for (;;);'), { timeoutInMs: 1500 })).rejects.toThrow(
      /^app\.mjs: it does not load within 1\.5 seconds$/,
    )
  })

  it('of which there is no file', async () => {
    await expect(load('/nowhere/app.js')).rejects.toThrow(/^\/nowhere\/app\.js: there is no such file$/)
  })

  it('in TypeScript, if nothing can load it', async () => {
    const file = fileWith('const app: number = 1\nexport default app', 'app.ts')
    const reason =
      'typescript' in process.features && process.features.typescript ? 'not an application' : 'TypeScript needs tsx'
    await expect(load(file)).rejects.toThrow(`app.ts: ${reason}`)
  })
})

describe('nothing is left running', () => {
  /** An application that starts a process, and says the ids of both. */
  const STARTS_ANOTHER = `
    ${ONE_ROUTE}
    import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    writeFileSync(import.meta.filename + '.pids', process.pid + ' ' + other.pid)
  `
  const pidsOf = (file: string) => readFileSync(`${file}.pids`, 'utf8').split(' ').map(Number)

  it('after close()', async () => {
    const file = fileWith(`${STARTS_ANOTHER} export default app`)
    const app = await load(file)
    const pids = pidsOf(file)
    expect(pids.map(isRunning)).toEqual([true, true])
    await app.close()
    await ended(pids)
    await expect(fetch(app.url)).rejects.toThrow('fetch failed')
  })

  it('after the application did not load', async () => {
    const file = fileWith(`${STARTS_ANOTHER} throw new Error('no')`)
    await expect(load(file)).rejects.toThrow('Error: no')
    await ended(pidsOf(file))
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('after %s of the process that loads it', async (signal) => {
    const file = fileWith(`${STARTS_ANOTHER} export default app`)
    const loader = fileWith(`
      import { loadApp } from ${JSON.stringify(compiledLoadApp())}
      await loadApp(${JSON.stringify(file)}, { env: process.env })
      process.send('loaded')
    `)
    const child = fork(loader, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'message')
    child.kill(signal)
    const [, by] = await once(child, 'exit')
    expect(by).toBe(signal)
    await ended(pidsOf(file))
  })
})

/** `loadApp()` for a process without vitest. */
function compiledLoadApp(): string {
  const source = join(import.meta.dirname, '../../src/routes')
  const compile = (name: string) =>
    ts.transpileModule(readFileSync(join(source, `${name}.ts`), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    }).outputText
  const names = ['load-app', 'start-host', 'host-messages', 'unlistable-app']
  const folder = appFolder({
    'package.json': '{ "type": "module" }',
    ...Object.fromEntries(names.map((name) => [`${name}.js`, compile(name)])),
  })
  onTestFinished(folder.remove)
  symlinkSync(join(import.meta.dirname, '../../dist/host.js'), join(folder.path, 'host.js'))
  return join(folder.path, 'load-app.js')
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function ended(pids: readonly number[]): Promise<void> {
  for (let i = 0; i < 100 && pids.some(isRunning); i++) await setTimeout(50)
  expect(pids.filter(isRunning)).toEqual([])
}
