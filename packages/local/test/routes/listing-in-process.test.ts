import { createRequire } from 'node:module'
import * as express5 from '@clerk-auth/express'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as adapterOfHono from '@clerk-auth/hono'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listApp, prepareFrameworks } from '../../src/routes/list-app.js'
import { env, inWords } from './listed.js'

const { requireAuth, isPublic } = express5
const options = { publishableKey: env.CLERK_PUBLISHABLE_KEY }
const require = createRequire(import.meta.url)

await prepareFrameworks(import.meta.filename)

async function list(app: unknown) {
  const listed = await listApp(app)
  onTestFinished(listed.close)
  return listed
}

describe('an application of this process', () => {
  it.each([
    [
      'Express',
      () => {
        const app = express()
        app.use(express5.clerkAuth(options))
        app.get('/open', (_req, res) => void res.json({ handled: true }))
        app.get('/me', requireAuth(), (_req, res) => void res.json({ handled: true }))
        return app
      },
    ],
    [
      'Fastify',
      async () => {
        const app = fastify()
        await app.register(adapterOfFastify.clerkAuth, options)
        app.get('/open', async () => ({ handled: true }))
        app.get('/me', { preHandler: adapterOfFastify.requireAuth() }, async () => ({ handled: true }))
        return app
      },
    ],
    [
      'Hono',
      () =>
        new Hono()
          .use(adapterOfHono.clerkAuth(options))
          .get('/open', (c) => c.json({ handled: true }))
          .get('/me', adapterOfHono.requireAuth(), (c) => c.json({ handled: true })),
    ],
  ])('of %s has its handlers back when it is closed', async (_name, create) => {
    const app = await create()
    const { listing, url, close } = await listApp(app)
    expect(listing.routes.map(inWords)).toEqual(['GET /open:', 'GET /me: session_token'])
    expect((await fetch(`${url}/open`)).status).toBe(204)
    expect((await fetch(`${url}/me`)).status).toBe(401)
    await close()

    const again = await listApp(app, { callsHandlers: true })
    onTestFinished(again.close)
    expect(again.listing).toEqual(listing)
    expect(await (await fetch(`${again.url}/open`)).json()).toEqual({ handled: true })
    expect((await fetch(`${again.url}/me`)).status).toBe(401)
  })

  it('of Express is listed without the paths of routers that Express does not keep', async () => {
    const express4 = unpreparedExpress()
    const app = express4()
    const router = express4.Router()
    router.get('/users/:id', requireAuth(), (_req, res) => void res.end())
    router.get('/open', (_req, res) => void res.end())
    app.use(requireAuth({ role: 'org:admin' }))
    app.use('/api', requireAuth({ permission: 'org:api:use' }), router)
    app.use(router)
    const inner = express4()
    inner.get('/inner', isPublic(), (_req, res) => void res.end())
    app.use(inner)
    const { listing } = await list(app)
    const why = 'uncertain: Express does not keep the path of its router'
    // The guard for /api may be one for another path.
    expect(listing.routes.map(inWords)).toEqual([
      `GET /…/users/:id: session_token role=org:admin, session_token | ${why}`,
      `GET /…/open: session_token role=org:admin | ${why}`,
      'GET /users/:id: session_token role=org:admin, session_token',
      'GET /open: session_token role=org:admin',
      'GET /inner: session_token role=org:admin, public',
    ])
  })

  it('of Fastify is refused if it was built before', async () => {
    const { default: other } = (await import('fastify')) as { default: typeof fastify }
    const app = other()
    const unrecorded = Object.create(app) as typeof app
    await expect(listApp(unrecorded)).rejects.toThrow(
      /^its routes are not known: fastify\(\) was called before routes could be recorded$/,
    )
  })

  it.each([[undefined], [null], ['app'], [{}], [() => {}]])('is not %s', async (value) => {
    await expect(listApp(value)).rejects.toThrow('not an application of Express, Fastify, Hono or NestJS')
  })

  it('with 500 routes is listed in less than 2 seconds', async () => {
    const app = express()
    app.use(express5.clerkAuth(options))
    for (let i = 0; i < 25; i++) {
      const router = express.Router()
      if (i % 2 === 0) router.use(requireAuth())
      for (let j = 0; j < 10; j++) {
        router.get(`/things-${j}/:id`, requireAuth(), (_req, res) => void res.end())
        router.post(`/things-${j}`, requireAuth({ role: 'org:admin' }), (_req, res) => void res.end())
      }
      app.use(`/part-${i}`, router)
    }
    const hono = new Hono()
    for (let i = 0; i < 500; i++) hono.get(`/things-${i}/:id`, adapterOfHono.requireAuth(), (c) => c.text(''))
    for (const one of [app, hono]) {
      const start = performance.now()
      const { listing } = await list(one)
      const duration = performance.now() - start
      expect(listing.routes).toHaveLength(500)
      expect(listing.routes.every(({ guards }) => guards.length > 0)).toBe(true)
      expect(duration).toBeLessThan(2000)
    }
  })
})

/** A copy of Express 4 that no test has prepared. */
function unpreparedExpress(): typeof express {
  const loaded = Object.entries(require.cache).filter(([path]) => path.includes('/express4/'))
  for (const [path] of loaded) delete require.cache[path]
  const copy = require('express4') as typeof express
  Object.assign(require.cache, Object.fromEntries(loaded))
  return copy
}

describe('routes of routers that no use() mounts', () => {
  const admin = () => express.Router().get('/admin', (_req, res) => void res.json({ handled: true }))
  const hidden = (add: (app: express.Express) => void) => {
    const app = express()
    app.get('/me', requireAuth(), (_req, res) => void res.json({ handled: true }))
    add(app)
    return list(app).then(({ listing }) => listing.routes.map(inWords).slice(1))
  }
  const uncertain = 'uncertain: no use() mounts its router, so it is not known how requests get there'

  it('are listed if a function may call the router', async () => {
    const router = admin()
    expect(await hidden((app) => app.use((req, res, next) => router(req, res, next)))).toEqual([
      `GET /…/admin: | ${uncertain}`,
    ])
  })

  it('are listed if a function may call the application', async () => {
    const other = express().use('/inner', admin())
    other.get('/health', isPublic(), (_req, res) => void res.json({ handled: true }))
    const isOther = (host: string) => host === 'admin.example.com'
    expect(
      await hidden((app) => app.use((req, res, next) => (isOther(req.hostname) ? other(req, res, next) : next()))),
    ).toEqual([`GET /…/admin: | ${uncertain}`, `GET /…/health: | ${uncertain}`])
  })

  it('are not listed twice if the router is mounted', async () => {
    expect(await hidden((app) => app.use('/a', express.Router().use('/b', admin())))).toEqual(['GET /a/b/admin:'])
    expect(await hidden((app) => app.use('/a', express().use(admin())))).toEqual(['GET /a/admin:'])
  })
})
