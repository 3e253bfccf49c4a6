import { createClerkClient } from '@clerk/backend'
import { createClerkAuth, type AcceptsToken, type ClerkAuth } from '@clerk-auth/core'
import { describeGuard } from '@clerk-auth/core/adapter'
import { clerkWebhooks as onExpress } from '@clerk-auth/express/webhooks'
import { clerkWebhooks as onFastify } from '@clerk-auth/fastify/webhooks'
import { clerkWebhooks as onHono } from '@clerk-auth/hono/webhooks'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import fastify from 'fastify'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { frameworks, start, type Api } from './servers.js'

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk({ algorithm: 'ES256' })
  process.env['CLERK_WEBHOOK_SIGNING_SECRET'] = local.env.CLERK_WEBHOOK_SIGNING_SECRET
})
afterEach(() => local.reset())
afterAll(async () => {
  delete process.env['CLERK_WEBHOOK_SIGNING_SECRET']
  await local.close()
})

function newInstance(): ClerkAuth<AcceptsToken> {
  const clerk = createClerkAuth<AcceptsToken>({ now: local.clock.now }, { ...local.env })
  onTestFinished(() => clerk.close())
  return clerk
}

function signed(body: string, { at = Date.now(), secret = local.env.CLERK_WEBHOOK_SIGNING_SECRET } = {}) {
  const seconds = Math.floor(at / 1000)
  return {
    'content-type': 'application/json',
    'svix-id': 'msg_1',
    'svix-timestamp': String(seconds),
    'svix-signature': new Webhook(secret).sign('msg_1', new Date(seconds * 1000), body),
  }
}

const eventOf = (type: string, data: object) => JSON.stringify({ type, data, timestamp: Date.now(), object: 'event' })

