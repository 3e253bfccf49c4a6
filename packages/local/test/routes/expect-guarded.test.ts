import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'
import { isPublic, requireAuth, clerkAuth } from '@clerk-auth/hono'
import { expectGuarded } from '@clerk-auth/local/testing'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { start } from '../start.js'

/** An application that reads the environment. */
function application() {
  const app = new Hono()
  app.use(clerkAuth())
  app.get('/health', isPublic(), (c) => c.text('ok'))
  app.get('/me', requireAuth(), (c) => c.text('ok'))
  return app
}

describe('expectGuarded()', { timeout: 60_000 }, () => {
  test('resolves if every route is guarded or public', async () => {
    await expect(expectGuarded(application)).resolves.toBeUndefined()
  })

  test('rejects with what it found, one route a line', async () => {
    const open = () =>
      application()
        .get('/open', (c) => c.text('ok'))
        .delete('/users/:id', (c) => c.text('ok'))
    await expect(expectGuarded(open)).rejects.toMatchObject({
      name: 'AssertionError',
      message: 'GET /open: no guard\nDELETE /users/:id: no guard',
    })
    await expect(expectGuarded(open, { allow: ['GET /open', 'DELETE /users/:id'] })).resolves.toBeUndefined()
    await expect(expectGuarded(application, { allow: ['GET /open'] })).rejects.toThrow(
      'GET /open: nothing to accept any more: remove it from "allow"',
    )
  })

  test('takes the default export of a module', async () => {
    await expect(expectGuarded(() => import('./apps/open.js'))).rejects.toThrow('GET /metrics: no guard')
  })

  test('works in CommonJS under Jest, where nothing can be imported, beside a NestJS that can only be imported', async () => {
    const require = createRequire(import.meta.url)
    const path = require.resolve('@clerk-auth/local/testing')
    const code = `(function (exports, require, module, __filename) { ${readFileSync(path, 'utf8')}\n})`
    // As Jest does. Without a flag of Node, this function is not called.
    const script = new Script(code, { importModuleDynamically: () => Promise.reject(new Error('called')) })
    const module = { exports: {} as { readonly expectGuarded: typeof expectGuarded } }
    const run = script.runInThisContext() as (...args: readonly unknown[]) => void
    run(module.exports, createRequire(path), module, path, dirname(path))
    await expect(module.exports.expectGuarded(application)).resolves.toBeUndefined()
  })

  test('asks an application that uses an instance of the test', async () => {
    const local = await start()
    const app = new Hono().use(clerkAuth({ frontendApiUrl: local.url })).get('/me', requireAuth(), (c) => c.text('ok'))
    await expect(expectGuarded(app, { local })).resolves.toBeUndefined()
  })

  test('leaves the environment and the application as they were', async () => {
    const local = await start()
    const before = { ...process.env }
    const app = new Hono()
      .use(clerkAuth({ frontendApiUrl: local.url }))
      .get('/me', requireAuth(), (c) => c.text('mine'))
    await expectGuarded(app, { local })
    expect(process.env).toEqual(before)
    const response = await app.request('/me', { headers: await local.as('bob') })
    expect([response.status, await response.text()]).toEqual([200, 'mine'])
  })
})
