import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll } from 'vitest'
import { startLocalClerk, type LocalClerk } from '../src/index.js'

/** An auth object of the official middleware, for any kind of token. */
export interface OfficialAuth extends Readonly<Record<string, unknown>> {
  readonly isAuthenticated: boolean
  readonly tokenType: string | null
  readonly has: (requirement: unknown) => boolean
  readonly getToken: (options?: { readonly template?: string }) => Promise<string | null>
  readonly debug: () => object
}

/** The outcome of a request. */
export interface Outcome {
  /** 200, or 401 from the handler if the request is not authenticated */
  readonly status: number
  /** Why the request is signed out, from a header of the middleware; `null` if it is signed in. */
  readonly reason: string | null
  /** the same as a message */
  readonly message: string | null
  readonly headers: Headers
  /** The result of `getAuth`; `undefined` if the middleware answered before the handler. */
  readonly auth: OfficialAuth | undefined
}

/** An API behind one of the official middlewares. Its routes are the keys of {@link ROUTES}. */
export interface OfficialApp {
  readonly url: string
  readonly send: (route: keyof typeof ROUTES, headers?: Readonly<Record<string, string>>) => Promise<Outcome>
}

/** The options that each route passes to `getAuth`. */
export const ROUTES = {
  '/people': undefined,
  '/m2m': { acceptsToken: 'm2m_token' },
  '/oauth': { acceptsToken: 'oauth_token' },
  '/keys': { acceptsToken: 'api_key' },
  '/machines': { acceptsToken: ['m2m_token', 'api_key'] },
  '/any': { acceptsToken: 'any' },
  '/pending': { treatPendingAsSignedOut: false },
} as const

/** The data of an auth object, without its methods. */
export function factsOf({ auth }: Outcome): object | undefined {
  if (!auth) return undefined
  const { has: _has, getToken: _getToken, debug: _debug, ...facts } = auth
  return facts
}

/** Returns the status for the result of `getAuth`. */
type Handle = (auth: OfficialAuth) => number

/**
 * Starts a local instance and sets its environment variables before the official middleware is loaded: Clerk's Fastify
 * plugin reads them on import. So there is one instance per test file, and the middleware is configured only by them.
 */
export async function startWithOfficialApps(): Promise<{ local: LocalClerk; apps: Record<Framework, OfficialApp> }> {
  const local = await startLocalClerk()
  Object.assign(process.env, local.env, { CLERK_TELEMETRY_DISABLED: '1' })
  const apps = {
    Express: await appOf(expressApp),
    Fastify: await appOf(fastifyApp),
    Hono: await appOf(honoApp),
  }
  afterAll(() => local.close())
  return { local, apps }
}

export type Framework = 'Express' | 'Fastify' | 'Hono'

export const FRAMEWORKS: readonly Framework[] = ['Express', 'Fastify', 'Hono']

async function appOf(start: (handle: Handle) => Promise<Server>): Promise<OfficialApp> {
  let seen: OfficialAuth | undefined
  const server = await start((auth) => {
    seen = auth
    return auth.isAuthenticated ? 200 : 401
  })
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async send(route, headers = {}) {
      seen = undefined
      const response = await fetch(url + route, { headers, redirect: 'manual' })
      const { status, headers: responseHeaders } = response
      const detail = (name: string) => responseHeaders.get(`x-clerk-auth-${name}`)
      return { status, reason: detail('reason'), message: detail('message'), headers: responseHeaders, auth: seen }
    },
  }
}

async function expressApp(handle: Handle): Promise<Server> {
  const { clerkMiddleware, getAuth } = await import('@clerk/express')
  const app = express()
  app.use(clerkMiddleware())
  for (const [path, options] of Object.entries(ROUTES))
    app.get(path, (req, res) => void res.status(handle(getAuth(req, options as object) as never)).end())
  return createServer(app)
}

async function fastifyApp(handle: Handle): Promise<Server> {
  const { clerkPlugin, getAuth } = await import('@clerk/fastify')
  const app = fastify()
  // The only option that the plugin does not read from the environment.
  await app.register(clerkPlugin, { apiUrl: process.env['CLERK_API_URL'] ?? '' })
  for (const [path, options] of Object.entries(ROUTES))
    app.get(path, (request, reply) => reply.code(handle(getAuth(request, options as object) as never)).send())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

async function honoApp(handle: Handle): Promise<Server> {
  const { clerkMiddleware, getAuth } = await import('@clerk/hono')
  const app = new Hono()
  app.use('*', clerkMiddleware())
  for (const [path, options] of Object.entries(ROUTES))
    app.get(path, (c) => c.body(null, handle(getAuth(c, options as object) as never) as 200))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server as Server))
  })
}
