import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import * as adapterOfExpress from '@clerk-auth/express'
import * as adapterOfFastify from '@clerk-auth/fastify'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import express, { type Request, type RequestHandler } from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import fastify4 from 'fastify4'
import { answerOf, names, UNUSED_CALLERS, type AnyClerkAuth, type App } from './app.js'
import { honoApp } from './hono-app.js'
import { requirements } from './requirements.js'

export { answerOf, type App } from './app.js'

/** A framework, served over HTTP with the routes of the contract. */
export interface Target {
  readonly name: string
  /**
   * `GET /public` returns the caller and refuses no one, `/me` requires a session, `/<requirement>/:orgId` is guarded
   * by the requirement of that name, and `/unmounted` is a route before the middleware. `/by/0`, `/by/1` … are guarded
   * for the callers of that middleware only. `/named/…` answers with `getAuth(request, admin)`: behind that guard
   * (`passed`, and `outer` with another guard between), without any guard (`unguarded`), and behind another one
   * (`other`). `/health` is marked as public.
   */
  readonly serve: (app: App) => Promise<Served>
}

/** Whether guards are those of an adapter. Only the runtimes' tests have an app without one. */
export const hasAdapter = ({ name }: Target): boolean => name !== 'core'

/** Whether an application mounts `clerkAuth()` itself. Without that, there is no `/unmounted` and no `/by/…`. */
export const mountsClerkAuth = (target: Target): boolean => hasAdapter(target) && !target.name.startsWith('NestJS')

export interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

export const targets: readonly Target[] = [
  { name: 'Express 5', serve: serveExpress(express) },
  { name: 'Express 4', serve: serveExpress(express4) },
  { name: 'Fastify 5', serve: serveFastify(() => fastify()) },
  { name: 'Fastify 4', serve: serveFastify(() => fastify4() as unknown as FastifyInstance) },
  { name: 'Hono', serve: serveHono },
  { name: 'NestJS on Express', serve: serveNest('Express') },
  { name: 'NestJS on Fastify', serve: serveNest('Fastify') },
]

/** Loaded when used: the runtimes that serve other targets do without NestJS. */
function serveNest(platform: 'Express' | 'Fastify'): Target['serve'] {
  return async (app) => {
    const nestjs = await import('./nestjs.js')
    return nestjs.serveNest(nestjs.PLATFORMS[platform])(app)
  }
}

function serveExpress(framework: typeof express): Target['serve'] {
  return async ({ clerk, seen = [], callers = UNUSED_CALLERS }) => {
    const { clerkAuth, getAuth, getToken, isPublic, requireAuth } = adapterOfExpress
    const app = framework()
    const [admin, signedIn] = [requireAuth({ role: 'org:admin' }), requireAuth()]
    const named: RequestHandler = (req, res) => void res.json(answerOf(getAuth(req, admin), getToken(req)))
    const answer: RequestHandler = (req, res) => void res.json(answerOf(getAuth(req), getToken(req)))
    app.get('/unmounted', requireAuth(), answer)
    const mounts = clerk.map((options) => clerkAuth(options))
    for (const mount of mounts) app.use(mount)
    for (const [i, by] of mounts.entries())
      app.get(`/by/${i}`, requireAuth({}, { by }), (req, res) => {
        res.json(answerOf(getAuth(req, { by }), getToken(req, { by })))
      })
    app.get('/by/unmounted', requireAuth({}, { by: clerkAuth(clerk[0]) }), answer)
    app.get('/token', (req, res) => void res.json({ hasToken: getToken(req) !== null }))
    app.get('/public', answer)
    app.get('/health', isPublic(), answer)
    app.get('/named/passed', admin, named)
    app.get('/named/outer', admin, signedIn, named)
    app.get('/named/unguarded', named)
    app.get('/named/other', signedIn, named)
    app.all('/me', requireAuth(), answer)
    for (const name of names)
      app.all(
        `/${name}/:orgId`,
        requireAuth(requirements[name]((req: Request) => req.params['orgId'], callers)),
        answer,
      )
    app.use(((error, _req, res, _next) => {
      seen.push(error)
      res
        .status(error.statusCode ?? 500)
        .set(error.headers ?? {})
        .json({ handledBy: 'the application' })
    }) as express.ErrorRequestHandler)
    return listen(createServer(app))
  }
}

function serveFastify(framework: () => FastifyInstance): Target['serve'] {
  return async ({ clerk, seen = [], callers = UNUSED_CALLERS }) => {
    const { clerkAuth, getAuth, getToken, isPublic, requireAuth } = adapterOfFastify
    const app = framework()
    const [admin, signedIn] = [requireAuth({ role: 'org:admin' }), requireAuth()]
    const named = async (request: FastifyRequest) => answerOf(getAuth(request, admin), getToken(request))
    app.setErrorHandler((error: Error & { statusCode?: number; headers?: object }, _request, reply) => {
      seen.push(error)
      return reply
        .code(error.statusCode ?? 500)
        .headers({ ...error.headers })
        .send({ handledBy: 'the application' })
    })
    const answer = async (request: FastifyRequest) => answerOf(getAuth(request), getToken(request))
    await app.register(async (scope) => {
      scope.get('/unmounted', { onRequest: requireAuth() }, answer)
    })
    const routes = async (scope: FastifyInstance) => {
      scope.get('/public', answer)
      scope.get('/health', { config: isPublic() }, answer)
      scope.get('/named/passed', { onRequest: admin }, named)
      scope.get('/named/outer', { onRequest: admin, preHandler: signedIn }, named)
      scope.get('/named/unguarded', named)
      scope.get('/named/other', { onRequest: signedIn }, named)
      scope.route({ url: '/me', method: METHODS, onRequest: requireAuth(), handler: answer })
      for (const name of names) {
        const orgId = (request: FastifyRequest) => (request.params as { orgId: string }).orgId
        const onRequest = requireAuth(requirements[name](orgId, callers))
        scope.route({ url: `/${name}/:orgId`, method: METHODS, onRequest, handler: answer })
      }
    }
    /** Each instance in its own scope, inside that of the previous one; the other routes in the innermost. */
    const scopeOf = (i: number) => async (scope: FastifyInstance) => {
      const options = clerk[i]
      if (!options) return routes(scope)
      await scope.register(clerkAuth, isClerkAuth(options) ? { clerk: options } : options)
      scope.get(`/by/${i}`, { onRequest: requireAuth() }, answer)
      await scope.register(scopeOf(i + 1))
    }
    await app.register(scopeOf(0))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  }
}

const METHODS = ['GET', 'POST', 'OPTIONS']

async function serveHono(app: App): Promise<Served> {
  const { fetch } = honoApp(app)
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}`, close: () => closeServer(server as Server) }),
    )
  })
}

function isClerkAuth(options: ClerkAuthOptions | AnyClerkAuth): options is AnyClerkAuth {
  return 'authenticate' in options
}

export async function listen(server: Server): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Sends headers that `fetch` does not allow, such as duplicate names. */
export function rawRequest(url: string, headers: readonly string[]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const host = new URL(url).host
    const request = httpRequest(url, { headers: ['Host', host, ...headers] as never }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('error', reject).end()
  })
}
