import { once } from 'node:events'
import { connect, createServer, Http2ServerRequest, Http2ServerResponse, type ClientHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createClerkAuth, type AcceptsToken, type ClerkAuth } from '@clerk-auth/core'
import * as adapterOfExpress from '@clerk-auth/express'
import * as mcpOfExpress from '@clerk-auth/express/mcp'
import * as adapterOfFastify from '@clerk-auth/fastify'
import * as mcpOfFastify from '@clerk-auth/fastify/mcp'
import * as adapterOfHono from '@clerk-auth/hono'
import * as mcpOfHono from '@clerk-auth/hono/mcp'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import express from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const RESOURCE = 'https://api.example.com/mcp'
const RESOURCES = [RESOURCE, `${RESOURCE}/admin`].map((resource) => ({ resource, scopes: ['mcp:read'] }))
const PATH = '/mcp/admin'
const OAUTH = { acceptsToken: 'oauth_token' } as const

type Server = ReturnType<typeof createServer>
type Serve = (clerk: ClerkAuth<AcceptsToken>) => Promise<Server>

/** Express serves HTTP/2 only if its requests and responses inherit from those of `node:http2`. */
function serveExpress(framework: typeof express): Serve {
  return async (clerk) => {
    const { clerkAuth, requireAuth } = adapterOfExpress
    const app = framework()
    const inherit = (base: object, own: object) => {
      const prototype = Object.create(base, Object.getOwnPropertyDescriptors(own)) as object
      return Object.create(prototype, { app: { value: app } }) as never
    }
    app.request = inherit(Http2ServerRequest.prototype, framework.request)
    app.response = inherit(Http2ServerResponse.prototype, framework.response)
    app.use(clerkAuth(clerk))
    for (const resource of RESOURCES) app.use(mcpOfExpress.protectedResource(resource))
    app.all(PATH, requireAuth(OAUTH), (_req, res) => void res.end('admin'))
    return createServer(app as never).listen(0, '127.0.0.1')
  }
}

const serveFastify: Serve = async (clerk) => {
  const { clerkAuth, requireAuth } = adapterOfFastify
  const app = fastify({ http2: true, routerOptions: { caseSensitive: false } }) as unknown as FastifyInstance
  await app.register(clerkAuth, { clerk })
  for (const resource of RESOURCES) await app.register(mcpOfFastify.protectedResource, resource)
  app.all(PATH, { onRequest: requireAuth(OAUTH) }, async () => 'admin')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server as unknown as Server
}

const serveHono: Serve = async (clerk) => {
  const { clerkAuth, requireAuth } = adapterOfHono
  const app = new Hono()
  app.use(clerkAuth(clerk))
  for (const resource of RESOURCES) app.use(mcpOfHono.protectedResource(resource))
  app.all(PATH, requireAuth(OAUTH), (c) => c.text('admin'))
  return serve({ fetch: app.fetch, createServer, port: 0, hostname: '127.0.0.1' }) as Server
}

describe.each<[string, Serve]>([
  ['Express 5', serveExpress(express)],
  ['Express 4', serveExpress(express4)],
  ['Fastify 5', serveFastify],
  ['Hono', serveHono],
])('%s over HTTP/2', (_name, start) => {
  let local: LocalClerk
  let clerk: ClerkAuth<AcceptsToken>
  let server: Server
  let client: ClientHttp2Session
  beforeAll(async () => {
    local = await startLocalClerk()
    clerk = createClerkAuth({ frontendApiUrl: local.url, acceptsToken: ['session_token', 'oauth_token'] })
    server = await start(clerk)
    if (!server.listening) await once(server, 'listening')
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterAll(async () => {
    client.destroy()
    server.close()
    clerk.close()
    await local.close()
  })

  const tokenFor = (audience: string) => local.oauthToken({ audience, scopes: ['mcp:read'], format: 'jwt' })

  async function ask(token: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
    const stream = client.request({ ':path': PATH, authorization: `Bearer ${token}`, ...headers })
    let status = 0
    let body = ''
    stream.on('response', (answer) => (status = Number(answer[':status'])))
    stream.on('data', (chunk) => (body += String(chunk)))
    // Node resets the stream if a path has characters that HTTP/2 does not allow.
    await new Promise<void>((resolve) => stream.on('error', () => {}).on('close', resolve))
    return { status, body }
  }

  it('accepts tokens for the resource of the path, whatever the client says about the host', async () => {
    const [ours, outer] = await Promise.all([tokenFor(RESOURCES[1]!.resource), tokenFor(RESOURCE)])
    for (const headers of [{}, { ':authority': 'other.example' }, { ':authority': 'api.example.com', host: 'other' }]) {
      expect(await ask(ours, headers)).toEqual({ status: 200, body: 'admin' })
      expect(await ask(outer, headers)).toMatchObject({
        status: 401,
        body: expect.stringContaining('token-invalid-audience'),
      })
    }
  })

  it('never takes a path with one more character for that of the outer resource', async () => {
    const outer = await tokenFor(RESOURCE)
    const positions = Array.from({ length: PATH.length + 1 }, (_, i) => i)
    const paths = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).flatMap((character) =>
      positions.map((at) => PATH.slice(0, at) + character + PATH.slice(at)),
    )
    const answers = await Promise.all(paths.map(async (path) => ({ path, ...(await ask(outer, { ':path': path })) })))
    expect(answers.filter(({ body }) => body === 'admin')).toEqual([])
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(answers.some(({ body }) => body.includes('token-invalid-audience'))).toBe(true)
  })
})
