import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { errorBody, errorCode, getBackendJwks, getPublicJwks, sendRaw, start } from './start.js'

describe('the key set', () => {
  test('is public in the Frontend API and needs the secret key in the Backend API', async () => {
    const local = await start()
    const [frontend, backend] = [await getPublicJwks(local), await getBackendJwks(local)]
    expect([frontend.status, backend.status]).toEqual([200, 200])
    expect(await backend.json()).toEqual(await frontend.json())
  })

  test('is sent with the headers of Clerk', async () => {
    const { headers } = await getPublicJwks(await start())
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-clerk-trace-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(headers.get('clerk-api-version')).toBe('2026-05-12')
  })

  test('counts as one operation at both paths, including refused calls', async () => {
    const local = await start()
    expect(local.calls('GetJWKS')).toBe(0)
    await getPublicJwks(local)
    await getBackendJwks(local)
    await getBackendJwks(local, { authorization: 'Bearer sk_test_wrong' })
    expect(local.calls('GetJWKS')).toBe(3)
  })

  test('does not count calls of other operations', async () => {
    const local = await start()
    await fetch(`${local.url}/v1/machines`)
    await fetch(`${local.url}/.well-known/jwks.json`, { method: 'POST' })
    expect(local.calls('GetJWKS')).toBe(0)
  })
})

describe('an error', () => {
  test.each(['/v1/jwks', '/v1/nothing', '/v1'])(
    'at %s without an Authorization header is 401 before any other check',
    async (path) => {
      const response = await fetch((await start()).url + path)
      expect(response.status).toBe(401)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'Invalid Authorization header format',
            long_message: "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'",
            code: 'authorization_header_format_invalid',
          },
        ],
        clerk_trace_id: response.headers.get('x-clerk-trace-id'),
      })
    },
  )

  test.each(['sk_test_x', 'Basic c2s6', 'Bearer', 'Bearer a b'])(
    'for Authorization: %s reports the invalid format',
    async (authorization) => {
      const response = await getBackendJwks(await start(), { authorization })
      expect(response.status).toBe(401)
      expect(await errorCode(response)).toBe('authorization_header_format_invalid')
    },
  )

  test('for the secret key of another instance reports an invalid key', async () => {
    const [local, other] = [await start(), await start()]
    const response = await getBackendJwks(local, { authorization: `Bearer ${other.env.CLERK_SECRET_KEY}` })
    const message = 'The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.'
    expect(response.status).toBe(401)
    expect(await errorBody(response)).toMatchObject({
      errors: [{ message, long_message: message, code: 'clerk_key_invalid' }],
    })
  })

  test.each(['/v1/nothing', '/v1/jwks/'])('for %s with the secret key is 404', async (path) => {
    const local = await start()
    const response = await fetch(local.url + path, {
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
    })
    expect(response.status).toBe(404)
    const long_message = `The local instance has no GET ${path}: its README lists the supported operations`
    expect(await errorBody(response)).toMatchObject({ errors: [{ code: 'resource_not_found', long_message }] })
  })

  test('for another method is 405 with the allowed method', async () => {
    const local = await start()
    for (const method of ['POST', 'HEAD', 'OPTIONS', 'DELETE']) {
      const response = await fetch(`${local.url}/.well-known/jwks.json`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET')
    }
    const response = await fetch(`${local.url}/.well-known/jwks.json`, { method: 'POST' })
    const long_message = 'The local instance has no POST /.well-known/jwks.json, only GET'
    expect(await errorBody(response)).toMatchObject({ errors: [{ code: 'method_not_allowed', long_message }] })
  })
})

describe('the API version', () => {
  test.each([
    ['2021-02-05', '2025-11-10'],
    ['2025-12-03', '2025-11-10'],
    ['2025-11-10', '2025-11-10'],
    ['2026-05-12', '2026-05-12'],
  ])('%s is accepted, and answered as %s', async (version, answered) => {
    const local = await start()
    const response = await getBackendJwks(local, { 'clerk-api-version': version })
    expect(response.status).toBe(200)
    expect(response.headers.get('clerk-api-version')).toBe(answered)
  })

  test('may be sent in the query instead', async () => {
    const local = await start()
    const response = await fetch(`${local.url}/.well-known/jwks.json?__clerk_api_version=2025-04-10`)
    expect(response.status).toBe(200)
    expect(response.headers.get('clerk-api-version')).toBe('2025-11-10')
  })

  test.each([
    ['an unknown version', { 'clerk-api-version': '2020-01-01' }, ''],
    ['an empty version', { 'clerk-api-version': '' }, ''],
    ['an unknown version in the query', {}, '?__clerk_api_version=latest'],
    ['the same version in header and query', { 'clerk-api-version': '2025-11-10' }, '?__clerk_api_version=2025-11-10'],
  ])('is refused: %s', async (_, headers, query) => {
    const local = await start()
    const response = await fetch(`${local.url}/.well-known/jwks.json${query}`, { headers })
    expect(response.status).toBe(400)
    expect(await errorCode(response)).toBe('api_version_invalid')
  })
})

