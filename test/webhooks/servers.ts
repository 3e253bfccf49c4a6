import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { serve } from '@hono/node-server'
import { Controller, Get, type DynamicModule, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import * as adapterOfExpress from '@clerk-auth/express'
import * as webhooksOfExpress from '@clerk-auth/express/webhooks'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as webhooksOfFastify from '@clerk-auth/fastify/webhooks'
import * as adapterOfHono from '@clerk-auth/hono'
import * as webhooksOfHono from '@clerk-auth/hono/webhooks'
import { CLERK_AUTH, ClerkAuthModule } from '@clerk-auth/nestjs'
import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import type { WebhookOptions } from '@clerk-auth/core/webhooks'
import express from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { listen, type Served } from '../contract/targets.js'

export interface Api {
  readonly clerk: ClerkAuth<AcceptsToken>
  /** How something else reads the body before the receiver; with `text`, Hono parses it, but keeps the text. */
  readonly readFirst?: 'bytes' | 'text' | 'json'
  readonly options?: WebhookOptions
}

/** An API with `POST /webhooks/clerk`, and `GET /me` for users who are signed in. */
export interface Framework {
  readonly name: string
  readonly serve: (api: Api) => Promise<Served>
}

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', serve: serveExpress(express) },
  { name: 'Express 4', serve: serveExpress(express4) },
  { name: 'Fastify 5', serve: serveFastify(() => fastify()) },
  { name: 'Fastify 4', serve: serveFastify(() => fastify4() as unknown as FastifyInstance) },
  { name: 'Hono', serve: serveHono },
  { name: 'NestJS on Express', serve: serveNestOnExpress },
  { name: 'NestJS on Fastify', serve: serveNestOnFastify },
]

/** The API of a framework until the test ends. */
export async function start(framework: Framework, api: Api): Promise<string> {
  const { url, close } = await framework.serve(api)
  onTestFinished(close)
  return url
}

function serveExpress(framework: typeof express): Framework['serve'] {
  return ({ clerk, readFirst, options }) => {
    const { clerkAuth, requireAuth } = adapterOfExpress
    const app = framework()
    if (readFirst === 'bytes') app.use(framework.raw({ type: '*/*' }))
    if (readFirst === 'text') app.use(framework.text({ type: '*/*' }))
    if (readFirst === 'json') app.use(framework.json())
    app.post('/webhooks/clerk', webhooksOfExpress.clerkWebhooks(clerk, options))
    app.use(framework.json())
    app.use(clerkAuth(clerk))
    app.get('/me', requireAuth(), (_req, res) => void res.json({}))
    return listen(createServer(app))
  }
}

function serveFastify(make: () => FastifyInstance): Framework['serve'] {
  return async ({ clerk, readFirst, options }) => {
    const { clerkAuth, requireAuth } = adapterOfFastify
    const app = make()
    await app.register(clerkAuth, { clerk })
    // The default guard of the scope.
    app.addHook('onRequest', requireAuth())
    readBefore(app, readFirst)
    await app.register(webhooksOfFastify.clerkWebhooks, { clerk, path: '/webhooks/clerk', ...options })
    app.get('/me', async () => ({}))
    app.post('/echo', async ({ body }) => ({ body }))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  }
}

function readBefore(app: FastifyInstance, readFirst: Api['readFirst']): void {
  if (readFirst === 'json') app.addHook('onRequest', async ({ raw }) => void (await buffer(raw)))
  if (readFirst === 'bytes' || readFirst === 'text')
    app.addHook('preParsing', (_request, _reply, payload, done) => done(null, payload.pipe(new PassThrough())))
}

function serveHono({ clerk, readFirst, options }: Api): Promise<Served> {
  const { clerkAuth, requireAuth } = adapterOfHono
  const app = new Hono()
  if (readFirst === 'bytes')
    app.use(async (c, next) => {
      await c.req.arrayBuffer()
      await next()
    })
  if (readFirst === 'text')
    app.use(async (c, next) => {
      await c.req.json()
      await next()
    })
  if (readFirst === 'json')
    app.use(async (c, next) => {
      await c.req.raw.json()
      await next()
    })
  app.post('/webhooks/clerk', webhooksOfHono.clerkWebhooks(clerk, options))
  app.use(clerkAuth(clerk))
  app.get('/me', requireAuth(), (c) => c.json({}))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => void server.close(() => done())),
      }),
    )
  })
}

/** The guard of the module is the default of all routes, but not of what is mounted before them. */
async function serveNestOnExpress({ clerk, readFirst, options }: Api): Promise<Served> {
  const app = await NestFactory.create<NestExpressApplication>(apiModule(clerk), QUIET)
  if (readFirst === 'bytes') app.use(express.raw({ type: '*/*' }))
  if (readFirst === 'text') app.use(express.text({ type: '*/*' }))
  if (readFirst === 'json') app.use(express.json())
  app.use('/webhooks/clerk', webhooksOfExpress.clerkWebhooks(app.get<typeof clerk>(CLERK_AUTH), options))
  return listenNest(app)
}

async function serveNestOnFastify({ clerk, readFirst, options }: Api): Promise<Served> {
  const app = await NestFactory.create<NestFastifyApplication>(apiModule(clerk), new FastifyAdapter(), QUIET)
  const server = app.getHttpAdapter().getInstance()
  readBefore(server, readFirst)
  await app.register(webhooksOfFastify.clerkWebhooks, {
    clerk: app.get<typeof clerk>(CLERK_AUTH),
    path: '/webhooks/clerk',
    ...options,
  })
  return listenNest(app)
}

const QUIET = { logger: false, abortOnError: false } as const

function apiModule(clerk: ClerkAuth<AcceptsToken>): DynamicModule {
  @Controller('me')
  class Me {
    @Get()
    get() {
      return {}
    }
  }
  class Root {}
  return { module: Root, imports: [ClerkAuthModule.forRoot(clerk)], controllers: [Me] }
}

async function listenNest(app: INestApplication): Promise<Served> {
  await app.listen(0, '127.0.0.1')
  return { url: await app.getUrl(), close: () => app.close() }
}
