import { EventEmitter, once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import { start } from './start.js'
import { call } from './tokens.js'
import { deadUrl, startReceiver, startReceiverOfAnything } from './webhook-receiver.js'

describe('/_local/webhooks', () => {
  test('adds, lists and removes endpoints', async () => {
    const local = await start()
    const receiver = await startReceiver()
    const body = { url: `${receiver.url}?token=1`, events: ['user.*'] }
    const added = await call(local, 'POST', '/_local/webhooks', { body })
    expect(added.status).toBe(200)
    expect(added.body).toEqual({ id: expect.stringMatching(/^ep_\w{27}$/), url: receiver.url, events: ['user.*'] })
    await call(local, 'DELETE', `/v1/users/${local.people.dave.id}`)
    await local.webhooks.settled()
    expect(receiver.types()).toEqual(['user.deleted'])

    const listed = await call(local, 'GET', '/_local/webhooks')
    expect(listed.body).toEqual({
      endpoints: [added.body],
      pending: 0,
      dropped: 0,
      deliveries: [
        {
          id: receiver.received[0]?.headers['svix-id'],
          type: 'user.deleted',
          endpoint: added.body.id,
          url: receiver.url,
          status: 204,
          reason: null,
          attempts: 1,
          outcome: 'delivered',
          at: expect.any(Number),
          nextAttemptAt: null,
        },
      ],
      types: expect.arrayContaining(['user.created', 'role.updated']),
    })

    const removed = await call(local, 'DELETE', `/_local/webhooks/${added.body.id}`)
    expect(removed.body).toMatchObject({ endpoints: [] })
    expect(local.webhooks.endpoints()).toEqual([])
    expect(await call(local, 'DELETE', `/_local/webhooks/${added.body.id}`)).toMatchObject({
      status: 422,
      text: expect.stringContaining('there is no webhook with this id'),
    })
  })

  test('sends and resends events', async () => {
    const local = await start()
    const receiver = await startReceiverOfAnything()
    local.webhooks.add({ url: receiver.url })
    const body = { type: 'role.updated', data: { object: 'role', id: 'role_1' } }
    const sent = await call(local, 'POST', '/_local/webhooks/send', { body })
    expect(sent.body).toEqual({ id: expect.stringMatching(/^msg_\w{27}$/) })
    await local.webhooks.settled()
    expect(await call(local, 'POST', '/_local/webhooks/resend', { body: sent.body })).toMatchObject({ status: 200 })
    await local.webhooks.settled()
    expect(receiver.received.map(({ headers }) => headers['svix-id'])).toEqual([sent.body.id, sent.body.id])
    expect(receiver.received.map(({ event }) => event.data)).toEqual([body.data, body.data])
  })

  test.each<[string, unknown, string]>([
    ['', { url: 'ftp://127.0.0.1/' }, 'a webhook requires a "url" with http:// or https:// and without credentials'],
    [
      '',
      { url: 'http://127.0.0.1/', events: ['user'] },
      'there is no webhook event "user", only user.*, user.created, user.updated, user.deleted',
    ],
    ['', [], 'a webhook takes an object'],
    [
      '/send',
      { type: 'role.changed', data: {} },
      'there is no webhook event "role.changed", only role.created, role.updated, role.deleted',
    ],
    ['/send', { type: 'role.updated' }, 'sending a webhook requires a "type", such as "role.updated", and its "data"'],
    ['/send', { data: {} }, 'sending a webhook requires a "type", such as "role.updated", and its "data"'],
    ['/send', { type: 'role.updated', data: [] }, '"data" of sending a webhook must be an object'],
    ['/send', { type: 1, data: {} }, '"type" of sending a webhook must be a string'],
    ['/resend', {}, 'resending a webhook requires the "id" of a delivery'],
    ['/resend', { id: 'msg_1' }, 'resend() takes the id of a delivery in deliveries()'],
  ])('refuses POST /_local/webhooks%s with %j', async (path, body, message) => {
    const local = await start()
    const { status, code, text } = await call(local, 'POST', `/_local/webhooks${path}`, { body })
    expect([status, code]).toEqual([422, 'form_param_value_invalid'])
    expect(text).toContain(message)
  })
})

describe('clerk-auth-local --webhook', () => {
  /** Runs the command until `stop` is called. */
  async function runWith(argv: readonly string[]) {
    const events = new EventEmitter()
    const err: string[] = []
    const running = run(['--port', '0', '--algorithm', 'ES256', ...argv], {
      out: (text) => events.emit('out', text),
      err: (text) => void err.push(text),
      env: {},
      input: async () => undefined,
      isTerminal: false,
      stopped: () => once(events, 'stop'),
    })
    const [introduction] = (await once(events, 'out')) as [string]
    const [, url = ''] = /export CLERK_FAPI='(.*)'/.exec(introduction) ?? []
    const [, secret = ''] = /export CLERK_WEBHOOK_SIGNING_SECRET='(.*)'/.exec(introduction) ?? []
    const stop = () => {
      events.emit('stop')
      return running
    }
    return { introduction, url, secret, err, stop }
  }

  test('sends events to each URL, and prints the secret and one line per failed event', async () => {
    const good = await startReceiverOfAnything()
    const bad = await startReceiverOfAnything((response, _request, { length }) =>
      response.writeHead(length > 4 ? 500 : 200).end(),
    )
    const { url, secret, err, stop } = await runWith([
      '--tokens',
      '--webhook',
      good.url,
      '--webhook',
      `${bad.url}?token=s3cret`,
    ])
    expect(secret).toMatch(/^whsec_[\w+/]{32}$/)
    // The people of the seed are signed in for the printed tokens.
    await Promise.all([good.waitFor(4), bad.waitFor(4)])

    const json = { 'content-type': 'application/json' }
    const post = async (path: string, body: object) => {
      const init = { method: 'POST', headers: json, body: JSON.stringify(body) }
      return (await fetch(`${url}/_local/webhooks${path}`, init)).json() as Promise<object>
    }
    const failing = await post('/send', { type: 'user.deleted', data: {} })
    await bad.waitFor(5)
    await expect.poll(() => err).toHaveLength(1)
    await post('/resend', failing)
    await bad.waitFor(6)
    await post('/send', { type: 'user.created', data: {} })
    await expect.poll(() => err).toHaveLength(2)
    expect(err).toEqual([
      `webhook user.deleted to ${bad.url} failed: 500, retry in 5 s`,
      `webhook user.created to ${bad.url} failed: 500, retry in 5 s`,
    ])
    expect(good.types().slice(4)).toEqual(['user.deleted', 'user.deleted', 'user.created'])
    expect(await stop()).toBe(0)
  })

  test('reports once that the receiver does not answer, and again after it answered', async () => {
    const answers: (number | undefined)[] = [undefined, undefined, undefined, undefined, undefined, 200, undefined]
    const receiver = await startReceiverOfAnything((response, _request, { length }) => {
      const status = answers[length - 1]
      if (status === undefined) response.destroy()
      else response.writeHead(status).end()
    })
    const { url, err, stop } = await runWith(['--tokens', '--webhook', receiver.url])
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ type: 'user.deleted', data: {} })
    for (let i = 0; i < 3; i++) await fetch(`${url}/_local/webhooks/send`, { method: 'POST', headers: json, body })
    await receiver.waitFor(7)
    await expect.poll(() => err).toHaveLength(2)
    expect(err).toEqual([
      `webhook session.created to ${receiver.url} failed: ECONNRESET, retry in 5 s`,
      `webhook user.deleted to ${receiver.url} failed: ECONNRESET, retry in 5 s`,
    ])
    expect(await stop()).toBe(0)
  })

  test('reports once that it keeps retrying until something listens', async () => {
    const url = await deadUrl()
    const { err, stop } = await runWith(['--tokens', '--webhook', url])
    await expect.poll(() => err).toHaveLength(1)
    const receiver = await startReceiver(undefined, Number(new URL(url).port))
    await receiver.waitFor(4)
    expect(err).toEqual([`webhook session.created to ${url} failed: ECONNREFUSED, retrying until it is up`])
    expect(await stop()).toBe(0)
  })

  test('refuses an invalid URL in one line', async () => {
    const err: string[] = []
    const code = await run(['--port', '0', '--webhook', 'http://:s3cret@127.0.0.1/'], {
      out: () => {},
      err: (text) => void err.push(text),
      env: {},
      input: async () => undefined,
      isTerminal: false,
      stopped: () => Promise.resolve(),
    })
    expect(code).toBe(1)
    expect(err).toEqual([
      'clerk-auth-local: a webhook requires a "url" with http:// or https:// and without credentials, such as "http://localhost:3000/webhooks"',
    ])
  })
})
