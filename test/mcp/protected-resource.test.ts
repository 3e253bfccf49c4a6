import { createClerkAuth, type ClerkAuthEvent } from '@clerk-auth/core'
import type { ProtectedResourceOptions } from '@clerk-auth/core/mcp'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { frameworks, hasRoutesBefore, start, type Route } from './frameworks.js'

const RESOURCE = 'https://api.example.com/mcp'
const METADATA = '/.well-known/oauth-protected-resource'
const SCOPES = ['mcp:read', 'mcp:write']
const REFERENCE = `resource_metadata="https://api.example.com${METADATA}/mcp"`

let local: LocalClerk
beforeAll(async () => void (local = await startLocalClerk()))
afterAll(() => local.close())
afterEach(() => local.reset())

type Options = Partial<ProtectedResourceOptions>
type TokenOptions = NonNullable<Parameters<LocalClerk['oauthToken']>[0]>

describe.each(frameworks)('$name', (framework) => {
  let events: ClerkAuthEvent[]

  async function serve(...resources: Options[]): Promise<string> {
    events = []
    const clerk = createClerkAuth({
      frontendApiUrl: local.url,
      apiUrl: local.url,
      secretKey: local.env.CLERK_SECRET_KEY,
      machineSecretKey: local.machines.api.secretKey,
      acceptsToken: ['session_token', 'oauth_token'],
      onEvent: (event) => void events.push(event),
    })
    return start(framework, {
      clerk,
      resources: (resources.length > 0 ? resources : [{}]).map((one) => ({
        resource: RESOURCE,
        scopes: SCOPES,
        ...one,
      })),
    })
  }

  async function ask(url: string, path: string, token?: string, headers: Record<string, string> = {}) {
    const response = await fetch(url + path, {
      headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
    })
    const text = await response.text()
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>
    return { status: response.status, headers: response.headers, body, code: body['code'] }
  }

  const tokenFor = (audience: string | undefined, options: TokenOptions = {}) =>
    local.oauthToken({ scopes: ['mcp:read'], ...(audience !== undefined && { audience }), ...options })

  describe('the metadata', () => {
    it.each([METADATA, `${METADATA}/mcp`])('is served at %s, to every origin, and may be cached', async (path) => {
      const { status, headers, body } = await ask(await serve({ name: 'Notes' }), path)
      expect(status).toBe(200)
      expect(body).toEqual({
        resource: RESOURCE,
        authorization_servers: [local.url],
        scopes_supported: SCOPES,
        bearer_methods_supported: ['header'],
        resource_name: 'Notes',
      })
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('cache-control')).toBe('public, max-age=3600')
    })

    it('is served without a body to HEAD, and with all headers allowed to a preflight request', async () => {
      const url = await serve()
      const head = await fetch(url + METADATA, { method: 'HEAD' })
      expect([head.status, await head.text(), head.headers.get('access-control-allow-origin')]).toEqual([200, '', '*'])
      const preflight = await fetch(url + METADATA, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://client.example',
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'mcp-protocol-version',
        },
      })
      expect(preflight.status).toBe(204)
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
        'access-control-allow-headers': '*',
      })
    })

    it('of each resource is at its own path, and that of the first also at the path without one', async () => {
      const url = await serve({}, { resource: 'https://api.example.com/mcp/admin', scopes: ['admin'] })
      const resources = await Promise.all(
        ['', '/mcp', '/mcp/admin'].map(async (path) => (await ask(url, METADATA + path)).body['resource']),
      )
      expect(resources).toEqual([RESOURCE, RESOURCE, `${RESOURCE}/admin`])
    })

    it('of a resource without a path has one place', async () => {
      const url = await serve({ resource: 'https://api.example.com' })
      expect((await ask(url, METADATA)).body['resource']).toBe('https://api.example.com')
      expect((await ask(url, '/mcp')).headers.get('www-authenticate')).toContain(
        `resource_metadata="https://api.example.com${METADATA}"`,
      )
    })
  })

  describe('a challenge', () => {
    const challengeTo = async (path: Route, token?: string) => {
      const { status, headers, code } = await ask(await serve(), path, token)
      return { status, code, challenge: headers.get('www-authenticate') }
    }

    it('without a credential names the metadata and the scopes of the guard', async () => {
      expect(await challengeTo('/mcp')).toEqual({
        status: 401,
        code: 'credentials-missing',
        challenge: `Bearer realm="api", scope="mcp:read", ${REFERENCE}`,
      })
    })

    it('to a bad token does too', async () => {
      const { status, challenge } = await challengeTo('/mcp', 'not.a.token')
      expect(status).toBe(401)
      expect(challenge).toMatch(
        /^Bearer realm="api", error="invalid_token", error_description="[^"]+", scope="mcp:read", /,
      )
      expect(challenge).toContain(REFERENCE)
    })

    it('names the scopes of the resource if the guard names none', async () => {
      expect((await challengeTo('/mcp/no-scope')).challenge).toBe(
        `Bearer realm="api", scope="mcp:read mcp:write", ${REFERENCE}`,
      )
    })

    it('names the scopes of the requirement that OAuth tokens can meet', async () => {
      expect((await challengeTo('/mcp/admin-or-scope')).challenge).toBe(
        `Bearer realm="api", scope="mcp:read", ${REFERENCE}`,
      )
    })

    it('to a token that lacks one of the scopes names all of them', async () => {
      expect(await challengeTo('/mcp/write', await tokenFor(RESOURCE))).toEqual({
        status: 403,
        code: 'scope-missing',
        challenge: `Bearer realm="api", error="insufficient_scope", error_description="A scope is missing", scope="mcp:read mcp:write", ${REFERENCE}`,
      })
    })

    it.each([
      ['/mcp/other-client', 'client-not-allowed'],
      ['/mcp/org', 'org-missing'],
      ['/mcp/check', 'check-failed'],
    ] as const)('of %s asks for nothing, because no scope would help: %s', async (path, code) => {
      expect(await challengeTo(path, await tokenFor(RESOURCE))).toEqual({
        status: 403,
        code,
        challenge: 'Bearer realm="api"',
      })
    })

    it('of a guard that does not accept OAuth tokens does not send clients to log in', async () => {
      expect((await challengeTo('/mcp/session')).challenge).toBe('Bearer realm="api"')
    })

    it('outside of the resource does not name it', async () => {
      expect((await challengeTo('/api')).challenge).toBe('Bearer realm="api"')
    })

    it('is not sent while a token cannot be verified', async () => {
      local.fault('verifyOAuthAccessToken', { status: 500 })
      const { status, challenge } = await challengeTo('/mcp', await tokenFor(RESOURCE, { format: 'opaque' }))
      expect([status, challenge]).toEqual([503, null])
    })
  })

  describe.each(['jwt', 'opaque'] as const)('an OAuth token, %s', (format) => {
    const token = (audience?: string, options: TokenOptions = {}) => tokenFor(audience, { format, ...options })

    it('for this resource is accepted', async () => {
      const { status, body } = await ask(await serve(), '/mcp', await token(RESOURCE))
      expect(status).toBe(200)
      expect(body).toMatchObject({ clientId: local.clients.cli.id, scopes: ['mcp:read'], resource: RESOURCE })
    })

    it.each([
      'https://api.example.com',
      'https://api.example.com/mcp/admin',
      'https://other.example/mcp',
      `${RESOURCE}x`,
    ])('for %s is refused', async (audience) => {
      const { status, code } = await ask(await serve(), '/mcp', await token(audience))
      expect([status, code]).toEqual([401, 'token-invalid-audience'])
    })

    it('without an audience is refused, and a log can tell why', async () => {
      const { status, code, headers } = await ask(await serve(), '/mcp', await token())
      expect([status, code]).toEqual([401, 'token-invalid-audience'])
      expect(headers.get('www-authenticate')).toContain(REFERENCE)
      const refusal = events.find(({ type }) => type === 'requirement-refused')
      expect(refusal).toMatchObject({
        tokenType: 'oauth_token',
        message: 'the token has no audience, and "clients" of protectedResource() does not name its client',
      })
    })

    it('without an audience is accepted from a client that the resource names', async () => {
      const url = await serve({ clients: [local.clients.cli.id] })
      expect(await ask(url, '/mcp', await token())).toMatchObject({ status: 200 })
      expect(await ask(url, '/mcp', await token(undefined, { client: 'partner' }))).toMatchObject({
        status: 401,
        code: 'token-invalid-audience',
      })
    })

    it('with another audience is refused from every client', async () => {
      const url = await serve({ clients: 'any' })
      expect(await ask(url, '/mcp', await token(undefined, { client: 'partner' }))).toMatchObject({ status: 200 })
      expect(await ask(url, '/mcp', await token('https://other.example'))).toMatchObject({
        status: 401,
        code: 'token-invalid-audience',
      })
    })

    it('that is not for this resource is unknown to a route without a guard', async () => {
      const path = framework.name.startsWith('Fastify') ? '/mcp/open-in-scope' : '/mcp/open'
      const url = await serve()
      expect((await ask(url, path, await token(RESOURCE))).body).toEqual({ clientId: local.clients.cli.id })
      expect((await ask(url, path, await token())).body).toEqual({ clientId: null })
    })

    it('is refused outside of every resource, whatever its audience', async () => {
      const url = await serve()
      for (const audience of [RESOURCE, undefined])
        expect(await ask(url, '/api', await token(audience))).toMatchObject({
          status: 401,
          code: 'token-invalid-audience',
        })
    })

    it.runIf(hasRoutesBefore(framework))('is accepted by a guard that the resource does not apply to', async () => {
      expect(await ask(await serve(), '/before', await token())).toMatchObject({ status: 200 })
    })
  })

  it('asks Clerk about a fresh token, which must be for this resource too', async () => {
    const url = await serve()
    expect(await ask(url, '/mcp/fresh', await tokenFor(RESOURCE, { format: 'opaque' }))).toMatchObject({ status: 200 })
    expect(await ask(url, '/mcp/fresh', await tokenFor(undefined, { format: 'opaque' }))).toMatchObject({
      status: 401,
      code: 'token-invalid-audience',
    })
  })

  it('accepts tokens of other kinds without an audience', async () => {
    const url = await serve()
    expect(await ask(url, '/mcp/session', await local.sessionToken())).toMatchObject({ status: 200 })
    expect(await ask(url, '/mcp/admin-or-scope', await local.sessionToken({ user: 'alice' }))).toMatchObject({
      status: 200,
    })
    expect(await ask(url, '/mcp/key', await local.apiKey({ subject: 'alice' }))).toMatchObject({ status: 200 })
  })

  describe('of two resources', () => {
    const both: [Options, Options] = [{}, { resource: `${RESOURCE}/admin`, scopes: ['admin'] }]

    it.each([
      ['the general one first', both],
      ['the general one last', both.toReversed()],
    ])('the more specific one counts, %s', async (_, resources) => {
      const url = await serve(...resources)
      const [general, specific] = await Promise.all(
        [RESOURCE, `${RESOURCE}/admin`].map((audience) => tokenFor(audience, { scopes: ['mcp:read', 'admin'] })),
      )
      expect(await ask(url, '/mcp', general)).toMatchObject({ status: 200 })
      expect(await ask(url, '/mcp/admin', specific)).toMatchObject({ status: 200 })
      expect(await ask(url, '/mcp', specific)).toMatchObject({ status: 401, code: 'token-invalid-audience' })
      expect(await ask(url, '/mcp/admin', general)).toMatchObject({ status: 401, code: 'token-invalid-audience' })
    })

    it('with one path, on different hosts, fail instead of taking the tokens of each other', async () => {
      const url = await serve({}, { resource: RESOURCE.replace('//', '//other.') })
      expect(
        (await fetch(`${url}/mcp`, { headers: { Authorization: `Bearer ${await tokenFor(RESOURCE)}` } })).status,
      ).toBe(500)
    })

    it.each([
      '/mcp/Admin',
      '/mcp/%61dmin',
      '/MCP/admin',
      '/mcp/admin/',
      '//mcp//admin',
      '/mcp/admin;x',
      '/%6Dcp/admin?a',
    ])('no spelling of the path confuses them: %s', async (path) => {
      const general = await tokenFor(RESOURCE, { scopes: ['mcp:read', 'admin'] })
      const response = await fetch((await serve(...both)) + path, { headers: { Authorization: `Bearer ${general}` } })
      expect([401, 404]).toContain(response.status)
    })
  })

  it('is served at another path, if a proxy changes it', async () => {
    const url = await serve({ resource: 'https://example.com/tools/notes', path: '/mcp' })
    const { status } = await ask(url, '/mcp', await tokenFor('https://example.com/tools/notes'))
    expect(status).toBe(200)
    expect((await ask(url, `${METADATA}/tools/notes`)).body['resource']).toBe('https://example.com/tools/notes')
    expect((await ask(url, '/mcp')).headers.get('www-authenticate')).toContain(
      `resource_metadata="https://example.com${METADATA}/tools/notes"`,
    )
  })

  it('accepts the URL as clients write it: the origin with a slash at the end', async () => {
    const url = await serve({ resource: 'https://api.example.com' })
    for (const audience of ['https://api.example.com', 'https://api.example.com/'])
      expect(await ask(url, '/mcp', await tokenFor(audience))).toMatchObject({ status: 200 })
  })

  describe('a request from a web page', () => {
    it.each([
      ['https://api.example.com', 200],
      ['https://app.example.com', 200],
      ['https://evil.example', 403],
      ['https://app.example.com.evil.example', 403],
      ['null', 403],
    ])('from %s gets %i', async (origin, expected) => {
      const url = await serve({ origins: ['https://app.example.com'] })
      const { status, code } = await ask(url, '/mcp', await tokenFor(RESOURCE), { Origin: origin })
      expect([status, code]).toEqual([expected, expected === 403 ? 'origin-not-allowed' : undefined])
    })

    it('is accepted from everywhere if the resource says so', async () => {
      const url = await serve({ origins: 'any' })
      expect(await ask(url, '/mcp', await tokenFor(RESOURCE), { Origin: 'https://a.example' })).toMatchObject({
        status: 200,
      })
    })
  })

  it('describes a caller as the official SDKs expect it, with the expiry in seconds', async () => {
    const url = await serve()
    const token = await tokenFor(RESOURCE, { format: 'jwt' })
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number }
    expect((await ask(url, '/mcp', token)).body).toEqual({
      token,
      clientId: local.clients.cli.id,
      scopes: ['mcp:read'],
      expiresAt: exp,
      resource: RESOURCE,
      resourceMetadataUrl: `https://api.example.com${METADATA}/mcp`,
      extra: {
        tokenType: 'oauth_token',
        subject: local.people.alice.id,
        userId: local.people.alice.id,
        orgId: null,
      },
    })
    const key = await local.apiKey({ subject: 'acme', scopes: ['mcp:read'] })
    expect((await ask(url, '/mcp/key', key)).body).toMatchObject({
      token: key,
      scopes: ['mcp:read'],
      extra: { tokenType: 'api_key', userId: null, orgId: local.organizations.acme.id },
    })
    const machine = await local.m2mToken({ from: 'worker', to: 'api' })
    expect((await ask(url, '/mcp/key', machine)).body).toMatchObject({
      clientId: local.machines.worker.id,
      scopes: [],
      extra: { tokenType: 'm2m_token', userId: null, orgId: null },
    })
  })
})
