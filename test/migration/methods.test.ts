import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { clerkAuth, createClerkAuth, getAuth, getToken, requireAuth, type SessionAuth } from '@clerk-auth/express'
import { authorization, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { createClerkClient } from '@clerk/backend'
import {
  clerkMiddleware,
  getAuth as getAuthOfClerk,
  requireAuth as requireAuthOfClerk,
  verifyToken,
} from '@clerk/express'
import express, { type Express } from 'express'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'

let local: LocalClerk
const closers: (() => unknown)[] = []

beforeAll(async () => {
  local = await startLocalClerk()
  for (const [name, value] of Object.entries({ ...local.env, CLERK_TELEMETRY_DISABLED: '1' })) vi.stubEnv(name, value)
})
afterEach(() => {
  for (const close of closers.splice(0)) close()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await local.close()
})

/** Serves an app, and returns a function that sends it a request. */
async function serve(app: Express) {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return (path: string, init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init })
}

it('requireAuth() answers 401 where it redirected', async () => {
  const app = express()
  app.get('/before', clerkMiddleware(), requireAuthOfClerk({ signInUrl: '/sign-in' }), (_req, res) => res.end())
  app.get('/after', clerkAuth(), requireAuth(), (_req, res) => res.end())
  const ask = await serve(app)
  const before = await ask('/before')
  expect([before.status, before.headers.get('location')]).toEqual([302, '/sign-in'])
  const after = await ask('/after')
  expect([after.status, after.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"'])
  expect(await after.json()).toMatchObject({ code: 'credentials-missing' })
})

it.each(['before', 'after'])('the fields of the auth object stay, with clerkAuth() mounted %s', async (order) => {
  const app = express()
  const middleware = [clerkAuth(), clerkMiddleware()]
  app.use(order === 'before' ? middleware : middleware.toReversed())
  app.get('/', requireAuth(), (req, res) => {
    const { has: _hasOfClerk, getToken: _getToken, debug: _debug, ...before } = getAuthOfClerk(req)
    const { has: _has, expiresAt: _expiresAt, ...after } = getAuth(req)
    res.json({
      before,
      after,
      calledAsBefore: (req as unknown as { auth?: () => { userId: unknown } }).auth?.().userId,
    })
  })
  const ask = await serve(app)
  const response = await ask('/', { headers: authorization(await local.sessionToken({ user: 'alice' })) })
  const { before, after, calledAsBefore } = (await response.json()) as Record<string, SessionAuth>
  expect(after).toMatchObject({ userId: local.people.alice.id, orgRole: 'org:admin' })
  expect(after).toEqual(before)
  expect(calledAsBefore).toBe(local.people.alice.id)
})

it('getToken(request) is the token, and templates come from the client', async () => {
  const clerkClient = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
  await clerkClient.jwtTemplates.create({ name: 'partner', claims: { plan: 'pro' } })
  const app = express()
  app.use(clerkMiddleware(), clerkAuth())
  app.get('/', requireAuth(), async (req, res) => {
    const before = getAuthOfClerk(req)
    const { jwt } = await clerkClient.sessions.getToken(getAuth(req).sessionId, 'partner')
    res.json({
      before: [await before.getToken(), await before.getToken({ template: 'partner' })],
      after: [getToken(req), jwt],
    })
  })
  const ask = await serve(app)
  const token = await local.sessionToken({ user: 'alice' })
  const response = await ask('/', { headers: authorization(token) })
  const { before, after } = (await response.json()) as Record<'before' | 'after', [string, string]>
  expect([before[0], after[0]]).toEqual([token, token])
  const planOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).plan
  expect([planOf(before[1]), planOf(after[1])]).toEqual(['pro', 'pro'])
})

it('a guard accepts the machine that getAuth(request, { acceptsToken }) accepted', async () => {
  const app = express()
  app.use(clerkMiddleware(), clerkAuth())
  app.get('/', requireAuth({ acceptsToken: 'm2m_token' }), (req, res) => {
    const before = getAuthOfClerk(req, { acceptsToken: 'm2m_token' })
    res.json([before.machineId, getAuth(req).machineId])
  })
  const ask = await serve(app)
  for (const format of ['jwt', 'opaque'] as const) {
    const headers = authorization(await local.m2mToken({ from: 'worker', format }))
    expect(await (await ask('/', { headers })).json()).toEqual(Array(2).fill(local.machines.worker.id))
  }
  const asUser = await ask('/', { headers: authorization(await local.sessionToken()) })
  expect(await asUser.json()).toMatchObject({ code: 'token-type-mismatch' })
})

it('verifyToken() and authenticate() of an instance take the place of verifyToken() and authenticateRequest()', async () => {
  const clerk = createClerkAuth()
  const clerkClient = createClerkClient({
    secretKey: local.env.CLERK_SECRET_KEY,
    publishableKey: local.env.CLERK_PUBLISHABLE_KEY,
    apiUrl: local.url,
  })
  const token = await local.sessionToken({ user: 'alice' })
  const claims = await verifyToken(token, { secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })
  expect((await clerk.verifyToken(token)).sessionClaims).toEqual(claims)

  const request = new Request('http://localhost/', { headers: authorization(token) })
  const state = await clerkClient.authenticateRequest(request)
  expect((await clerk.authenticate(request)).userId).toBe(state.toAuth()?.userId)
  clerk.close()
})

it('a choice between two instances takes the place of a callback', async () => {
  const blog = await startLocalClerk()
  closers.push(() => blog.close())
  vi.stubEnv('CLERK_FAPI', '')
  vi.stubEnv('SHOP_PUBLISHABLE_KEY', local.env.CLERK_PUBLISHABLE_KEY)
  vi.stubEnv('BLOG_PUBLISHABLE_KEY', blog.env.CLERK_PUBLISHABLE_KEY)
  const { app } = await import('./instances.js')
  vi.stubEnv('CLERK_FAPI', local.env.CLERK_FAPI)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const token = authorization(await blog.sessionToken({ user: 'bob' }))
  expect(await getAs('blog.example.com', port, token)).toEqual({ userId: blog.people.bob.id })
  expect(await getAs('shop.example.com', port, token)).toMatchObject({ code: 'jwk-kid-mismatch' })
})

/** `fetch` does not send a Host header of one's own. */
async function getAs(host: string, port: number, headers: Record<string, string>): Promise<unknown> {
  const [response] = await once(get({ port, path: '/me', headers: { ...headers, host }, agent: false }), 'response')
  return json(response)
}
