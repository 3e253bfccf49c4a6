import { describe, expect, test } from 'vitest'
import { authorize, pkce, redirected, send, type Parameters } from './oauth-client.js'
import { sendRaw, start } from './start.js'

const CALLBACK = 'http://127.0.0.1:5555/callback'

/** An instance, and a request of its public client that alice would grant at once. */
async function startWithRequest() {
  const local = await start()
  const request = {
    client_id: local.clients.cli.id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'profile email',
    state: 'a state of mine',
    ...pkce().challenge,
    _local_user: 'alice',
  }
  return { local, request }
}

const html = { 'content-type': 'text/html; charset=utf-8' }

async function page(response: Response) {
  expect(response.headers.get('content-type')).toBe(html['content-type'])
  expect(response.headers.get('location')).toBeNull()
  return response.text()
}

describe('a request for authorization with _local_user', () => {
  test('is answered at once with a code, the state and the issuer', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, request)
    expect(response.status).toBe(302)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { origin, pathname, answer } = redirected(response)
    expect(origin + pathname).toBe(CALLBACK)
    expect(answer).toEqual({ code: expect.stringMatching(/^\w{42}$/), state: request.state, iss: local.url })
  })

  test('may name the user by id, and shows no page with prompt=none', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, _local_user: local.people.bob.id, prompt: 'none' })
    expect(redirected(response).answer).toHaveProperty('code')
  })

  test('for a user that does not exist says which do', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, _local_user: 'mallory' })
    expect(response.status).toBe(422)
    expect(await response.text()).toContain('alice')
  })

  test('for a banned user is access_denied', async () => {
    const { local, request } = await startWithRequest()
    await fetch(`${local.url}/v1/users/${local.people.alice.id}/ban`, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
    })
    const { answer } = redirected(await authorize(local, request))
    expect(answer).toMatchObject({ error: 'access_denied', state: request.state, iss: local.url })
  })

  test('may be a form, which is answered with 303', async () => {
    const { local, request } = await startWithRequest()
    const response = await fetch(`${local.url}/oauth/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(request),
    })
    expect(response.status).toBe(303)
    expect(redirected(response).answer).toHaveProperty('code')
  })

  test('keeps the query of the redirect URI as it is', async () => {
    const { local } = await startWithRequest()
    const { request } = await withRedirectUris(local, ['https://app.example/cb?a=%2F&b'])
    const { href } = redirected(await authorize(local, request))
    expect(href).toMatch(/^https:\/\/app\.example\/cb\?a=%2F&b&code=\w+&/)
  })

  test('may leave the redirect URI out if the client has only one', async () => {
    const { local } = await startWithRequest()
    const { request } = await withRedirectUris(local, ['https://app.example/cb'])
    const response = await authorize(local, { ...request, redirect_uri: undefined })
    expect(redirected(response).href).toMatch(/^https:\/\/app\.example\/cb\?code=/)
  })
})

/** A public client with these redirect URIs, and a request for the first. */
async function withRedirectUris(local: Awaited<ReturnType<typeof start>>, redirect_uris: readonly string[]) {
  const response = await fetch(`${local.url}/v1/oauth_applications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'App', redirect_uris, public: true }),
  })
  const { client_id } = (await response.json()) as { client_id: string }
  const request = {
    client_id,
    response_type: 'code',
    redirect_uri: redirect_uris[0],
    ...pkce().challenge,
    _local_user: 'alice',
  } satisfies Parameters
  return { request, client_id }
}