describe('the server', () => {
  test.each([
    'GET // HTTP/1.1',
    'GET //v1/jwks HTTP/1.1',
    'GET /%ZZ?%ZZ=%E0 HTTP/1.1',
    'GET http://[ HTTP/1.1',
    'GET ?? HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'TRACE /v1/jwks HTTP/1.1',
    'PROPFIND / HTTP/1.1',
    'CONNECT example.com:443 HTTP/1.1',
    'GET /v1/jwks HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade',
    'BREW /coffee HTTP/1.1',
    'nonsense',
    `GET /${'a'.repeat(20_000)} HTTP/1.1`,
  ])('survives %.60s', async (request) => {
    const local = await start()
    const answer = await sendRaw(local, `${request}\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(answer).not.toMatch(/^HTTP\/1\.1 (2|5)/)
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test('answers TRACE with an error, and echoes nothing', async () => {
    const answer = await sendRaw(
      await start(),
      'TRACE /x HTTP/1.1\r\nHost: x\r\nX-Secret: 1\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).not.toContain('X-Secret')
  })

  test('sends the refusal of a large body to a client that reads only after it has sent everything', async () => {
    const local = await start()
    const size = 8 * 1024 * 1024
    const head = `POST /v1/organizations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${size}\r\n`
    const authorization = `Authorization: Bearer ${local.env.CLERK_SECRET_KEY}\r\n`
    const socket = connect(Number(new URL(local.url).port), '127.0.0.1')
    socket.end(`${head}${authorization}\r\n${'x'.repeat(size)}`)
    await once(socket, 'finish')
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"request_body_too_large"/)
  })

  test.each([
    '/%761/jwks',
    '/_loca%6C/clock',
    '/%5Flocal/clock',
    '/x/../v1/jwks',
    '/x/../_local/clock',
    '/.%2e/_local/clock',
    '/%2e%2e/v1/jwks',
    'http://127.0.0.1/v1/jwks',
    'http://127.0.0.1/_local/clock',
  ])('does not take %s for another path, whose checks it would pass', async (path) => {
    const answer = await sendRaw(
      await start(),
      `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 [^]*"resource_not_found"/)
  })
})

describe('HEAD', () => {
  test('is refused like any other request before it is 405', async () => {
    const local = await start()
    const control = await sendRaw(
      local,
      'HEAD /_local/clock HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(control).toMatch(/^HTTP\/1\.1 403 /)
    expect((await fetch(`${local.url}/v1/jwks`, { method: 'HEAD' })).status).toBe(401)
    expect((await fetch(`${local.url}/.well-known/jwks.json`, { method: 'HEAD' })).status).toBe(405)
    expect(local.calls('GetJWKS')).toBe(0)
  })
})

describe('a body without a length', () => {
  /** Sends a body in chunks of at most 16 KiB, and returns the raw response. */
  async function sendChunks(body: string) {
    const local = await start()
    const authorization = `Bearer ${local.env.CLERK_SECRET_KEY}`
    const chunks = body.match(/.{1,16384}/gs)!.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    const head = `POST /v1/machines HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${authorization}`
    const headers = 'Content-Type: application/json\r\nTransfer-Encoding: chunked'
    return sendRaw(local, `${head}\r\n${headers}\r\n\r\n${chunks.join('')}0\r\n\r\n`)
  }

  test('is read', async () => {
    const answer = await sendChunks(JSON.stringify({ name: 'cron', ignored: 'x'.repeat(40_000) }))
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain('"name":"cron"')
  })

  test('is refused beyond 64 KiB', async () => {
    const body = JSON.stringify({ name: 'cron' })
    expect(await sendChunks(body.padEnd(64 * 1024))).toMatch(/^HTTP\/1\.1 200 /)
    const answer = await sendChunks(body.padEnd(64 * 1024 + 1))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"code":"request_body_too_large"')
  })
})
