import { createServer } from 'node:http'
import * as ofExpress from '@clerk-auth/express'
import * as ofFastify from '@clerk-auth/fastify'
import * as ofHono from '@clerk-auth/hono'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import fastify, { type onRequestHookHandler } from 'fastify'
import { Hono, type MiddlewareHandler } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { listen } from './targets.js'

let local: LocalClerk
let options: { readonly frontendApiUrl: string }
beforeAll(async () => {
  local = await startLocalClerk()
  options = { frontendApiUrl: local.url }
})
afterAll(() => local.close())

const expressGuard = () => ofExpress.requireAuth()
const fastifyGuard = () => ofFastify.requireAuth()
const honoGuard = () => ofHono.requireAuth()

const importedFrom = (name: string, adapter: string) =>
  new TypeError(
    `${name} of @clerk-auth/${adapter} is used in another framework: import it from the package of that framework`,
  )

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('in %s', (_name, framework) => {
  // In Express 4, the rejection of Hono's asynchronous guard would end the process.
  const guards = [
    ['fastify', fastifyGuard],
    ...(framework === express ? ([['hono', honoGuard]] as const) : []),
  ] as const

  it.each(guards)(
    'a guard of @clerk-auth/%s refuses every request, and names its package',
    async (adapter, guardOf) => {
      const guard = guardOf() as unknown as RequestHandler
      const { answer, errors, headers } = await askExpress(framework, ofExpress.clerkAuth(options), guard)
      expect(await answer({})).toBe('out')
      expect(await answer(await headers())).toBe('out')
      expect(errors).toEqual([importedFrom('requireAuth()', adapter), importedFrom('requireAuth()', adapter)])
    },
  )

  it('clerkAuth() of @clerk-auth/hono names its package', async () => {
    const middleware = ofHono.clerkAuth(options) as unknown as RequestHandler
    const { answer, errors } = await askExpress(framework, middleware, ofExpress.requireAuth())
    expect(await answer({})).toBe('out')
    expect(errors).toEqual([importedFrom('clerkAuth()', 'hono')])
  })
})

describe('in Hono', () => {
  it.each([
    ['express', expressGuard],
    ['fastify', fastifyGuard],
  ])('a guard of @clerk-auth/%s refuses every request, and names its package', async (adapter, guardOf) => {
    const guard = guardOf() as unknown as MiddlewareHandler
    const { app, errors } = honoApp(ofHono.clerkAuth(options), guard)
    expect(await (await app.request('/', { headers: await local.as('alice') })).text()).toBe('out')
    expect(errors).toEqual([importedFrom('requireAuth()', adapter)])
  })

  it('clerkAuth() of @clerk-auth/express names its package', async () => {
    const { app, errors } = honoApp(ofExpress.clerkAuth(options) as unknown as MiddlewareHandler, ofHono.requireAuth())
    expect(await (await app.request('/')).text()).toBe('out')
    expect(errors).toEqual([importedFrom('clerkAuth()', 'express')])
  })
})

describe('in Fastify', () => {
  it.each([
    ['express', expressGuard],
    ['hono', honoGuard],
  ])('a guard of @clerk-auth/%s refuses every request, and names its package', async (adapter, guardOf) => {
    const app = fastify()
    await app.register(ofFastify.clerkAuth, options)
    const guard = guardOf() as unknown as onRequestHookHandler
    app.get('/', { onRequest: guard }, () => 'in')
    const response = await app.inject({ url: '/', headers: await local.as('alice') })
    expect(response.statusCode).toBe(500)
    expect(response.json()).toMatchObject({ message: importedFrom('requireAuth()', adapter).message })
    await app.close()
  })
})

async function askExpress(framework: typeof express, middleware: RequestHandler, guard: RequestHandler) {
  const app = framework()
  const errors: unknown[] = []
  app.use(middleware)
  app.get('/', guard, (_req, res) => void res.send('in'))
  app.use(((error, _req, res, _next) => {
    errors.push(error)
    res.status(500).send('out')
  }) as ErrorRequestHandler)
  const answer = async (headers: Record<string, string>) => {
    const { url, close } = await listen(createServer(app))
    const response = await fetch(url, { headers })
    const text = await response.text()
    await close()
    return text
  }
  return { answer, errors, headers: () => local.as('alice') }
}

function honoApp(middleware: MiddlewareHandler, guard: MiddlewareHandler) {
  const app = new Hono()
  const errors: unknown[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('out', 500)
  })
  app.use(middleware)
  app.get('/', guard, (c) => c.text('in'))
  return { app, errors }
}
