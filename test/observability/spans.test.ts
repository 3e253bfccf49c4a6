import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClerkAuth, type AcceptsToken, type ClerkAuthOptions } from '@clerk-auth/core'
import { tracedFetch } from '@clerk-auth/core/otel'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTelemetry } from './telemetry.js'

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterEach(() => local.reset())
afterAll(() => local.close())

function start(options: ClerkAuthOptions = {}) {
  const telemetry = startTelemetry()
  const { tracer, spans } = telemetry
  const clerk = createClerkAuth<AcceptsToken>({ fetch: tracedFetch({ tracer }), ...options }, { ...local.env })
  onTestFinished(() => clerk.close())
  const authenticate = (token: string) =>
    clerk.authenticate({ headers: { authorization: `Bearer ${token}` } }, { acceptsToken: 'any' })
  const summaries = () => spans().map(({ name, kind, status, attributes }) => ({ name, kind, status, attributes }))
  return { ...telemetry, authenticate, summaries }
}

describe('tracedFetch', () => {
  it('makes client spans of the calls to Clerk, whose parent is the active span', async () => {
    const { authenticate, tracer, spans, summaries } = start()
    const [session, key] = [await local.sessionToken(), await local.apiKey()]
    await tracer.startActiveSpan('GET /me', async (span) => {
      await authenticate(session)
      await authenticate(key)
      span.end()
    })
    const { hostname, port, origin } = new URL(local.url)
    const server = { 'server.address': hostname, 'server.port': Number(port) }
    const ok = { kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } }
    expect(summaries().slice(0, 2)).toEqual([
      {
        name: 'GET /.well-known/jwks.json',
        ...ok,
        attributes: {
          ...server,
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'url.full': `${origin}/.well-known/jwks.json`,
          'url.template': '/.well-known/jwks.json',
        },
      },
      {
        name: 'POST /api_keys/verify',
        ...ok,
        attributes: {
          ...server,
          'http.request.method': 'POST',
          'http.response.status_code': 200,
          'url.full': `${origin}/api_keys/verify`,
          'url.template': '/api_keys/verify',
        },
      },
    ])
    const parent = spans().at(-1)!.spanContext()
    for (const span of spans().slice(0, 2)) expect(span.parentSpanContext).toEqual(parent)
  })

  it('marks a span as failed by the status of the response', async () => {
    const { authenticate, summaries } = start()
    await authenticate(`ak_${'0'.repeat(32)}`)
    expect(summaries()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'http.response.status_code': 404, 'error.type': '404' } },
    ])
  })

  it('marks a span as failed by the kind of the network error, not by its message', async () => {
    const { authenticate, spans, summaries } = start({ apiUrl: await closedUrl(), remote: { retries: 0 } })
    await authenticate(`ak_${'0'.repeat(32)}`)
    expect(summaries()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'ECONNREFUSED' } },
    ])
    expect(spans()[0]!.events).toEqual([])
    expect(summaries()[0]!.attributes).not.toHaveProperty('http.response.status_code')
  })

  it('marks a span as aborted when the call takes too long', async () => {
    const { authenticate, summaries } = start({ remote: { timeoutInMs: 150, retries: 0 } })
    local.fault('verifyApiKey', { hang: true })
    await authenticate(await local.apiKey())
    expect(summaries()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'aborted' } },
    ])
  })

  it.each([
    ['/v1/sessions/sess_2fJXKmGq0bOtYcR1LxQ8vW5nZ3a', '/v1/sessions/{id}', '/v1/sessions/REDACTED'],
    ['/v1/jwks?secret=1#secret', '/v1/jwks', '/v1/jwks'],
    ['/oauth_applications/access_tokens/verify', '/oauth_applications/access_tokens/verify', undefined],
  ])('has no id, query or fragment of a URL in a span: %s', async (path, template, full = path) => {
    const { tracer, summaries } = start()
    const url = `https://api.clerk.com${path}`
    const asked: string[] = []
    const traced = tracedFetch({ tracer, fetch: async (url) => (asked.push(url), new Response('{}')) })
    await traced(url, {})
    expect(asked).toEqual([url])
    expect(summaries()).toMatchObject([
      {
        name: `GET ${template}`,
        attributes: { 'url.template': template, 'url.full': `https://api.clerk.com${full}` },
      },
    ])
  })

  it('adds nothing to the request: Clerk does not get the ids of traces', async () => {
    const { tracer } = start()
    const sent: unknown[] = []
    const traced = tracedFetch({ tracer, fetch: async (_url, init) => (sent.push(init), new Response('{}')) })
    const init = { method: 'POST', headers: { Accept: 'application/json' }, body: '{}' }
    await tracer.startActiveSpan('request', async () => traced('https://api.clerk.com/v1/jwks', init))
    expect(sent).toEqual([init])
  })
})

/** An address on which nothing listens. */
async function closedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
