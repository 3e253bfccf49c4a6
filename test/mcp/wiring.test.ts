import { createServer } from 'node:http'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import * as express from '@clerk-auth/express'
import * as mcpOfExpress from '@clerk-auth/express/mcp'
import * as fastify from '@clerk-auth/fastify'
import * as mcpOfFastify from '@clerk-auth/fastify/mcp'
import * as hono from '@clerk-auth/hono'
import * as mcpOfHono from '@clerk-auth/hono/mcp'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { ClerkAuthModule, ProtectedResourceModule } from '@clerk-auth/nestjs'
import expressApp, { type ErrorRequestHandler, type Express } from 'express'
import fastifyApp, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PLATFORMS } from '../contract/nestjs.js'
import { listen } from '../contract/targets.js'

const RESOURCE = { resource: 'https://api.example.com/mcp', scopes: ['mcp:read'] }
const OAUTH = { acceptsToken: 'oauth_token' } as const
const METADATA = '/.well-known/oauth-protected-resource/mcp'

let local: LocalClerk
let other: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
  other = await startLocalClerk()
})
afterAll(() => Promise.all([local.close(), other.close()]))

const of = ({ url }: LocalClerk): ClerkAuthOptions => ({ frontendApiUrl: url })

/** The URL of an Express app, which answers errors with their message and headers. */
async function served(app: Express): Promise<string> {
  const answer: ErrorRequestHandler = (error: Error & { headers?: object }, _req, res, _next) =>
    void res.status(500).json({ error: error.name, message: error.message, headers: error.headers })
  app.use(answer)
  const { url, close } = await listen(createServer(app))
  onTestFinished(close)
  return url
}
const read = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>

describe('on Express', () => {
  it('a resource that is mounted before clerkAuth() is a TypeError for every request', async () => {
    const app = expressApp()
    app.use(mcpOfExpress.protectedResource(RESOURCE))
    app.use(express.clerkAuth(of(local)))
    const url = await served(app)
    for (const path of [METADATA, '/mcp', '/other'])
      expect(await read(url + path)).toMatchObject({
        error: 'TypeError',
        message: 'protectedResource() needs clerkAuth() to run first: mount it before the routes',
      })
  })

  it('a resource of two instances names the one that it is bound to', async () => {
    const app = expressApp()
    const [first, second] = [express.clerkAuth(of(local)), express.clerkAuth(of(other))]
    app.use(first, second)
    app.use('/bound', mcpOfExpress.protectedResource(RESOURCE, { by: second }))
    app.use(mcpOfExpress.protectedResource(RESOURCE, { by: second }))
    const guards = [first, second].map((by) => express.requireAuth(OAUTH, { by }))
    app.get('/mcp/first', guards[0]!, (_req, res) => void res.json({}))
    app.get('/mcp/second', guards[1]!, (_req, res) => void res.json({}))
    const url = await served(app)
    expect(await read(url + METADATA)).toMatchObject({ authorization_servers: [other.url] })
    const tokens = await Promise.all(
      [local, other].map((one) => one.oauthToken({ audience: 'https://elsewhere.example' })),
    )
    const statusOf = async (path: string, token: string) =>
      (await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } })).status
    expect(await statusOf('/mcp/first', tokens[0]!)).toBe(200)
    expect(await statusOf('/mcp/second', tokens[1]!)).toBe(401)
  })

  it('a resource that is used without a call is a TypeError that says so', async () => {
    const app = expressApp()
    app.use(mcpOfExpress.protectedResource as never)
    expect((await read((await served(app)) + METADATA))['message']).toContain(
      'write protectedResource(), with parentheses',
    )
  })

  it('a resource that is not bound to one of two instances is a TypeError', async () => {
    const app = expressApp()
    app.use(express.clerkAuth(of(local)), express.clerkAuth(of(other)))
    app.use(mcpOfExpress.protectedResource(RESOURCE))
    expect((await read((await served(app)) + METADATA))['message']).toContain(
      'two instances have identified this request',
    )
  })

  it('the metadata of an instance that does not know its issuer is a TypeError that names the variable', async () => {
    const app = expressApp()
    app.use(express.clerkAuth({ secretKey: 'sk_test_secret' }), mcpOfExpress.protectedResource(RESOURCE))
    expect((await read((await served(app)) + METADATA))['message']).toContain('set CLERK_PUBLISHABLE_KEY')
  })

  it('an error that goes to the application has the whole challenge', async () => {
    const app = expressApp()
    app.use(express.clerkAuth({ ...of(local), refusals: 'throw' }), mcpOfExpress.protectedResource(RESOURCE))
    app.get('/mcp', express.requireAuth(OAUTH))
    expect((await read(`${await served(app)}/mcp`))['headers']).toMatchObject({
      'WWW-Authenticate': `Bearer realm="api", scope="mcp:read", resource_metadata="https://api.example.com${METADATA}"`,
    })
  })

  it('the description of a caller needs the guard that accepted it, which must not accept sessions', async () => {
    const app = expressApp()
    const [guard, session] = [express.requireAuth(OAUTH), express.requireAuth()]
    app.use(express.clerkAuth(of(local)), mcpOfExpress.protectedResource(RESOURCE))
    app.get('/unguarded', (req, res) => void res.json(mcpOfExpress.toMcpAuthInfo(req, guard)))
    app.get('/session', session, (req, res) => void res.json(mcpOfExpress.toMcpAuthInfo(req, session as never)))
    const url = await served(app)
    expect((await read(`${url}/unguarded`))['message']).toContain('a guard that has not accepted this request')
    const headers = { Authorization: `Bearer ${await local.sessionToken()}` }
    expect(await (await fetch(`${url}/session`, { headers })).json()).toMatchObject({
      message: 'toMcpAuthInfo() needs a guard that accepts OAuth tokens, API keys or M2M tokens',
    })
  })
})

