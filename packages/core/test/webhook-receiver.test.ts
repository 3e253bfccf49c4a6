import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClerkAuth } from '../src/clerk-auth.js'
import { webhookReceiver } from '../src/webhooks/webhook-receiver.js'
import { typeErrorOf } from './fixtures-tokens.js'
import { fakeClock } from './fixtures.js'

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`

// Not used to verify anything here.
const clerk = createClerkAuth({ frontendApiUrl: 'https://clerk.example.com' }, {})

const revoked = JSON.stringify({ type: 'session.revoked', data: { id: 'sess_1' }, timestamp: Date.now() })

function signed(body: string) {
  const now = new Date()
  return {
    headers: {
      'svix-id': 'msg_1',
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': new Webhook(SECRET).sign('msg_1', now, body),
    },
  }
}

describe('the signing secret', () => {
  const mistakeOf = (signingSecret: unknown, environment = {}) =>
    typeErrorOf(() => webhookReceiver(clerk, { signingSecret } as never, environment))

  test('is an option or a variable, and may be a list', () => {
    const [next, longest] = [`whsec_${'A'.repeat(32)}`, `whsec_${Buffer.alloc(64).toString('base64')}`]
    for (const signingSecret of [SECRET, [SECRET, next], longest]) expect(mistakeOf(signingSecret)).toBeUndefined()
    for (const variable of [SECRET, `${SECRET}, ${next}`])
      expect(mistakeOf(undefined, { CLERK_WEBHOOK_SIGNING_SECRET: variable })).toBeUndefined()
  })

  test.each([[undefined], [[]]])('is required, which %j is not', (signingSecret) => {
    expect(mistakeOf(signingSecret)).toMatch(/set CLERK_WEBHOOK_SIGNING_SECRET, or the option "signingSecret"/)
  })

  test.each([
    ['an empty string', ''],
    ['another kind of key', 'sk_live_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0'],
    ['one without a prefix', SECRET.slice(6)],
    ['one that is not base64', `whsec_${'!'.repeat(32)}`],
    ['one with a missing character', SECRET.slice(0, -1)],
    ['one that is too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['a number', 7],
    ['a list with a hole', [SECRET, , SECRET]], // oxlint-disable-line no-sparse-arrays
    ['a good and a bad one', [SECRET, 'whsec_']],
  ])('is not %s', (_case, signingSecret) => {
    const message = mistakeOf(signingSecret)
    expect(message).toMatch(/"signingSecret", or CLERK_WEBHOOK_SIGNING_SECRET, must be "whsec_"/)
    expect(message).not.toContain(SECRET.slice(6))
  })
})

describe('a webhook receiver', () => {
  test('does not start without an instance, or with an unknown option', () => {
    expect(typeErrorOf(() => webhookReceiver({} as never, { signingSecret: SECRET }))).toMatch(/createClerkAuth/)
    expect(typeErrorOf(() => webhookReceiver(clerk, { secret: SECRET } as never))).toMatch(/unknown option "secret"/)
  })

  test('looks for its signature among at most 1024 characters of them', async () => {
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    const { headers } = signed(revoked)
    const statusWith = async (others: number) => {
      const signatures = [...Array.from({ length: others }, () => `v1,${'A'.repeat(43)}=`), headers['svix-signature']]
      const { status } = await receive({ headers: { ...headers, 'svix-signature': signatures.join(' ') } }, revoked)
      return status
    }
    expect(await statusWith(19)).toBe(204)
    expect(await statusWith(300)).toBe(400)
  })

  test('warns once of a body that something else has parsed', async () => {
    vi.resetModules()
    const fresh = await import('../src/webhooks/webhook-receiver.js')
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    const receive = fresh.webhookReceiver(clerk, { signingSecret: SECRET })
    for (let i = 0; i < 2; i++)
      expect(await receive(signed(revoked), undefined)).toMatchObject({
        status: 500,
        headers: { 'Content-Type': 'application/problem+json' },
        body: { type: 'urn:clerk-auth:webhook-body-parsed', code: 'webhook-body-parsed' },
      })
    expect(warned).toHaveBeenCalledTimes(1)
    expect(warned.mock.calls[0]?.[0]).toMatch(/mount clerkWebhooks\(\) before express\.json\(\).*use express\.raw\(/)
  })

  test('accepts a body as a string, as bytes and as a stream', async () => {
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    const bytes = new TextEncoder().encode(revoked)
    async function* stream() {
      for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7)
    }
    for (const body of [revoked, bytes, stream()])
      expect(await receive(signed(revoked), body)).toEqual({ status: 204, headers: {}, body: undefined })
  })

  test.each([
    ['is not UTF-8', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0xff)],
    ['begins with a byte order mark', (bytes: Uint8Array) => Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes)],
    [
      'breaks off',
      async function* (bytes: Uint8Array) {
        yield bytes
        await Promise.reject(new Error('aborted'))
      },
    ],
  ])('refuses a body that %s', async (_case, change) => {
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    const answer = await receive(signed(revoked), change(new TextEncoder().encode(revoked)))
    expect(answer).toMatchObject({ status: 400, body: { code: 'webhook-signature-invalid' } })
  })

  test('reads no more of a stream than the limit', async () => {
    let chunks = 0
    async function* long() {
      for (; chunks < 50; chunks++) yield new Uint8Array(64 * 1024)
    }
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    expect(await receive(signed(''), long())).toMatchObject({ status: 413, body: { code: 'webhook-too-large' } })
    expect(chunks).toBe(16)
  })

  test('has the same limit for a body that was read before', async () => {
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    const body = revoked.padEnd(1024 * 1024 + 1)
    for (const one of [body, new TextEncoder().encode(body)])
      expect(await receive(signed(body), one)).toMatchObject({ status: 413 })
  })

  test('accepts characters in the names of users that tokens must not contain', async () => {
    const receive = webhookReceiver(clerk, { signingSecret: SECRET })
    const data = { id: 'user_1', banned: true, first_name: '\u{fffe}', public_metadata: { a: 1 } }
    const body = JSON.stringify({ type: 'user.updated', data, timestamp: Date.now() })
    expect(await receive(signed(body), body)).toMatchObject({ status: 204 })
  })

  test('notes when a webhook arrived by the clock of the instance', async () => {
    const clock = fakeClock()
    const one = createClerkAuth({ frontendApiUrl: 'https://clerk.example.com', now: clock.now }, {})
    const receive = webhookReceiver(one, { signingSecret: SECRET })
    expect(one.stats().webhooks).toEqual({ lastEventAt: null })
    for (const ms of [0, 5, 90_000]) {
      clock.advance(ms)
      await receive(signed(revoked), revoked)
      expect(one.stats().webhooks).toEqual({ lastEventAt: clock.now() })
    }
  })
})
