// The same with the vitest fixture, which resets the instance after each test, and with all bad tokens.
import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { authorization } from '@clerk-auth/local'
import { expect, test } from '@clerk-auth/local/vitest'
import { Hono } from 'hono'

const app = new Hono()

test.beforeAll(({ local }) => {
  app.use(clerkAuth({ frontendApiUrl: local.url, now: local.clock.now }))
  app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ userId: getAuth(c).userId }))
})

test('admins only', async ({ local }) => {
  expect((await app.request('/admin', { headers: await local.as('alice') })).status).toBe(200)
  await expect(await app.request('/admin', { headers: await local.as('bob') })).toBeRefusedWith('role-missing')
})

test('refuses every bad token', async ({ local }) => {
  for (const bad of await local.badTokens()) {
    const response = await app.request('/admin', { headers: authorization(bad.token) })
    await expect.soft(response, bad.name).toBeRefusedWith(bad)
  }
})
