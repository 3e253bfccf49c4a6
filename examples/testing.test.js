// How to test an API of yours: real tokens, real verification, no account and no network.
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

it('lets an admin in', async () => {
  expect((await ask(await local.sessionToken({ user: 'alice' }))).status).toBe(200)
})

it('keeps a member out', async () => {
  const response = await ask(await local.sessionToken({ user: 'bob' }))
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({ code: 'role-missing' })
})

it('keeps an admin out whose token has expired', async () => {
  const token = await local.sessionToken({ user: 'alice' })
  local.clock.advance(66_000) // a minute of life, and the 5 seconds that clocks may differ
  expect((await ask(token)).status).toBe(401)
})