describe('an error page, and no redirect,', () => {
  test.each<[string, Parameters, number, string]>([
    ['an unknown client', { client_id: 'client_unknown' }, 401, 'invalid_client'],
    ['no client', { client_id: undefined }, 400, 'invalid_request'],
    ['two clients', { client_id: ['client_1', 'client_2'] }, 400, 'invalid_request'],
    ['a redirect URI of another host', { redirect_uri: 'https://evil.example/callback' }, 400, 'invalid_request'],
    ['another path', { redirect_uri: 'http://127.0.0.1:5555/callback/other' }, 400, 'invalid_request'],
    ['another query', { redirect_uri: 'http://127.0.0.1:5555/callback?next=x' }, 400, 'invalid_request'],
    ['https in place of http', { redirect_uri: 'https://127.0.0.1:5555/callback' }, 400, 'invalid_request'],
    ['another name of loopback', { redirect_uri: 'http://127.0.0.2:5555/callback' }, 400, 'invalid_request'],
    [
      'a host that only begins like loopback',
      { redirect_uri: 'http://127.0.0.1.evil.example/callback' },
      400,
      'invalid_request',
    ],
    [
      'a port that is a user name',
      { redirect_uri: 'http://127.0.0.1:80@evil.example/callback' },
      400,
      'invalid_request',
    ],
    ['a backslash', { redirect_uri: 'http://127.0.0.1:80\\@evil.example/callback' }, 400, 'invalid_request'],
    ['a path that leaves and returns', { redirect_uri: 'http://127.0.0.1:5555/x/../callback' }, 400, 'invalid_request'],
    ['a fragment', { redirect_uri: 'http://127.0.0.1:5555/callback#x' }, 400, 'invalid_request'],
    ['a line break', { redirect_uri: 'http://127.0.0.1:5555/callback\r\nx: y' }, 400, 'invalid_request'],
    ['two redirect URIs', { redirect_uri: [CALLBACK, CALLBACK] }, 400, 'invalid_request'],
    ['no redirect URI, if there are several', { redirect_uri: undefined }, 400, 'invalid_request'],
  ])('answers %s', async (_, change, status, code) => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, ...change })
    expect(response.status).toBe(status)
    expect(await page(response)).toContain(`<code>${code}</code>`)
  })

  test('answers another port of a confidential client', async () => {
    const { local, request } = await startWithRequest()
    const partner = { ...request, client_id: local.clients.partner.id }
    expect((await authorize(local, { ...partner, redirect_uri: 'http://localhost:3001/callback' })).status).toBe(400)
    expect((await authorize(local, { ...partner, redirect_uri: 'http://localhost:3000/callback' })).status).toBe(302)
  })
})

describe('an error that the client is told, with state and issuer,', () => {
  test.each<[string, Parameters, string]>([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['a fragment as the response', { response_mode: 'fragment' }, 'unsupported_response_mode'],
    [
      'a public client without PKCE',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    ],
    ['a challenge without a method, which is plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a method without a challenge', { code_challenge: undefined }, 'invalid_request'],
    ['a challenge that is no digest', { code_challenge: 'x' }, 'invalid_request'],
    ['a scope that the client may not have', { scope: 'profile private_metadata' }, 'invalid_scope'],
    ['an unknown scope', { scope: 'nonsense' }, 'invalid_scope'],
    ['a relative resource', { resource: '/mcp' }, 'invalid_target'],
    ['a resource with a fragment', { resource: 'https://api.example/#x' }, 'invalid_target'],
    [
      'a hundred resources',
      { resource: Array.from({ length: 100 }, (_, i) => `https://${i}.example/`) },
      'invalid_target',
    ],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['prompt=none with another', { prompt: 'none login' }, 'invalid_request'],
    ['prompt=none, since no user is signed in', { prompt: 'none', _local_user: undefined }, 'login_required'],
    ['a parameter that is repeated', { scope: ['profile', 'email'] }, 'invalid_request'],
    ['an unknown parameter that is repeated', { other: ['a', 'b'] }, 'invalid_request'],
    ['an enormous parameter', { nonce: 'n'.repeat(5000) }, 'invalid_request'],
    ['a request object', { request: 'eyJ' }, 'request_not_supported'],
    ['a request by reference', { request_uri: 'https://evil.example/' }, 'request_uri_not_supported'],
  ])('is the answer to %s', async (_, change, error) => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, ...change })
    expect(response.status).toBe(302)
    const { origin, pathname, answer } = redirected(response)
    expect(origin + pathname).toBe(CALLBACK)
    expect(answer).toEqual({
      error,
      error_description: expect.stringMatching(/^[^"\\]+$/),
      state: request.state,
      iss: local.url,
    })
  })

  test('has no state if it was sent twice', async () => {
    const { local, request } = await startWithRequest()
    const { answer } = redirected(await authorize(local, { ...request, state: ['a', 'b'] }))
    expect(answer).toEqual({ error: 'invalid_request', error_description: expect.any(String), iss: local.url })
  })

  test('names a scope in the words of Clerk', async () => {
    const { local, request } = await startWithRequest()
    const { answer } = redirected(await authorize(local, { ...request, scope: 'email private_metadata' }))
    expect(answer['error_description']).toBe(
      "The requested scope is invalid, unknown, or malformed. The OAuth 2.0 Client is not allowed to request scope 'private_metadata'.",
    )
  })

  test('is invalid_state if a confidential client protects the answer neither with PKCE nor with a long state', async () => {
    const { local, request } = await startWithRequest()
    const { code_challenge: _, code_challenge_method: _method, ...rest } = request
    const partner = { ...rest, client_id: local.clients.partner.id, redirect_uri: 'http://localhost:3000/callback' }
    expect(redirected(await authorize(local, { ...partner, state: '1234567' })).answer['error']).toBe('invalid_state')
    expect(redirected(await authorize(local, { ...partner, state: '12345678' })).answer).toHaveProperty('code')
  })
})

