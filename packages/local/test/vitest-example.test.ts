import { clerkAuth, requireAuth } from '@clerk-auth/hono'
import { authorization } from '@clerk-auth/local'
import { expect, test } from '@clerk-auth/local/vitest'
import { Hono } from 'hono'

const app = new Hono()

test.beforeAll(({ local }) => {
  app.use(clerkAuth({ frontendApiUrl: local.url, now: local.clock.now }))
  app.get('/reports', requireAuth({ role: 'org:admin' }), (c) => c.text('all of them'))
})

test('lets admins, but not members, read reports', async ({ local }) => {
  expect((await app.request('/reports', { headers: await local.as('alice') })).status).toBe(200)
  await expect(await app.request('/reports', { headers: await local.as('bob') })).toBeRefusedWith('role-missing')
})

test('fetches new keys once', async ({ local }) => {
  await local.rotateKeys()
  expect((await app.request('/reports', { headers: await local.as('alice') })).status).toBe(200)
  expect(local).toHaveAnswered('GetJWKS', 1)
})

test('refuses every bad token', async ({ local }) => {
  for (const bad of await local.badTokens())
    await expect
      .soft(await app.request('/reports', { headers: authorization(bad.token) }), bad.name)
      .toBeRefusedWith(bad)
})