describe('on Hono', () => {
  it('a resource that is mounted before clerkAuth() is a TypeError', async () => {
    const app = new Hono()
    app.use(mcpOfHono.protectedResource(RESOURCE), hono.clerkAuth(of(local)))
    app.onError((error, c) => c.text(String(error), 500))
    expect(await (await app.request('/mcp')).text()).toMatch(/^TypeError: protectedResource\(\) needs clerkAuth\(\)/)
  })

  it('a resource that is used without a call is a TypeError that says so', async () => {
    const app = new Hono()
    app.use(mcpOfHono.protectedResource as never)
    app.onError((error, c) => c.text(String(error), 500))
    expect(await (await app.request('/mcp')).text()).toContain('write protectedResource(), with parentheses')
  })

  it('a resource in an app that is mounted under a path has the whole path', async () => {
    const [app, nested] = [new Hono(), new Hono()]
    app.use(hono.clerkAuth(of(local)), mcpOfHono.protectedResource(RESOURCE))
    nested.get('/', hono.requireAuth(OAUTH), (c) => c.json({}))
    app.route('/mcp', nested)
    expect((await app.request('/mcp')).headers.get('www-authenticate')).toContain('resource_metadata=')
  })
})

describe('on Fastify', () => {
  const ready = async (register: (app: FastifyInstance) => Promise<void> | void) => {
    const app = fastifyApp()
    onTestFinished(() => app.close())
    await register(app)
    await app.ready()
    return app
  }

  it.each([
    ['without clerkAuth', {}, RESOURCE, 'register clerkAuth first'],
    ['with a wrong option', of, { ...RESOURCE, scopes: [] }, 'option "scopes" must be a non-empty list'],
    ['of an instance without an issuer', { secretKey: 'sk_test_secret' }, RESOURCE, 'set CLERK_PUBLISHABLE_KEY'],
    ['in a scope with a prefix', of, RESOURCE, 'is registered with a prefix'],
  ])('a resource %s is a TypeError at start', async (what, clerk, options, message) => {
    const starting = ready(async (app) => {
      if (what !== 'without clerkAuth')
        void app.register(fastify.clerkAuth, typeof clerk === 'function' ? clerk(local) : clerk)
      const prefix = what === 'in a scope with a prefix' ? '/api' : ''
      void app.register(async (scope) => void scope.register(mcpOfFastify.protectedResource, options), { prefix })
    })
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(TypeError)
  })

  it('a call instead of the plugin itself is a TypeError that says so', () => {
    expect(() => (mcpOfFastify.protectedResource as Function)(RESOURCE)).toThrow(
      'write register(protectedResource, options)',
    )
  })

  it('a guard of the whole scope skips the metadata, and is subject to the resource of an inner scope', async () => {
    const app = await ready((app) => {
      void app.register(fastify.clerkAuth, of(local))
      void app.register(async (scope) => {
        scope.addHook('onRequest', fastify.requireAuth(OAUTH))
        void scope.register(async (inner) => {
          await inner.register(mcpOfFastify.protectedResource, RESOURCE)
          inner.get('/mcp', async () => ({}))
        })
        scope.get('/outer', async () => ({}))
      })
    })
    expect((await app.inject(METADATA)).statusCode).toBe(200)
    expect((await app.inject('/mcp')).headers['www-authenticate']).toContain('resource_metadata=')
    const headers = { authorization: `Bearer ${await local.oauthToken()}` }
    expect((await app.inject({ url: '/mcp', headers })).json()).toMatchObject({ code: 'token-invalid-audience' })
    expect((await app.inject({ url: '/outer', headers })).statusCode).toBe(200)
  })

  it('two resources in one scope both apply', async () => {
    const app = await ready(async (app) => {
      await app.register(fastify.clerkAuth, of(local))
      await app.register(mcpOfFastify.protectedResource, RESOURCE)
      await app.register(mcpOfFastify.protectedResource, { ...RESOURCE, resource: 'https://api.example.com/files' })
      for (const url of ['/mcp', '/files']) app.get(url, { onRequest: fastify.requireAuth(OAUTH) }, async () => ({}))
    })
    for (const path of ['/mcp', '/files']) {
      const headers = {
        authorization: `Bearer ${await local.oauthToken({ audience: `https://api.example.com${path}` })}`,
      }
      expect((await app.inject({ url: path, headers })).statusCode).toBe(200)
      expect((await app.inject({ url: path === '/mcp' ? '/files' : '/mcp', headers })).statusCode).toBe(401)
    }
  })
})