describe('the page', () => {
  test('lets you choose a user, and consent to what the client asks for', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, _local_user: undefined, resource: 'https://api.example/mcp' })
    expect(response.status).toBe(200)
    const text = await page(response)
    expect(text).toContain('Command line requests access')
    for (const person of Object.values(local.people)) expect(text).toContain(`value="${person.id}"`)
    for (const part of ['profile', 'email', CALLBACK, 'https://api.example/mcp'])
      expect(text).toContain(`<code>${part}`)
  })

  test('cannot be framed, loads only its style, and has no script', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, { ...request, _local_user: undefined })
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.text()).not.toMatch(/<script|\son\w+=/i)
  })

  test('shows what a client says of itself as text', async () => {
    const local = await start({
      seed: {
        organizations: {},
        people: { alice: { firstName: 'Alice', email: 'alice@acme.example' } },
        clients: { app: { name: '<img src=x onerror=alert(1)>', redirectUris: ['https://app.example/"><script>'] } },
      },
    })
    const response = await authorize(local, {
      client_id: local.clients.app.id,
      response_type: 'code',
      state: '"><script>alert(1)</script>',
      ...pkce().challenge,
    })
    expect(response.status).toBe(200)
    expect(await response.text()).not.toMatch(/<script|<img/)
  })

  test.each([
    ['Sec-Fetch-Site', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['Origin', (url: string) => ({ origin: url })],
  ])('sends the decision, which redirects with a code; %s shows that it did', async (_, headers) => {
    const { local, request } = await startWithRequest()
    const decision = { ...request, _local_user: local.people.carol.id, _local_decision: 'allow' }
    const response = await decide(local, decision, headers(local.url))
    expect(response.status).toBe(303)
    expect(redirected(response).answer).toEqual({ code: expect.any(String), state: request.state, iss: local.url })
  })

  test('tells the client that you deny', async () => {
    const { local, request } = await startWithRequest()
    const response = await decide(local, { ...request, _local_decision: 'deny' }, { origin: local.url })
    expect(redirected(response).answer).toMatchObject({ error: 'access_denied', state: request.state })
  })

  test('checks the request again when you decide', async () => {
    const { local, request } = await startWithRequest()
    const allow = { ...request, _local_decision: 'allow' }
    const other = await decide(local, { ...allow, redirect_uri: 'https://evil.example/' }, { origin: local.url })
    expect([other.status, other.headers.get('location')]).toEqual([400, null])
    const scoped = await decide(local, { ...allow, scope: 'private_metadata' }, { origin: local.url })
    expect(redirected(scoped).answer['error']).toBe('invalid_scope')
  })
})

