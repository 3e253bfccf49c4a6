import type { RequestListener, ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { askClerk, type IntrospectionResult } from '../src/introspection/ask-clerk.js'
import type { Fetch } from '../src/support/http.js'
import { KINDS, type OpaqueTokenType } from '../src/kinds/kinds.js'
import type { LocalIssuerPolicy } from '../src/token/local-issuer.js'
import { fakeClock, NOW } from './fixtures.js'
import { ANSWERS, CLERK_ERROR, opaque, serve, type Server } from './fixtures-machines.js'

const SECRET = 'sk_test_secret'
const LONG = 15_000
const SHORT = 200

interface Given {
  readonly timeoutInMs?: number
  readonly signal?: AbortSignal
  readonly fetch?: Fetch
  readonly tokenType?: OpaqueTokenType
  readonly localIssuer?: LocalIssuerPolicy
}

function ask({ url }: Pick<Server, 'url'>, given: Given = {}): Promise<IntrospectionResult> {
  const { timeoutInMs = LONG, signal = new AbortController().signal } = given
  const { tokenType = 'm2m_token', localIssuer = 'warn' } = given
  const fetch: Fetch = given.fetch ?? globalThis.fetch
  const { opaque: form } = KINDS[tokenType]
  const question = { form, apiUrl: url, secret: SECRET, localIssuer, fetch, clock: fakeClock() }
  return askClerk(question, opaque(tokenType), timeoutInMs, signal)
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** A server that answers like this, and the requests that it gets. */
async function verdictOf(listener: RequestListener, given: Given = {}): Promise<IntrospectionResult> {
  return ask(await serve(listener), given)
}

describe('askClerk › the request', () => {
  test.each([
    ['m2m_token', '/m2m_tokens/verify', 'token'],
    ['oauth_token', '/oauth_applications/access_tokens/verify', 'access_token'],
    ['api_key', '/api_keys/verify', 'secret'],
  ] as const)('about %s is sent to %s', async (tokenType, path, field) => {
    const bodies: string[] = []
    const server = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (part: string) => bodies.push(part))
      request.on('end', () => json(response, 200, ANSWERS[tokenType]))
    })
    expect(await ask(server, { tokenType })).toMatchObject({ active: true, auth: { tokenType } })
    expect(server.requests.map(({ method, url }) => [method, url])).toEqual([['POST', path]])
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${SECRET}`,
      'content-type': 'application/json',
      accept: 'application/json',
    })
    expect(JSON.parse(bodies.join(''))).toEqual({ [field]: opaque(tokenType) })
  })

  test('keeps the path of the Backend API', async () => {
    const server = await serve((_request, response) => json(response, 200, ANSWERS.m2m_token))
    await ask({ url: `${server.url}/clerk` })
    expect(server.requests[0]?.url).toBe('/clerk/m2m_tokens/verify')
  })
})

describe('askClerk › 200', () => {
  test.each<[string, object, string]>([
    ['revoked', { revoked: true }, 'token-revoked'],
    ['expired', { expired: true }, 'token-expired'],
    ['expired', { expiration: NOW }, 'token-expired'],
    ['inactive', { active: false }, 'token-inactive'],
  ])('refuses a token that is %s', async (_name, members, code) => {
    const verdict = await verdictOf((_request, response) => json(response, 200, { ...ANSWERS.m2m_token, ...members }))
    expect(verdict).toMatchObject({ active: false, code })
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['HTML', '<!doctype html><title>Maintenance</title>'],
    ['JSON that is cut off', JSON.stringify(ANSWERS.m2m_token).slice(0, -1)],
    ['an empty object', '{}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['the response for another kind', JSON.stringify(ANSWERS.api_key)],
    ["Clerk's error", JSON.stringify(CLERK_ERROR)],
  ])('is unclear with %s: 503, and Clerk does not count as down', async (_name, body) => {
    const verdict = await verdictOf((_request, response) => response.end(body))
    expect(verdict).toMatchObject({
      active: undefined,
      code: 'verification-unavailable',
      details: { retryAfter: 1 },
      again: false,
      isDown: false,
    })
  })

  test.each([201, 202, 203, 206])('is the only success status: %i is not', async (status) => {
    const verdict = await verdictOf((_request, response) => json(response, status, ANSWERS.m2m_token))
    expect(verdict).toMatchObject({ active: undefined, code: expect.stringMatching(/^verification-/) as unknown })
  })
})

describe('askClerk › a local instance', () => {
  test.each([200, 404])('is not trusted in production, whatever it answers: %i', async (status) => {
    const answer: RequestListener = (_request, response) =>
      json(response, status, status === 200 ? ANSWERS.m2m_token : CLERK_ERROR, { 'Clerk-Auth-Local': '1' })
    expect(await verdictOf(answer, { localIssuer: 'refuse' })).toMatchObject({
      active: undefined,
      code: 'verification-misconfigured',
      details: { message: expect.stringContaining('local Clerk instance') as unknown },
    })
    for (const localIssuer of ['warn', 'allow'] as const)
      expect((await verdictOf(answer, { localIssuer })).active).toBe(status === 200)
  })
})

describe('askClerk › a refusal', () => {
  test.each([
    [404, 'token-not-found'],
    [400, 'token-malformed'],
    [422, 'token-malformed'],
  ])("is %i with Clerk's own error", async (status, code) => {
    const verdict = await verdictOf((_request, response) => json(response, status, CLERK_ERROR))
    expect(verdict).toEqual({ active: false, code, isLasting: false })
  })

  test.each(['api_keys_not_enabled_x', 'x_host_invalid', 'host_invalid_x', 'instance_not_found_x'])(
    'is a token error, even if its name resembles one about our key: %s',
    async (code) => {
      const errors = [{ ...CLERK_ERROR.errors[0], code }]
      const verdict = await verdictOf((_request, response) => json(response, 404, { errors }))
      expect(verdict).toMatchObject({ active: false, code: 'token-not-found' })
    },
  )

  const notClerks: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['errors that are not a list', { errors: 'not_found' }],
    ['no errors', { errors: [] }],
    ['an error that is null', { errors: [null] }],
    ['an error without a code', { errors: [{ message: 'Not Found' }] }],
    ['an error with a number for its code', { errors: [{ code: 404 }] }],
    ['one error of Clerk and one of another server', { errors: [...CLERK_ERROR.errors, { message: 'x' }] }],
    ['an error of another server', { error: 'Not Found', code: 'not_found' }],
    ['a valid response', ANSWERS.m2m_token],
  ]
  test.each([400, 404, 422])('is not %i with any other body: the URL is wrong, or a proxy answered', async (status) => {
    for (const [name, body] of notClerks) {
      const verdict = await verdictOf((_request, response) => json(response, status, body))
      expect([name, verdict]).toMatchObject([
        name,
        { active: undefined, code: 'verification-misconfigured', again: false, isDown: false },
      ])
    }
    const html = await verdictOf((_request, response) => response.writeHead(status).end('<h1>Not Found</h1>'))
    expect(html).toMatchObject({ code: 'verification-misconfigured' })
  })

  test.each([
    'api_keys_not_enabled',
    'api_version_invalid',
    'host_invalid',
    'instance_not_found',
    'request_body_invalid',
  ])('is not an error about our key, such as %s: the configuration is wrong', async (code) => {
    for (const status of [400, 404, 422]) {
      const errors = [...CLERK_ERROR.errors, { ...CLERK_ERROR.errors[0], code }]
      const verdict = await verdictOf((_request, response) => json(response, status, { errors }))
      expect(verdict).toMatchObject({ code: 'verification-misconfigured', isDown: false })
    }
  })

  test.each([401, 402, 403, 405, 409, 410, 413, 415, 418, 451, 499])(
    'is not %i: the configuration is wrong, and a retry does not help',
    async (status) => {
      for (const body of [CLERK_ERROR, undefined]) {
        const verdict = await verdictOf((_request, response) => json(response, status, body))
        expect(verdict).toMatchObject({
          active: undefined,
          code: 'verification-misconfigured',
          again: false,
          isDown: false,
        })
      }
    },
  )
})

describe('askClerk › 429', () => {
  test.each([
    ['7', 7],
    ['0', 1],
    ['60', 60],
    ['61', 60],
    ['999999999', 60],
    ['-5', 1],
    ['7 ', 7],
    ['1.5', 1],
    ['1e1', 1],
    ['soon', 1],
    ['Wed, 21 Oct 2065 07:28:00 GMT', 1],
    [undefined, 1],
  ])('sets the time of the next attempt by Retry-After: %s', async (header, retryAfter) => {
    const verdict = await verdictOf((_request, response) =>
      json(response, 429, CLERK_ERROR, header === undefined ? {} : { 'Retry-After': header }),
    )
    expect(verdict).toMatchObject({
      active: undefined,
      code: 'verification-rate-limited',
      details: { retryAfter },
      again: false,
      isDown: false,
    })
  })
})

describe('askClerk › a failure', () => {
  const down = {
    active: undefined,
    code: 'verification-unavailable',
    details: { retryAfter: 1 },
    isDown: true,
  }

  test.each([
    [500, false],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
    [505, false],
    [599, false],
  ])('is %i, whatever the body says; retryable: %s', async (status, again) => {
    for (const body of [CLERK_ERROR, ANSWERS.m2m_token, { active: false }, undefined]) {
      const verdict = await verdictOf((_request, response) => json(response, status, body))
      expect(verdict).toMatchObject({ ...down, again })
    }
  })

  test.each<[string, RequestListener]>([
    ['a connection that is reset', (request) => request.socket.destroy()],
    [
      'a body that ends early',
      (request, response) => {
        response.writeHead(200, { 'Content-Length': '1000' })
        response.write('{"object":', () => request.socket.destroy())
      },
    ],
    ['a body that is not UTF-8', (_request, response) => response.end(Buffer.from([0x22, 0xff, 0x22]))],
  ])('is %s, and may be retried', async (_name, listener) => {
    expect(await verdictOf(listener)).toMatchObject({ ...down, again: true })
  })

  test('is not counted against Clerk if a valid response is larger than 64 KiB: it concerns one token', async () => {
    const good = JSON.stringify(ANSWERS.m2m_token)
    const padded = (bytes: number) => verdictOf((_request, response) => response.end(good.padEnd(bytes)))
    expect(await padded(64 * 1024)).toMatchObject({ active: true })
    const verdict = await padded(64 * 1024 + 1)
    expect(verdict).toMatchObject({ active: undefined, code: 'verification-unavailable', again: false, isDown: false })
  })

  test.each<[string, RequestListener]>([
    ['never answers', () => {}],
    [
      'never ends its response',
      (_request, response) => {
        response.writeHead(200).write('{')
      },
    ],
  ])('is a server that %s, at the deadline', async (_name, listener) => {
    const start = performance.now()
    expect(await verdictOf(listener, { timeoutInMs: SHORT })).toMatchObject({ ...down, again: true })
    expect(performance.now() - start).toBeLessThan(LONG / 3)
  })

  test('is a server that does not listen', async () => {
    const { url } = await serve(() => {})
    const free = new URL(url)
    free.port = '1'
    expect(await ask({ url: free.origin })).toMatchObject({ ...down, again: true })
  })

  test.each<[string, string]>([
    ['too large', `${' '.repeat(64 * 1024)}{}`],
    [
      'nested too deep',
      JSON.stringify(ANSWERS.m2m_token).replace(/"claims":.*?}/, `"claims":{"x":${'['.repeat(3e4)}${']'.repeat(3e4)}}`),
    ],
  ])('is a response that is %s, but it concerns only this token', async (_name, body) => {
    expect(await verdictOf((_request, response) => response.end(body))).toMatchObject({
      active: undefined,
      code: 'verification-unavailable',
      again: false,
      isDown: false,
    })
  })

  test.each([401, 404, 429, 500, 503])(
    'reports the status to the operator, but nothing of the response body: %i',
    async (status) => {
      const verdict = await verdictOf((_request, response) => json(response, status, { secret: 'word' }))
      if (verdict.active !== undefined) throw new Error('the result is known')
      expect(verdict.details.message).toBe(`Clerk responded with ${status}`)
    },
  )

  test('keeps its cause for the operator, but nothing of the token or the secret', async () => {
    const verdict = await verdictOf((request) => request.socket.destroy())
    if (verdict.active !== undefined) throw new Error('the result is known')
    expect(verdict.details.cause).toBeInstanceOf(Error)
    expect(verdict.details.message).toBe('no answer from Clerk')
    expect(JSON.stringify([verdict, verdict.details.message])).not.toMatch(/sk_test|mt_/)
  })

  test('is a redirect, which is not followed, so the secret is not sent elsewhere', async () => {
    const elsewhere = await serve((_request, response) => json(response, 200, ANSWERS.m2m_token))
    for (const status of [301, 302, 303, 307, 308]) {
      const verdict = await verdictOf((_request, response) =>
        response.writeHead(status, { Location: `${elsewhere.url}/m2m_tokens/verify` }).end(),
      )
      expect(verdict).toMatchObject({ active: undefined, code: 'verification-misconfigured', again: false })
    }
    expect(elsewhere.requests).toEqual([])
  })

  test('is an error thrown by a custom fetch, synchronously or later', async () => {
    const bug = new TypeError('broken')
    const throwing: Fetch = () => {
      throw bug
    }
    for (const fetch of [throwing, () => Promise.reject(bug)])
      expect(await ask({ url: 'https://api.example.com' }, { fetch })).toMatchObject({ ...down, again: true })
  })

  test('is a closed instance: no call is made, and calls in flight end', async () => {
    const server = await serve(() => {})
    const closing = new AbortController()
    const asked = ask(server, { signal: closing.signal })
    setTimeout(() => closing.abort(new Error('closed')), 50)
    expect(await asked).toMatchObject(down)
    const { requests } = server
    const before = requests.length
    expect(await ask(server, { signal: closing.signal })).toMatchObject(down)
    expect(requests.length).toBe(before)
  })

  test.each([
    [422, 'api_keys_not_enabled'],
    [400, 'api_version_invalid'],
    [404, 'instance_not_found'],
  ])('is a misconfiguration if Clerk answers %i %s, and says nothing about the token', async (status, code) => {
    const answer: RequestListener = (_request, response) =>
      response.writeHead(status).end(JSON.stringify({ errors: [{ code, message: 'x', long_message: 'x' }] }))
    expect(await verdictOf(answer)).toMatchObject({ active: undefined, code: 'verification-misconfigured' })
  })
})

test('askClerk compares the expiry with the time of the response, not of the request', async () => {
  const clock = fakeClock()
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const fetch: Fetch = async () => {
    clock.advance(1000)
    return Response.json({ ...ANSWERS.m2m_token, expiration: NOW + 1000 })
  }
  const { opaque: form } = KINDS.m2m_token
  const question = { form, apiUrl: 'https://api.example.com', secret: SECRET, fetch, clock }
  expect(await askClerk(question, opaque('m2m_token'), LONG, controller.signal)).toMatchObject({
    active: false,
    code: 'token-expired',
    isLasting: false,
  })
})