describe.each(Object.entries(PLATFORMS))('in NestJS on %s', (_name, create) => {
  const started = async (imports: readonly object[]) => {
    class Root {}
    const app = await create({ module: Root, imports })
    onTestFinished(() => app.close())
    await app.init()
    return app
  }

  it('a wrong option is a TypeError before the start', () => {
    expect(() => ProtectedResourceModule.forRoot({ ...RESOURCE, scopes: [] })).toThrow('option "scopes" must be')
  })

  it('an instance that does not know its issuer is a TypeError at start', async () => {
    const modules = [
      ClerkAuthModule.forRoot({ secretKey: 'sk_test_secret' }),
      ProtectedResourceModule.forRoot(RESOURCE),
    ]
    await expect(started(modules)).rejects.toThrow('set CLERK_PUBLISHABLE_KEY')
  })

  it('the metadata keeps its path under a global prefix that excludes it', async () => {
    class Root {}
    const modules = [ClerkAuthModule.forRoot(of(local)), ProtectedResourceModule.forRoot(RESOURCE)]
    const app = await create({ module: Root, imports: modules })
    onTestFinished(() => app.close())
    app.setGlobalPrefix('api', { exclude: ['.well-known/{*path}'] })
    await app.listen(0, '127.0.0.1')
    expect(await read((await app.getUrl()) + METADATA)).toMatchObject({ resource: RESOURCE.resource })
  })
})