function decide(local: { readonly url: string }, decision: Parameters, headers: Record<string, string>) {
  return fetch(`${local.url}/_local/oauth/decision`, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(decision as Record<string, string>),
  })
}

describe('a web page of another origin', () => {
  test.each([
    ['a site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of loopback', { 'sec-fetch-site': 'same-site' }],
    ['an image in an old browser', { 'user-agent': 'Mozilla/5.0 (Macintosh) Version/15.6 Safari/605.1.15' }],
    ['a form in an old browser', { origin: 'https://evil.example', 'user-agent': 'Old/1.0' }],
  ])('gets no code without a decision on the page: %s', async (_, headers) => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, request, headers)
    expect(response.status).toBe(200)
    expect(await page(response)).toContain('requests access')
    const silent = await authorize(local, { ...request, prompt: 'none' }, headers)
    expect(redirected(silent).answer['error']).toBe('login_required')
  })

  test('is not one if you enter the address yourself', async () => {
    const { local, request } = await startWithRequest()
    const response = await authorize(local, request, { 'sec-fetch-site': 'none', 'user-agent': 'Mozilla/5.0' })
    expect(redirected(response).answer).toHaveProperty('code')
  })

  test.each([
    ['says that it is one', { 'sec-fetch-site': 'cross-site' }, 403],
    ['has another origin', { origin: 'https://evil.example' }, 403],
    ['hides its origin', { origin: 'null' }, 403],
    ['says nothing', {}, 400],
  ])('cannot decide if it %s', async (_, headers, status) => {
    const { local, request } = await startWithRequest()
    const response = await decide(local, { ...request, _local_decision: 'allow' }, headers)
    expect([response.status, response.headers.get('location')]).toEqual([status, null])
  })

  test('whose name was rebound to loopback gets nothing', async () => {
    const { local, request } = await startWithRequest()
    const query = new URLSearchParams(request).toString()
    const answer = await sendRaw(
      local,
      `GET /oauth/authorize?${query} HTTP/1.1\r\nhost: evil.example\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer).not.toContain('code=')
  })
})

test.each([['https://app.example/漢'], ['https://app.example/\r\nx: y'], ['https://app.example/#x']])(
  'a registered redirect URI that no header can have is an error page: %j',
  async (uri) => {
    const { local } = await startWithRequest()
    const { request } = await withRedirectUris(local, [uri])
    const response = await authorize(local, request)
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
  },
)

describe('loopback redirect URIs of a native client', () => {
  test.each([['http://127.0.0.1:49152/callback'], ['http://127.0.0.1/callback'], ['http://localhost:1/callback']])(
    'may have any port: %s',
    async (redirect_uri) => {
      const { local, request } = await startWithRequest()
      expect((await authorize(local, { ...request, redirect_uri })).status).toBe(302)
    },
  )

  test('may be addresses of IPv6', async () => {
    const { local } = await startWithRequest()
    const { request } = await withRedirectUris(local, ['http://[::1]/cb'])
    expect((await authorize(local, { ...request, redirect_uri: 'http://[::1]:5555/cb' })).status).toBe(302)
    expect((await authorize(local, { ...request, redirect_uri: 'http://127.0.0.1:5555/cb' })).status).toBe(400)
  })
})

test('a form that is not declared as one is refused', async () => {
  const { local, request } = await startWithRequest()
  const response = await send(local, new URLSearchParams(request).toString(), {
    path: '/oauth/authorize',
    headers: { 'content-type': 'text/plain' },
  })
  expect(response.status).toBe(400)
})
