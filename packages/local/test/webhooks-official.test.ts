import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createClerkClient } from '@clerk/backend'
import { verifyWebhook } from '@clerk/backend/webhooks'
import { verifyWebhook as verifyInExpress } from '@clerk/express/webhooks'
import { verifyWebhook as verifyInFastify } from '@clerk/fastify/webhooks'
import { verifyWebhook as verifyInHono } from '@clerk/hono/webhooks'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { startLocalClerk } from '../src/index.js'
import { post } from './start.js'
import { startReceiver, type ReceivedWebhook } from './webhook-receiver.js'

const local = await startLocalClerk({ algorithm: 'ES256' })
afterAll(() => local.close())
afterEach(() => local.reset())

// The official functions read the secret from this variable.
process.env['CLERK_WEBHOOK_SIGNING_SECRET'] = local.env.CLERK_WEBHOOK_SIGNING_SECRET

const SIX_MINUTES = 360_000

type Verified = Awaited<ReturnType<typeof verifyWebhook>>

/** An app that verifies webhooks, and answers 200, or 400 if they are invalid. */
interface App {
  readonly url: string
  /** verified events */
  readonly events: Verified[]
  /** reasons for refused ones */
  readonly refusals: string[]
}

async function appOf(start: (receive: (verified: () => Promise<Verified>) => Promise<200 | 400>) => Promise<Server>) {
  const app: Omit<App, 'url'> = { events: [], refusals: [] }
  const server = await start(async (verified) => {
    try {
      app.events.push(await verified())
      return 200
    } catch (error) {
      app.refusals.push(String(error))
      return 400
    }
  })
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close().closeAllConnections())
  return { ...app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks` }
}

const apps: Record<string, App> = {
  '@clerk/backend': await appOf(async (receive) => {
    const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
      const body = await text(incoming)
      const headers = new Headers(incoming.headers as Record<string, string>)
      const request = new Request('http://api.example/webhooks', { method: 'POST', headers, body })
      response.writeHead(await receive(() => verifyWebhook(request))).end()
    }
    return createServer((incoming, response) => void answer(incoming, response))
  }),
  '@clerk/express': await appOf(async (receive) => {
    const app = express()
    app.post('/webhooks', express.raw({ type: 'application/json' }), async (req, res) => {
      res.sendStatus(await receive(() => verifyInExpress(req)))
    })
    return createServer(app)
  }),
  '@clerk/fastify': await appOf(async (receive) => {
    const app = fastify()
    app.post('/webhooks', async (request, reply) => reply.code(await receive(() => verifyInFastify(request))).send())
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  }),
  '@clerk/hono': await appOf(async (receive) => {
    const app = new Hono()
    app.post('/webhooks', async (c) => c.body(null, await receive(() => verifyInHono(c))))
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server as Server))
    })
  }),
}

/** Causes events of most kinds. */
async function causeEvents(): Promise<readonly string[]> {
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const clerk = createClerkClient({ secretKey, apiUrl })
  const { id: userId } = await clerk.users.createUser({ username: 'zoey', publicMetadata: { greeting: '…‘hello’ 👋' } })
  await clerk.users.updateUser(userId, { firstName: 'Zoë' })
  const { id: organizationId } = await clerk.organizations.createOrganization({ name: 'Hooli', createdBy: userId })
  await clerk.organizations.updateOrganization(organizationId, { name: 'Hooli XYZ' })
  await clerk.organizations.updateOrganizationMembership({ organizationId, userId, role: 'org:member' })
  const { id: sessionId } = await clerk.sessions.createSession({ userId })
  await clerk.sessions.revokeSession(sessionId)
  await local.sessionToken({ user: 'zoey', status: 'pending' })
  await clerk.users.deleteUser(userId)
  await clerk.organizations.deleteOrganization(organizationId)
  local.webhooks.send('role.updated', { object: 'role', id: 'role_1', key: 'org:admin', permissions: [] })
  await local.webhooks.settled()
  return [
    'user.created',
    'subscription.created',
    'subscriptionItem.active',
    'user.updated',
    'organization.created',
    'subscription.created',
    'subscriptionItem.active',
    'organizationMembership.created',
    'organization.updated',
    'organizationMembership.updated',
    'session.created',
    'session.revoked',
    'session.pending',
    'organizationMembership.deleted',
    'session.removed',
    'user.deleted',
    'organization.deleted',
    'role.updated',
  ]
}

/** A received webhook, to be modified and forwarded. */
async function genuine(): Promise<ReceivedWebhook> {
  const receiver = await startReceiver()
  local.webhooks.add({ url: receiver.url })
  local.webhooks.send('user.deleted', { object: 'user', id: local.people.bob.id, deleted: true })
  await local.webhooks.settled()
  return receiver.received[0]!
}

describe.each(Object.entries(apps))('verifyWebhook of %s', (_name, app) => {
  afterEach(() => {
    app.events.length = 0
    app.refusals.length = 0
  })

  test('accepts every event', async () => {
    local.webhooks.add({ url: app.url })
    const types = await causeEvents()
    expect(app.refusals).toEqual([])
    expect(app.events.map(({ type }) => type)).toEqual(types)
    expect(app.events[0]).toMatchObject({
      object: 'event',
      data: { username: 'zoey', public_metadata: { greeting: '…‘hello’ 👋' } },
      timestamp: expect.any(Number),
      instance_id: expect.stringMatching(/^ins_local/),
    })
    expect(local.webhooks.deliveries().every(({ outcome }) => outcome === 'delivered')).toBe(true)
  })

  test('accepts a forwarded webhook, and refuses it with another body or id', async () => {
    const { headers, body } = await genuine()
    const statusWith = async (headerOverrides: Record<string, string>, newBody = body) => {
      const names = ['content-type', 'svix-id', 'svix-timestamp', 'svix-signature']
      const original = Object.fromEntries(names.map((name) => [name, String(headers[name])]))
      return (await post(app.url, { ...original, ...headerOverrides }, newBody)).status
    }
    expect(await statusWith({})).toBe(200)
    expect(await statusWith({}, body.replace(local.people.bob.id, local.people.alice.id))).toBe(400)
    expect(await statusWith({ 'svix-id': 'msg_other' })).toBe(400)
    expect(app.refusals).toHaveLength(2)
    for (const refusal of app.refusals) expect(refusal).toContain('No matching signature found')
  })

  test.each([
    [-SIX_MINUTES, 'Message timestamp too old'],
    [SIX_MINUTES, 'Message timestamp too new'],
  ])('refuses a webhook of an instance whose clock was moved by %i ms', async (ms, reason) => {
    local.webhooks.add({ url: app.url })
    local.clock.advance(ms)
    local.webhooks.send('user.deleted', { object: 'user', id: 'user_1', deleted: true })
    await local.webhooks.settled()
    expect(app.refusals).toEqual([expect.stringContaining(reason)])
    expect(local.webhooks.deliveries()).toMatchObject([{ status: 400, outcome: 'waiting' }])
  })

  test('refuses a webhook signed with the secret of another instance', async () => {
    const other = await startLocalClerk({ algorithm: 'ES256', webhooks: [{ url: app.url }] })
    other.webhooks.send('user.deleted', { object: 'user', id: 'user_1', deleted: true })
    await other.webhooks.settled()
    await other.close()
    expect(app.refusals).toEqual([expect.stringContaining('No matching signature found')])
  })
})
