import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { AuthError, type AcceptsToken, type Auth, type ClerkAuth } from '@clerk-auth/core'
import * as adapterOfExpress from '@clerk-auth/express'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as adapterOfHono from '@clerk-auth/hono'
import express, { type ErrorRequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { functionsIn, objectsIn, tamperWith } from './object-graph.js'

type Clerk = ClerkAuth<AcceptsToken>
export interface App {
  readonly url: string
  readonly close: () => unknown
}

/** For every kind of caller: `/careless` changes everything it can reach, `/careful` returns the caller. */
const ROUTES = { '/careless': careless, '/careful': careful } as const
const ANYBODY = { acceptsToken: 'any' } as const

function careless(auth: Auth) {
  return { changed: [...objectsIn(auth), ...functionsIn(auth)].flatMap(tamperWith) }
}

function careful(auth: Auth) {
  return { auth, isAdmin: auth.has({ role: 'org:admin' }) }
}

/**
 * The response of the error handlers. The one for `/careless` first writes to the error, as a handler that adds to it
 * would.
 */
function answerOf(path: string, error: unknown): { status: ContentfulStatusCode; body: object } {
  if (!AuthError.is(error)) throw error
  if (path === '/careless') Object.assign(error, { code: 'careless', status: 418, retryAfter: 9, headers: { a: 'b' } })
  const { code, status } = error
  return { status, body: { code } }
}

export const APPS: Readonly<Record<string, (clerk: Clerk) => Promise<App>>> = {
  Express: async (clerk) => {
    const { clerkAuth, getAuth, requireAuth } = adapterOfExpress
    const app = express()
    app.use(clerkAuth(clerk))
    for (const [path, answer] of Object.entries(ROUTES))
      app.get(path, requireAuth(ANYBODY), (req, res) => void res.json(answer(getAuth(req))))
    app.use(((error, req, res, _next) => {
      const { status, body } = answerOf(req.path, error)
      res.status(status).json(body)
    }) as ErrorRequestHandler)
    return listening(createServer(app).listen(0, '127.0.0.1'))
  },

  Fastify: async (clerk) => {
    const { clerkAuth, getAuth, requireAuth } = adapterOfFastify
    const app = fastify()
    app.setErrorHandler((error, request, reply) => {
      const { status, body } = answerOf(request.url, error)
      return reply.code(status).send(body)
    })
    await app.register(clerkAuth, { clerk })
    for (const [path, answer] of Object.entries(ROUTES))
      app.get(path, { onRequest: requireAuth(ANYBODY) }, async (request) => answer(getAuth(request)))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  },

  Hono: async (clerk) => {
    const { clerkAuth, getAuth, requireAuth } = adapterOfHono
    const app = new Hono()
    app.use(clerkAuth(clerk))
    for (const [path, answer] of Object.entries(ROUTES))
      app.get(path, requireAuth(ANYBODY), (c) => c.json(answer(getAuth(c))))
    app.onError((error, c) => {
      const { status, body } = answerOf(c.req.path, error)
      return c.json(body, status)
    })
    return listening(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server)
  },
}

async function listening(server: Server): Promise<App> {
  if (!server.listening) await new Promise<void>((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
