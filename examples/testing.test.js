// Testing your API with real tokens and real verification, without an account or a network.
import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { startLocalClerk } from '@clerk-auth/local'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** @type {import('@clerk-auth/local').LocalClerk} */
let local
const app = new Hono()

beforeAll(async () => {
  local = await startLocalClerk()
  app.use(clerkAuth({ frontendApiUrl: local.url, now: () => local.clock.now() }))
  app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ userId: getAuth(c).userId }))
})
afterAll(() => local.close())

/** @param {string} token */
const ask = (token) => app.request('/admin', { headers: { Authorization: `Bearer ${token}` } })

it('accepts an admin', async () => {
  expect((await ask(await local.sessionToken({ user: 'alice' }))).status).toBe(200)
})

it('refuses a member', async () => {
  const response = await ask(await local.sessionToken({ user: 'bob' }))
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({ code: 'role-missing' })
})

it('refuses an admin whose token has expired', async () => {
  const token = await local.sessionToken({ user: 'alice' })
  local.clock.advance(66_000) // valid for a minute, plus 5 seconds of clock skew
  expect((await ask(token)).status).toBe(401)
})