describe.each(frameworks)('the receiver of $name', (framework) => {
  /** An API that the local instance sends its events to. */
  async function api(options: Omit<Api, 'clerk'> = {}) {
    const clerk = newInstance()
    const url = await start(framework, { clerk, ...options })
    const endpoint = `${url}/webhooks/clerk`
    local.webhooks.add({ url: endpoint })
    const client = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.env.CLERK_API_URL })
    const outcomeOf = async (token: string) => {
      const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } })
      return response.ok ? 'passed' : ((await response.json()) as { code: string }).code
    }
    const post = async (body: string, headers: Record<string, string> = signed(body)) => {
      const response = await fetch(endpoint, { method: 'POST', headers, body })
      const text = await response.text()
      const { code } = JSON.parse(text || '{}') as { code?: string }
      return { status: response.status, code, type: response.headers.get('content-type') }
    }
    return { url, clerk, client, outcomeOf, post }
  }

  const settled = () => local.webhooks.settled()

  test('refuses the token of a session that was revoked, within a second', async () => {
    const { client, outcomeOf } = await api()
    const [token, other] = [await local.sessionToken(), await local.sessionToken({ user: 'bob' })]
    expect([await outcomeOf(token), await outcomeOf(other)]).toEqual(['passed', 'passed'])
    await settled()
    const { data: sessions } = await client.sessions.getSessionList({ userId: local.people.alice.id })
    const since = performance.now()
    await client.sessions.revokeSession(sessions[0]!.id)
    await vi.waitUntil(async () => (await outcomeOf(token)) === 'token-revoked', { timeout: 1000, interval: 5 })
    expect(performance.now() - since).toBeLessThan(1000)
    expect(await outcomeOf(other)).toBe('passed')
  })

  test('refuses a banned user, and accepts a new session after the ban', async () => {
    const { client, outcomeOf } = await api()
    const token = await local.sessionToken()
    expect(await outcomeOf(token)).toBe('passed')
    await client.users.banUser(local.people.alice.id)
    await settled()
    expect(await outcomeOf(token)).toBe('token-revoked')
    // Refused although its session is unknown to Clerk's events.
    expect(await outcomeOf(await local.sessionToken({ claims: { sid: 'sess_other' } }))).toBe('token-revoked')

    local.clock.advance(10_000)
    await client.users.unbanUser(local.people.alice.id)
    await settled()
    expect(await outcomeOf(await local.sessionToken())).toBe('passed')
    expect(await outcomeOf(token)).toBe('token-revoked')
  })

  test('refuses tokens with the old role of a membership only', async () => {
    const { client, outcomeOf } = await api()
    const member = await local.sessionToken({ user: 'bob' })
    const elsewhere = await local.sessionToken({ user: 'bob', org: null })
    const { alice, bob } = { alice: await local.sessionToken(), bob: local.people.bob.id }
    const organizationId = local.organizations.acme.id
    await client.organizations.updateOrganizationMembership({ organizationId, userId: bob, role: 'org:admin' })
    await settled()
    expect(await outcomeOf(member)).toBe('token-revoked')
    const admin = await local.sessionToken({ user: 'bob' })
    for (const token of [admin, elsewhere, alice]) expect(await outcomeOf(token)).toBe('passed')
  })

  test('refuses tokens with an organization that the user has left, or that was deleted', async () => {
    const { client, outcomeOf } = await api()
    const [bob, alice] = [await local.sessionToken({ user: 'bob' }), await local.sessionToken()]
    const elsewhere = await local.sessionToken({ user: 'bob', org: null })
    const organizationId = local.organizations.acme.id
    await client.organizations.deleteOrganizationMembership({ organizationId, userId: local.people.bob.id })
    await settled()
    expect([await outcomeOf(bob), await outcomeOf(alice)]).toEqual(['token-revoked', 'passed'])
    await client.organizations.deleteOrganization(organizationId)
    await settled()
    expect([await outcomeOf(alice), await outcomeOf(elsewhere)]).toEqual(['token-revoked', 'passed'])
  })

  test('refuses the tokens of a deleted user', async () => {
    const { client, outcomeOf } = await api()
    const token = await local.sessionToken({ claims: { sid: 'sess_other' } })
    expect(await outcomeOf(token)).toBe('passed')
    await client.users.deleteUser(local.people.alice.id)
    await settled()
    expect(await outcomeOf(token)).toBe('token-revoked')
  })

  test('accepts and ignores other events, and notes when the last one arrived', async () => {
    const token = await local.sessionToken({ user: 'bob' })
    const { clerk, client, outcomeOf } = await api()
    expect(clerk.stats().webhooks).toEqual({ lastEventAt: null })
    const before = local.clock.now()
    await client.users.updateUser(local.people.bob.id, { firstName: 'Robert' })
    await client.users.lockUser(local.people.bob.id)
    local.webhooks.send('role.updated', { object: 'role', key: 'org:member' })
    await settled()
    const answers = local.webhooks.deliveries().map(({ type, status }) => `${type} ${status}`)
    expect(answers).toEqual(['role.updated 204', 'user.updated 204', 'user.updated 204'])
    expect(await outcomeOf(token)).toBe('passed')
    expect(clerk.stats().revocations).toEqual({ count: 0 })
    expect(clerk.stats().webhooks.lastEventAt).toBeGreaterThanOrEqual(before)
  })

  test('refuses a wrong or missing signature', async () => {
    const { url, clerk, post } = await api()
    const body = eventOf('session.revoked', { id: 'sess_1' })
    const refused = {
      status: 400,
      code: 'webhook-signature-invalid',
      type: expect.stringMatching(/^application\/problem\+json/) as string,
    }
    expect(await post(body, { 'content-type': 'application/json' })).toEqual(refused)
    expect(await post(`${body} `, signed(body))).toEqual(refused)
    const secret = `whsec_${'A'.repeat(32)}`
    expect(await post(body, signed(body, { secret }))).toEqual(refused)
    expect(await post('', { 'content-type': 'application/json' })).toEqual(refused)
    expect((await fetch(`${url}/webhooks/clerk`, { method: 'POST' })).status).toBe(400)
    expect(clerk.stats()).toMatchObject({ revocations: { count: 0 }, webhooks: { lastEventAt: null } })
  })

  test('refuses a delivery that is replayed after five minutes', async () => {
    const { post } = await api()
    const body = eventOf('session.revoked', { id: 'sess_1' })
    expect(await post(body, signed(body, { at: Date.now() - 290_000 }))).toMatchObject({ status: 204 })
    const refused = { status: 400, code: 'webhook-signature-invalid' }
    expect(await post(body, signed(body, { at: Date.now() - 310_000 }))).toMatchObject(refused)
  })

  test('refuses a signed event without the documented format', async () => {
    const { post } = await api()
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    for (const body of ['', 'not JSON', '[]', eventOf('session.revoked', {})])
      expect(await post(body)).toMatchObject({ status: 400, code: 'webhook-malformed' })
    expect(warned).toHaveBeenCalledTimes(4)
  })

  test('refuses a body of more than 1 MiB', async () => {
    const { post } = await api()
    const largest = eventOf('role.updated', { key: '' })
    const padded = (length: number) => `${largest.slice(0, -1)}${' '.repeat(length - largest.length)}}`
    expect(await post(padded(1024 * 1024))).toMatchObject({ status: 204 })
    for (const length of [1024 * 1024 + 1, 8 * 1024 * 1024])
      expect(await post(padded(length))).toMatchObject({ status: 413, code: 'webhook-too-large' })
  })

  test.each(['bytes', 'text'] as const)('verifies a body that something else has read as %s', async (readFirst) => {
    const { clerk, post } = await api({ readFirst })
    expect(await post(eventOf('session.revoked', { id: 'sess_1' }))).toMatchObject({ status: 204 })
    expect(clerk.stats().revocations.count).toBe(1)
  })

  test('cannot verify a body that something else has parsed', async () => {
    const { clerk, post } = await api({ readFirst: 'json' })
    expect(await post(eventOf('session.revoked', { id: 'sess_1' }))).toMatchObject({
      status: 500,
      code: 'webhook-body-parsed',
    })
    expect(clerk.stats().revocations.count).toBe(0)
  })

  test('accepts any secret of a list', async () => {
    const { CLERK_WEBHOOK_SIGNING_SECRET: current } = local.env
    const next = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
    const { post } = await api({ options: { signingSecret: [next, current] } })
    const body = eventOf('session.revoked', { id: 'sess_1' })
    for (const secret of [next, current])
      expect(await post(body, signed(body, { secret }))).toMatchObject({ status: 204 })
    const other = `whsec_${Buffer.alloc(24, 2).toString('base64')}`
    expect(await post(body, signed(body, { secret: other }))).toMatchObject({ status: 400 })
  })
})

test('the handlers count as public routes', () => {
  const clerk = newInstance()
  for (const clerkWebhooks of [onExpress, onHono])
    expect(describeGuard(clerkWebhooks(clerk))).toEqual({ isPublic: true })
})

describe('the plugin for Fastify', () => {
  test('leaves the parsers of other routes as they are', async () => {
    const app = fastify()
    await app.register(onFastify, { clerk: newInstance(), path: '/webhooks/clerk', prefix: '/api' })
    app.post('/echo', async ({ body }) => body)
    const echo = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })
    expect(echo.json()).toEqual({ a: 1 })
    const body = eventOf('role.updated', {})
    const sent = { method: 'POST', url: '/api/webhooks/clerk', headers: signed(body), payload: body } as const
    expect((await app.inject(sent)).statusCode).toBe(204)
    await app.close()
  })

  test.each([
    ['without a path', {}, /"path"/],
    ['with an unknown option', { path: '/hooks', secret: 'x' }, /unknown option "secret"/],
  ])('does not start %s', async (_case, options, message) => {
    const app = fastify()
    app.register(onFastify, { clerk: newInstance(), ...options } as never)
    await expect(app.ready()).rejects.toThrow(message)
  })
})
