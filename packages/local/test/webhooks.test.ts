import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startLocalClerk, type WebhookEndpointInput, type WebhookEventType } from '../src/index.js'
import { start } from './start.js'
import { deadUrl, startReceiver, startReceiverOfAnything } from './webhook-receiver.js'

const START = Date.UTC(2030, 0)

const DELETED = { object: 'user', id: 'user_1', deleted: true }

describe('local.webhooks', () => {
  test('sends signed JSON, timed by the clock of the instance', async () => {
    const local = await start({ now: () => START + 999 })
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    const { id } = local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    const [{ method, path, headers, event } = { headers: {} }] = receiver.received
    expect([method, path]).toEqual(['POST', '/webhooks'])
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringContaining('Svix-Webhooks'),
      'svix-id': id,
      'svix-timestamp': String(START / 1000),
      'svix-signature': expect.stringMatching(/^v1,[\w+/]{43}=$/),
      connection: 'close',
    })
    expect(id).toMatch(/^msg_\w{27}$/)
    expect(event).toMatchObject({ type: 'user.deleted', data: DELETED, timestamp: START + 999 })
  })

  test('sends each endpoint its subscribed events, with the same id', async () => {
    const receivers = await Promise.all([1, 2, 3].map(() => startReceiverOfAnything()))
    const [all, some, one] = receivers.map(({ url }) => url) as [string, string, string]
    const local = await start({ webhooks: [{ url: all }] })
    local.webhooks.add({ url: some, events: ['organizationMembership.*', 'user.deleted'] })
    local.webhooks.add({ url: one, events: ['user.deleted'] })
    const types: readonly WebhookEventType[] = ['user.created', 'organizationMembership.updated', 'user.deleted']
    for (const type of types) local.webhooks.send(type, {})
    await local.webhooks.settled()
    expect(receivers.map((receiver) => receiver.types())).toEqual([types, types.slice(1), types.slice(2)])
    const ids = receivers.map(({ received }) => received.at(-1)?.headers['svix-id'])
    expect(new Set(ids).size).toBe(1)
  })

  test('lists deliveries newest first, and reports them to watchers', async () => {
    const local = await start()
    const seen: unknown[] = []
    const unwatch = local.webhooks.watch(({ type, status }) => seen.push([type, status]))
    const statuses = [200, 500, 307]
    const receiver = await startReceiverOfAnything((response, _request, { length }) =>
      response.writeHead(statuses[length - 1] ?? 204, { location: '/elsewhere' }).end(),
    )
    const endpoint = local.webhooks.add({ url: receiver.url })
    for (const type of ['user.created', 'user.updated', 'user.deleted'] as const) local.webhooks.send(type, {})
    expect(local.webhooks.deliveries()).toMatchObject([{ outcome: 'pending', attempts: 0 }, {}, {}])
    await local.webhooks.settled()
    const common = { endpoint: endpoint.id, url: receiver.url, attempts: 1, reason: null }
    expect(local.webhooks.deliveries()).toMatchObject([
      { ...common, type: 'user.deleted', status: 307, outcome: 'waiting' },
      { ...common, type: 'user.updated', status: 500, outcome: 'waiting' },
      { ...common, type: 'user.created', status: 200, outcome: 'delivered', nextAttemptAt: null },
    ])
    expect(receiver.received.map(({ path }) => path)).toEqual(['/webhooks', '/webhooks', '/webhooks'])
    expect(seen).toEqual([
      ['user.created', 200],
      ['user.updated', 500],
      ['user.deleted', 307],
    ])

    unwatch()
    local.webhooks.send('user.created', {})
    await local.webhooks.settled()
    expect(seen).toHaveLength(3)
  })

  test('reports why there was no answer, and retries after five seconds', async () => {
    const local = await start()
    const silent = await startReceiver((response) => response.destroy())
    local.webhooks.add({ url: silent.url })
    local.webhooks.send('user.deleted', DELETED)
    const before = Date.now()
    await local.webhooks.settled()
    const after = Date.now()
    const [cut] = local.webhooks.deliveries()
    expect(cut).toMatchObject({ status: null, reason: 'ECONNRESET', outcome: 'waiting' })
    expect(cut?.nextAttemptAt).toBeGreaterThanOrEqual(before + 5000)
    expect(cut?.nextAttemptAt).toBeLessThanOrEqual(after + 5000)
  })

  test('delivers events in order within a second to an app that starts after the instance', async () => {
    const url = await deadUrl()
    const local = await start({ webhooks: [{ url }] })
    for (const type of ['user.created', 'user.updated', 'user.deleted'] as const) local.webhooks.send(type, {})
    await local.webhooks.settled()
    expect(local.webhooks.deliveries()).toMatchObject([
      { type: 'user.deleted', outcome: 'waiting', reason: 'ECONNREFUSED', attempts: 1 },
      { type: 'user.updated', outcome: 'waiting', reason: 'ECONNREFUSED', attempts: 1 },
      { type: 'user.created', outcome: 'waiting', reason: 'ECONNREFUSED' },
    ])
    const probing = local.webhooks.deliveries()[2]
    expect(probing!.nextAttemptAt! - Date.now()).toBeLessThanOrEqual(250)

    const receiver = await startReceiverOfAnything(undefined, Number(new URL(url).port))
    await receiver.waitFor(3)
    expect(receiver.types()).toEqual(['user.created', 'user.updated', 'user.deleted'])
    await expect
      .poll(() => local.webhooks.deliveries().map(({ outcome }) => outcome))
      .toEqual(Array(3).fill('delivered'))
  })

  test('resends with the same id and a new timestamp to every original endpoint', async () => {
    const local = await start()
    let status = 500
    const receivers = await Promise.all([1, 2].map(() => startReceiver((response) => response.writeHead(status).end())))
    for (const { url } of receivers) local.webhooks.add({ url })
    const { id } = local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    status = 200
    local.clock.advance(60_000)
    local.webhooks.resend(id)
    local.webhooks.resend(id)
    await local.webhooks.settled()
    for (const { received } of receivers) {
      const [first, second, ...more] = received
      expect(more).toEqual([])
      expect(second?.headers['svix-id']).toBe(id)
      expect(second?.body).toBe(first?.body)
      const seconds = Number(second?.headers['svix-timestamp']) - Number(first?.headers['svix-timestamp'])
      expect([60, 61]).toContain(seconds)
    }
    expect(local.webhooks.deliveries()).toMatchObject([
      { id, attempts: 2, outcome: 'delivered', nextAttemptAt: null },
      { id, attempts: 2, outcome: 'delivered', nextAttemptAt: null },
    ])
  })

  test('neither sends nor resends to a removed endpoint', async () => {
    const local = await start()
    const receiver = await startReceiver((response) => response.writeHead(500).end())
    const endpoint = local.webhooks.add({ url: receiver.url })
    const { id } = local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    endpoint.remove()
    endpoint.remove()
    local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    expect(receiver.received).toHaveLength(1)
    expect(local.webhooks.endpoints()).toEqual([])
    expect(local.webhooks.deliveries()).toMatchObject([{ id, outcome: 'dropped', nextAttemptAt: null }])
    expect(() => local.webhooks.resend(id)).toThrow('resend() takes the id of a delivery in deliveries()')
  })

  test('adds an existing endpoint only once', async () => {
    const local = await start({ webhooks: [{ url: 'http://127.0.0.1:9/a' }] })
    local.webhooks.add({ url: 'http://127.0.0.1:9/a' })
    const one = local.webhooks.add({ url: 'http://127.0.0.1:9/b', events: ['user.*'] })
    const same = local.webhooks.add({ url: 'http://127.0.0.1:9/b', events: ['user.*', 'user.*'] })
    const other = local.webhooks.add({ url: 'http://127.0.0.1:9/b' })
    expect(same.id).toBe(one.id)
    expect(local.webhooks.endpoints()).toEqual([
      { id: expect.stringMatching(/^ep_\w{27}$/), url: 'http://127.0.0.1:9/a', events: ['*'] },
      { id: one.id, url: 'http://127.0.0.1:9/b', events: ['user.*'] },
      { id: other.id, url: 'http://127.0.0.1:9/b', events: ['*'] },
    ])
  })

  test('accepts twenty endpoints in addition to the configured ones', async () => {
    const local = await start({ webhooks: [{ url: 'http://127.0.0.1:9/start' }] })
    for (let i = 0; i < 20; i++) local.webhooks.add({ url: `http://127.0.0.1:9/${i}` })
    const add = () => local.webhooks.add({ url: 'http://127.0.0.1:9/20' })
    expect(add).toThrow(expect.objectContaining({ answer: expect.objectContaining({ status: 409 }) }))
    local.reset()
    expect(add().id).toMatch(/^ep_/)
  })

  test('shows only origin and path of a URL, as its query may contain a token', async () => {
    const local = await start()
    const receiver = await startReceiver()
    local.webhooks.add({ url: `${receiver.url}?token=s3cret#there` })
    local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    expect(receiver.received[0]?.path).toBe('/webhooks?token=s3cret')
    expect(local.webhooks.deliveries()[0]?.url).toBe(receiver.url)
    const listed = await (await fetch(`${local.url}/_local/webhooks`)).text()
    expect(listed).toContain(receiver.url)
    expect(listed).not.toContain('s3cret')
  })

  test.each<[object, string]>([
    [{}, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [{ url: 'localhost:3000' }, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [{ url: '/webhooks' }, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [{ url: 'file:///etc/passwd' }, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [{ url: 'http://user@127.0.0.1/' }, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [
      { url: 'http://:s3cret@127.0.0.1/' },
      'a webhook requires a "url" with http:// or https:// and without credentials',
    ],
    [{ url: 5 }, '"url" of a webhook must be a string'],
    [{ url: 'http://127.0.0.1/', event: 'user.*' }, 'a webhook has no "event", only url, events'],
    [{ url: 'http://127.0.0.1/', events: 'user.*' }, '"events" of a webhook must be a list such as'],
    [{ url: 'http://127.0.0.1/', events: [] }, '"events" of a webhook must be a list such as'],
    [{ url: 'http://127.0.0.1/', events: [1] }, '"events" of a webhook must be a list such as'],
    [
      { url: 'http://127.0.0.1/', events: ['user.delete'] },
      'there is no webhook event "user.delete", only user.*, user.created, user.updated, user.deleted',
    ],
    [{ url: 'http://127.0.0.1/', events: ['users.*'] }, 'there is no webhook event "users.*", only *, email.*'],
  ])('refuses %j with a TypeError, in add() and as an option', async (input, message) => {
    const local = await start()
    const add = () => local.webhooks.add(input as WebhookEndpointInput)
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
    expect(add).not.toThrow('s3cret')
    const starting = startLocalClerk({ algorithm: 'ES256', webhooks: [input as WebhookEndpointInput] })
    await expect(starting).rejects.toThrow(message)
    expect(local.webhooks.endpoints()).toEqual([])
  })

  test('refuses to send an unknown event, or data that is not an object', async () => {
    const { webhooks } = await start()
    const type = 'session.expired' as WebhookEventType
    expect(() => webhooks.send(type, {})).toThrow(
      'there is no webhook event "session.expired", only session.created, session.pending',
    )
    expect(() => webhooks.send('user.deleted', null as never)).toThrow('the data of a webhook event must be an object')
    expect(() => webhooks.resend('msg_1')).toThrow('resend() takes the id of a delivery in deliveries()')
    await expect(startLocalClerk({ webhooks: {} as never })).rejects.toThrow('"webhooks" of startLocalClerk() must be')
  })

  test('sends even if a test has replaced fetch', async () => {
    const local = await start()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    vi.stubGlobal('fetch', () => Promise.reject(new Error('no network in tests')))
    onTestFinished(() => void vi.unstubAllGlobals())
    local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    expect(receiver.types()).toEqual(['user.deleted'])
  })

  test('is reset to the configured endpoints without deliveries', async () => {
    const [kept, added] = [
      await startReceiverOfAnything(),
      await startReceiver((response) => response.writeHead(500).end()),
    ]
    const local = await start({ webhooks: [{ url: kept.url }] })
    const [first] = local.webhooks.endpoints()
    local.webhooks.add({ url: added.url })
    local.webhooks.send('user.deleted', DELETED)
    await local.webhooks.settled()
    local.reset()
    expect(local.webhooks.deliveries()).toEqual([])
    expect(local.webhooks.endpoints()).toEqual([first])
    local.webhooks.send('user.created', DELETED)
    await local.webhooks.settled()
    expect(kept.types()).toEqual(['user.deleted', 'user.created'])
    expect(added.types()).toEqual(['user.deleted'])
  })

  test('closes while a receiver does not answer, and sends nothing after that', async () => {
    const local = await startLocalClerk({ algorithm: 'ES256' })
    const receiver = await startReceiverOfAnything(() => {})
    local.webhooks.add({ url: receiver.url })
    local.webhooks.send('user.created', DELETED)
    local.webhooks.send('user.deleted', DELETED)
    await receiver.waitFor(1)
    const settled = local.webhooks.settled()
    await local.close()
    await settled
    local.webhooks.send('user.updated', DELETED)
    expect(local.webhooks.deliveries()).toEqual([])
    expect(receiver.types()).toEqual(['user.created'])
  })

  test('keeps the secret and added endpoints in a data file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhooks-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const data = join(folder, 'clerk.db')
    const before = await startLocalClerk({ algorithm: 'ES256', data, webhooks: [{ url: 'http://127.0.0.1:9/start' }] })
    const secret = before.env.CLERK_WEBHOOK_SIGNING_SECRET
    const removed = before.webhooks.add({ url: 'http://127.0.0.1:9/removed' })
    const { id, url, events } = before.webhooks.add({ url: 'http://127.0.0.1:9/added?token=1', events: ['user.*'] })
    removed.remove()
    await before.close()
    expect(secret).toMatch(/^whsec_[\w+/]{32}$/)

    const receiver = await startReceiverOfAnything()
    const after = await start({ algorithm: undefined, data, webhooks: [{ url: receiver.url }] })
    expect(after.env.CLERK_WEBHOOK_SIGNING_SECRET).toBe(secret)
    expect(after.webhooks.endpoints()).toEqual([expect.objectContaining({ url: receiver.url }), { id, url, events }])
    after.webhooks.send('role.created', {})
    await after.webhooks.settled()
    expect(receiver.types()).toEqual(['role.created'])
    expect((await start()).env.CLERK_WEBHOOK_SIGNING_SECRET).not.toBe(secret)
  })
})
