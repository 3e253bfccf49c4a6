import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import type { AcceptsToken, Auth, ClerkAuth, OAuthAuth, Requirements } from '@clerk-auth/core'
import * as adapterOfExpress from '@clerk-auth/express'
import * as mcpOfExpress from '@clerk-auth/express/mcp'
import type { McpAuthInfo, ProtectedResourceOptions } from '@clerk-auth/express/mcp'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as mcpOfFastify from '@clerk-auth/fastify/mcp'
import * as adapterOfHono from '@clerk-auth/hono'
import * as mcpOfHono from '@clerk-auth/hono/mcp'
import express from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { PLATFORMS } from '../contract/nestjs.js'
import { listen, type Served } from '../contract/targets.js'
import { serveNest } from './nestjs.js'

export interface Api {
  readonly clerk: ClerkAuth<AcceptsToken>
  readonly resources: readonly ProtectedResourceOptions[]
}

/**
 * An API whose routes, in `ROUTES`, answer with what `toMcpAuthInfo()` returns. `/mcp/open` has no guard and answers
 * with `getAuth(request, { acceptsToken: 'oauth_token' })`, and `/before` has one before the protected resources.
 */
export interface Framework {
  readonly name: string
  readonly serve: (api: Api) => Promise<Served>
}

const OAUTH = { acceptsToken: 'oauth_token' } as const

export const ROUTES = {
  '/mcp': { ...OAUTH, scope: 'mcp:read' },
  '/mcp/write': { ...OAUTH, scope: ['mcp:read', 'mcp:write'] },
  '/mcp/no-scope': OAUTH,
  '/mcp/other-client': { ...OAUTH, client: 'client_other' },
  '/mcp/org': { ...OAUTH, org: true },
  '/mcp/check': { ...OAUTH, check: () => false },
  '/mcp/fresh': { ...OAUTH, fresh: true },
  '/mcp/session': {},
  '/mcp/admin-or-scope': [{ role: 'org:admin' }, { ...OAUTH, scope: 'mcp:read' }],
  '/mcp/key': { acceptsToken: ['oauth_token', 'api_key', 'm2m_token'] },
  '/mcp/admin': { ...OAUTH, scope: 'admin' },
  '/api': { ...OAUTH, scope: 'mcp:read' },
} as const satisfies Record<string, Requirements>

export type Route = keyof typeof ROUTES

const routes = Object.entries(ROUTES) as [Route, Requirements][]

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', serve: serveExpress(express) },
  { name: 'Express 4', serve: serveExpress(express4) },
  { name: 'Fastify 5', serve: serveFastify(() => fastify()) },
  { name: 'Fastify 4', serve: serveFastify(() => fastify4() as unknown as FastifyInstance) },
  { name: 'Hono', serve: serveHono },
  { name: 'NestJS on Express', serve: serveNest(PLATFORMS.Express, routes) },
  { name: 'NestJS on Fastify', serve: serveNest(PLATFORMS.Fastify, routes) },
]

/** Whether guards can run before the resources are declared: in NestJS, a module declares them for the whole application. */
export const hasRoutesBefore = ({ name }: Framework): boolean => !name.startsWith('NestJS')

/** The API of a framework until the test ends. */
export async function start(framework: Framework, api: Api): Promise<string> {
  const { url, close } = await framework.serve(api)
  onTestFinished(close)
  return url
}

/** What a route answers with. Sessions have no `AuthInfo`. */
const answerOf = (auth: Auth, authInfo: () => McpAuthInfo) =>
  auth.tokenType === 'session_token' ? { userId: auth.userId } : authInfo()
const openAnswer = (auth: Auth) => ({ clientId: auth.isAuthenticated ? (auth as OAuthAuth).clientId : null })

function serveExpress(framework: typeof express): Framework['serve'] {
  return ({ clerk, resources }) => {
    const { clerkAuth, getAuth, requireAuth } = adapterOfExpress
    const app = framework()
    app.use(clerkAuth(clerk))
    app.get('/before', requireAuth(OAUTH), (_req, res) => void res.json({}))
    for (const resource of resources) app.use(mcpOfExpress.protectedResource(resource))
    // In a router, which hides the path of its mount from `req.path`.
    const router = framework.Router()
    app.get('/mcp/open', (req, res) => void res.json(openAnswer(getAuth(req, OAUTH))))
    for (const [path, requirement] of routes) {
      const guard = requireAuth(requirement) as adapterOfExpress.Guard<OAuthAuth>
      const [at, target] = path.startsWith('/mcp') ? [path.slice('/mcp'.length) || '/', router] : [path, app]
      target.all(at, guard, (req, res) => {
        res.json(answerOf(getAuth(req, guard), () => mcpOfExpress.toMcpAuthInfo(req, guard)))
      })
    }
    app.use('/mcp', router)
    return listen(createServer(app))
  }
}

function serveFastify(make: () => FastifyInstance): Framework['serve'] {
  return async ({ clerk, resources }) => {
    const { clerkAuth, getAuth, requireAuth } = adapterOfFastify
    const app = make()
    await app.register(clerkAuth, { clerk })
    app.get('/mcp/open', async (request) => openAnswer(getAuth(request, OAUTH)))
    await app.register(async (outside) => {
      outside.get('/before', { onRequest: requireAuth(OAUTH) }, async () => ({}))
    })
    await app.register(async (scope) => {
      for (const resource of resources) await scope.register(mcpOfFastify.protectedResource, resource)
      scope.get('/mcp/open-in-scope', async (request) => openAnswer(getAuth(request, OAUTH)))
      for (const [path, requirement] of routes) {
        const guard = requireAuth(requirement) as adapterOfFastify.Guard<OAuthAuth>
        // In a scope with a prefix.
        const [prefix, url] = path.startsWith('/mcp') ? ['/mcp', path.slice('/mcp'.length)] : ['', path]
        await scope.register(
          async (inner) => {
            inner.route({
              url,
              method: ['GET', 'POST'],
              onRequest: guard,
              handler: async (request) =>
                answerOf(getAuth(request, guard), () => mcpOfFastify.toMcpAuthInfo(request, guard)),
            })
          },
          { prefix },
        )
      }
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  }
}

function serveHono({ clerk, resources }: Api): Promise<Served> {
  const { clerkAuth, getAuth, requireAuth } = adapterOfHono
  const app = new Hono()
  app.use(clerkAuth(clerk))
  app.get('/before', requireAuth(OAUTH), (c) => c.json({}))
  for (const resource of resources) app.use(mcpOfHono.protectedResource(resource))
  const router = new Hono()
  app.get('/mcp/open', (c) => c.json(openAnswer(getAuth(c, OAUTH))))
  for (const [path, requirement] of routes) {
    const guard = requireAuth(requirement) as unknown as adapterOfHono.Guard<OAuthAuth>
    const [at, target] = path.startsWith('/mcp') ? [path.slice('/mcp'.length) || '/', router] : [path, app]
    target.all(at, guard, (c) => c.json(answerOf(getAuth(c, guard), () => mcpOfHono.toMcpAuthInfo(c, guard))))
  }
  app.route('/mcp', router)
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => void server.close(() => done())),
      }),
    )
  })
}
