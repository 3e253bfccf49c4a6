import { describe, expect, onTestFinished, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalClerk, type LocalClerk, type Seed } from '../src/index.js'
import { authorize, basic, pkce, redirected, send, token, type Parameters } from './oauth-client.js'
import { start } from './start.js'
import { call } from './tokens.js'

const CALLBACK = 'http://localhost:3000/callback'
const SETTINGS = '/v1/instance/oauth_application_settings'
const SECRET = 'local-secret-of-partner'

/** Tokens of alice for a client of the default seed. */
async function tokensOf(local: LocalClerk, name: 'cli' | 'partner', scope: string, asked: Parameters = {}) {
  const { code_verifier, challenge } = pkce()
  const client_id = local.clients[name].id
  const request = { client_id, response_type: 'code', redirect_uri: CALLBACK, scope, ...challenge }
  const response = await authorize(local, { ...request, _local_user: 'alice', ...asked })
  const { code } = redirected(response).answer
  const secret = name === 'partner' ? { client_secret: SECRET } : {}
  return token(local, {
    grant_type: 'authorization_code',
    client_id,
    redirect_uri: CALLBACK,
    code,
    code_verifier,
    ...secret,
  })
}

async function startOpaque() {
  const local = await start()
  await call(local, 'PATCH', SETTINGS, { body: { oauth_jwt_access_tokens: false } })
  return local
}

async function json(response: Response): Promise<any> {
  return response.json()
}

const asPartner = (local: LocalClerk) => basic(local.clients.partner.id, SECRET)

describe('the metadata', () => {
  test.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
    'at %s names endpoints that answer, and nothing that is not there',
    async (path) => {
      const local = await start()
      const response = await fetch(local.url + path)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      const metadata = await json(response)
      expect(metadata).toMatchObject({
        issuer: local.url,
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['ES256'],
        request_uri_parameter_supported: false,
      })
      const endpoints = Object.entries<string>(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name))
      expect(endpoints).toHaveLength(6)
      for (const [, url] of endpoints) {
        expect(new URL(url).origin).toBe(local.url)
        const answers = await Promise.all(['GET', 'POST'].map((method) => fetch(url, { method })))
        expect(answers.some(({ status }) => status !== 404 && status !== 405)).toBe(true)
      }
    },
  )

  test('lists the scopes of Clerk and of the seed, without organizations if there are none', async () => {
    const local = await start({ seed: { organizations: {}, people: {}, oauth: { scopes: ['invoices:read'] } } })
    const metadata = () => fetch(`${local.url}/.well-known/oauth-authorization-server`).then(json)
    const scopes = ['openid', 'profile', 'email', 'public_metadata', 'private_metadata', 'offline_access']
    expect((await metadata()).scopes_supported).toEqual([...scopes, 'user:org:read', 'invoices:read'])
    await call(local, 'PATCH', '/v1/instance/organization_settings', { body: { enabled: false } })
    const { scopes_supported, claims_supported } = await metadata()
    expect(scopes_supported).toEqual([...scopes, 'invoices:read'])
    expect(claims_supported).not.toContain('org_id')
  })

  test('has the endpoints that OAuth applications name', async () => {
    const local = await start()
    const { body } = await call(local, 'GET', '/v1/oauth_applications')
    const metadata = await fetch(body.data[0].discovery_url).then(json)
    expect(metadata.authorization_endpoint).toBe(body.data[0].authorize_url)
    expect(metadata.token_endpoint).toBe(body.data[0].token_fetch_url)
    expect(metadata.userinfo_endpoint).toBe(body.data[0].user_info_url)
    expect(metadata.introspection_endpoint).toBe(body.data[0].token_introspection_url)
  })
})

test('the last requests name the endpoints', async () => {
  const local = await start()
  await fetch(`${local.url}/.well-known/oauth-authorization-server`)
  await send(local, {})
  const { requests } = await fetch(`${local.url}/_local/calls`).then(json)
  expect(requests).toMatchObject([
    { path: '/oauth/token', operation: 'getOAuthToken', status: 401 },
    { path: '/.well-known/oauth-authorization-server', operation: 'getOAuth2AuthorizationServerMetadata', status: 200 },
  ])
})

describe('the settings for OAuth', () => {
  const defaults = {
    object: 'oauth_application_settings',
    dynamic_oauth_client_registration: false,
    default_scopes: null,
    oauth_jwt_access_tokens: true,
    client_id_metadata_documents_advertised: false,
    client_id_metadata_documents_only_allow_pre_registered_clients: false,
    client_id_metadata_documents_block_implicitly_allowed_clients: false,
  }

  test('are those of Clerk at first, and change one at a time', async () => {
    const local = await start()
    expect((await call(local, 'GET', SETTINGS)).body).toEqual(defaults)
    const changed = { dynamic_oauth_client_registration: true, default_scopes: ['email'] }
    expect((await call(local, 'PATCH', SETTINGS, { body: changed })).body).toEqual({ ...defaults, ...changed })
    const reset = { default_scopes: null, oauth_jwt_access_tokens: null }
    expect((await call(local, 'PATCH', SETTINGS, { body: reset })).body).toEqual({
      ...defaults,
      ...changed,
      ...reset,
      oauth_jwt_access_tokens: true,
    })
  })

  test('do not have scopes that the instance does not know', async () => {
    const local = await start()
    const answer = await call(local, 'PATCH', SETTINGS, { body: { default_scopes: ['nonsense'] } })
    expect([answer.status, answer.code]).toEqual([422, 'form_param_value_invalid'])
  })

  test('can be in the seed', async () => {
    const oauth = { scopes: ['a'], defaultScopes: ['a'], dynamicRegistration: true, accessTokens: 'opaque' } as const
    const local = await start({ seed: { organizations: {}, people: {}, oauth } })
    expect((await call(local, 'GET', SETTINGS)).body).toEqual({
      ...defaults,
      dynamic_oauth_client_registration: true,
      default_scopes: ['a'],
      oauth_jwt_access_tokens: false,
    })
  })

  test.each<[Partial<Seed>, string]>([
    [{ oauth: { defaultScopes: ['a'] } }, 'default scope "a" must be one of openid, profile'],
    [{ oauth: { scopes: ['a b'] } }, '"scopes[0]" of "oauth" in the seed must be a scope'],
    [
      { clients: { app: { name: 'App', redirectUris: ['javascript:alert(1)'] } } },
      '"redirectUris[0]" of client "app" in the seed must be a URI',
    ],
    [
      { clients: { app: { name: 'App', clientId: 'http://app.example/x' } } },
      '"clientId" of client "app" in the seed must be an https URL',
    ],
    [
      { clients: { app: { name: 'App', clientId: 'https://app.example/x', secret: 'x' } } },
      'client "app" in the seed has a "clientId"',
    ],
  ])('and clients in the seed are checked: %j', async (part, message) => {
    await expect(start({ seed: { organizations: {}, people: {}, ...part } })).rejects.toThrow(message)
  })
})

describe('dynamic registration', () => {
  async function register(local: Pick<LocalClerk<Seed>, 'url'>, metadata: unknown, type = 'application/json') {
    const response = await fetch(`${local.url}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
    })
    return { status: response.status, body: await json(response) }
  }

  async function startOpen() {
    const local = await start()
    await call(local, 'PATCH', SETTINGS, { body: { dynamic_oauth_client_registration: true } })
    return local
  }

  const metadata = { redirect_uris: ['http://localhost:1234/callback'], client_name: 'Inspector' }

  test('is off at first, and not in the metadata', async () => {
    const local = await start()
    const { status, body } = await register(local, metadata)
    expect([status, body.errors[0].code]).toEqual([422, 'feature_not_enabled'])
    const discovered = await fetch(`${local.url}/.well-known/oauth-authorization-server`).then(json)
    expect(discovered).not.toHaveProperty('registration_endpoint')
  })

  test('makes a public client, which can log in', async () => {
    const local = await startOpen()
    const discovered = await fetch(`${local.url}/.well-known/oauth-authorization-server`).then(json)
    expect(discovered.registration_endpoint).toBe(`${local.url}/oauth/register`)
    const { status, body } = await register(local, {
      ...metadata,
      token_endpoint_auth_method: 'none',
      scope: 'openid email',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      software_id: 'ignored',
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      client_id: expect.stringMatching(/^client_\w{27}$/),
      client_id_issued_at: expect.any(Number),
      client_secret_expires_at: 0,
      client_name: 'Inspector',
      redirect_uris: metadata.redirect_uris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid email',
      token_endpoint_auth_method: 'none',
    })
    const request = { client_id: body.client_id, response_type: 'code', ...pkce().challenge, _local_user: 'alice' }
    expect(redirected(await authorize(local, { ...request, scope: 'openid' })).answer).toHaveProperty('code')
    expect(redirected(await authorize(local, { ...request, scope: 'profile' })).answer['error']).toBe('invalid_scope')
    const { body: found } = await call(local, 'GET', `/v1/oauth_applications?name_query=${body.client_id}`)
    expect(found.data[0]).toMatchObject({ dynamically_registered: true, public: true, name: 'Inspector' })
  })

  test('makes a confidential client by default, with a secret and the default scopes', async () => {
    const local = await startOpen()
    const { body } = await register(local, metadata)
    expect(body).toMatchObject({
      client_secret: expect.stringMatching(/^\w{32}$/),
      scope: 'profile email',
      token_endpoint_auth_method: 'client_secret_basic',
    })
  })

  test.each<[string, unknown, string]>([
    ['no redirect URIs', {}, 'invalid_redirect_uri'],
    ['an empty list', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['http beyond loopback', { redirect_uris: ['http://app.example/cb'] }, 'invalid_redirect_uri'],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: ['https://app.example/#x'] }, 'invalid_redirect_uri'],
    ['a relative one', { redirect_uris: ['/callback'] }, 'invalid_redirect_uri'],
    ['no list', { redirect_uris: 'https://app.example/' }, 'invalid_redirect_uri'],
    ['another method', { ...metadata, token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
    ['a long name', { ...metadata, client_name: 'x'.repeat(257) }, 'invalid_client_metadata'],
    ['a home page that is no URL', { ...metadata, client_uri: 'home' }, 'invalid_client_metadata'],
    ['an unknown scope', { ...metadata, scope: 'nonsense' }, 'invalid_client_metadata'],
    ['no object', '[', 'invalid_client_metadata'],
    ['null', 'null', 'invalid_client_metadata'],
  ])('refuses %s', async (_, asked, error) => {
    const local = await startOpen()
    const { status, body } = await register(local, asked)
    expect([status, body.error]).toEqual([400, error])
    expect(Object.keys(local.clients)).toEqual(['cli', 'partner'])
  })

  test('takes only JSON, which a form of another page cannot send', async () => {
    const local = await startOpen()
    const { status, body } = await register(local, metadata, 'text/plain')
    expect([status, body.error]).toEqual([400, 'invalid_client_metadata'])
  })
})

describe('revocation', () => {
  const revoke = (local: LocalClerk, form: Parameters, headers: Record<string, string> = {}) =>
    send(local, form, { path: '/oauth/token/revoke', headers })
  const verified = async (local: LocalClerk, access_token: string) =>
    (await call(local, 'POST', '/oauth_applications/access_tokens/verify', { body: { access_token } })).status

  test.each(['access_token', 'refresh_token'] as const)('of the %s ends the whole grant', async (which) => {
    const local = await startOpaque()
    const tokens = await tokensOf(local, 'partner', 'email offline_access')
    expect(await verified(local, tokens.access_token)).toBe(200)
    const response = await revoke(local, { token: tokens[which] }, asPartner(local))
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await verified(local, tokens.access_token)).toBe(404)
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
    expect(await token(local, refresh, asPartner(local))).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test('by a public client names it', async () => {
    const local = await startOpaque()
    const { access_token } = await tokensOf(local, 'cli', 'email')
    expect((await revoke(local, { token: access_token })).status).toBe(401)
    expect((await revoke(local, { token: access_token, client_id: local.clients.cli.id })).status).toBe(200)
    expect(await verified(local, access_token)).toBe(404)
  })

  test('of the token of another client is refused', async () => {
    const local = await startOpaque()
    const { access_token } = await tokensOf(local, 'partner', 'email')
    const response = await revoke(local, { token: access_token, client_id: local.clients.cli.id })
    expect([response.status, (await json(response)).error]).toEqual([400, 'unauthorized_client'])
    expect(await verified(local, access_token)).toBe(200)
  })

  test('of an unknown token succeeds, and of a JWT is not supported', async () => {
    const local = await start()
    expect((await revoke(local, { token: 'oat_unknown' }, asPartner(local))).status).toBe(200)
    const { access_token } = await tokensOf(local, 'partner', 'email')
    const response = await revoke(local, { token: access_token }, asPartner(local))
    expect([response.status, (await json(response)).error]).toEqual([400, 'unsupported_token_type'])
  })

  test('by the Backend API ends the whole grant too', async () => {
    const local = await startOpaque()
    const tokens = await tokensOf(local, 'partner', 'email offline_access')
    const { body } = await call(local, 'GET', '/v1/oauth_applications?name_query=Partner')
    const path = `/v1/oauth_applications/${body.data[0].id}/revoke_token`
    const response = await fetch(local.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token: tokens.refresh_token }),
    })
    expect(response.status).toBe(204)
    expect(await verified(local, tokens.access_token)).toBe(404)
    expect((await call(local, 'POST', path, { body: { token: tokens.refresh_token } })).status).toBe(404)
  })
})

describe('introspection', () => {
  const inspect = async (local: LocalClerk, form: Parameters, headers = asPartner(local)) => {
    const response = await send(local, form, { path: '/oauth/token_info', headers })
    return { status: response.status, body: await json(response) }
  }

  test.each([
    ['a JWT', true],
    ['an opaque token', false],
  ])('tells what %s is for, and whether it is valid', async (_, oauth_jwt_access_tokens) => {
    const local = await start()
    await call(local, 'PATCH', SETTINGS, { body: { oauth_jwt_access_tokens } })
    const { access_token } = await tokensOf(local, 'cli', 'email user:org:read')
    const active = {
      active: true,
      client_id: local.clients.cli.id,
      iat: expect.any(Number),
      scope: 'email user:org:read',
      sub: local.people.alice.id,
      org_id: local.organizations.acme.id,
    }
    expect((await inspect(local, { token: access_token })).body).toEqual(active)
    expect((await inspect(local, { token: access_token, scope: 'email' })).body).toEqual(active)
    expect((await inspect(local, { token: access_token, scope: 'profile' })).body).toEqual({ active: false })
    local.clock.advance(86_400_000)
    expect((await inspect(local, { token: access_token })).body).toEqual({ active: false })
  })

  test('tells of a refresh token until it is used', async () => {
    const local = await start()
    const { refresh_token } = await tokensOf(local, 'cli', 'email offline_access')
    expect((await inspect(local, { token: refresh_token })).body).toMatchObject({
      active: true,
      sub: local.people.alice.id,
    })
    await token(local, { grant_type: 'refresh_token', refresh_token, client_id: local.clients.cli.id })
    expect((await inspect(local, { token: refresh_token })).body).toEqual({ active: false })
  })

  test('tells nothing of tokens of other kinds', async () => {
    const local = await start()
    for (const other of [await local.sessionToken(), await local.m2mToken(), await local.apiKey(), 'x', 'a.b.c'])
      expect((await inspect(local, { token: other })).body).toEqual({ active: false })
  })

  test('is for clients with a secret', async () => {
    const local = await start()
    const form = { token: await local.oauthToken() }
    expect((await inspect(local, { ...form, client_id: local.clients.cli.id }, {})).status).toBe(401)
    expect((await inspect(local, form, {})).status).toBe(401)
    expect((await inspect(local, form, basic(local.clients.partner.id, 'wrong'))).status).toBe(401)
  })
})

describe('userinfo', () => {
  const ask = (local: LocalClerk, access_token: string | undefined, method = 'GET') =>
    fetch(`${local.url}/oauth/userinfo`, {
      method,
      headers: access_token === undefined ? {} : { authorization: `Bearer ${access_token}` },
    })

  test.each(['GET', 'POST'])('answers %s with what the scopes allow', async (method) => {
    const local = await startOpaque()
    const { access_token } = await tokensOf(local, 'cli', 'profile email user:org:read')
    expect(await json(await ask(local, access_token, method))).toEqual({
      object: 'oauth_user_info',
      instance_id: local.kid,
      user_id: local.people.alice.id,
      sub: local.people.alice.id,
      name: 'Alice',
      given_name: 'Alice',
      family_name: null,
      preferred_username: null,
      picture: expect.stringContaining('/images/'),
      email: 'alice@acme.example',
      email_verified: true,
      org_id: local.organizations.acme.id,
      org_name: 'Acme',
      org_slug: 'acme',
    })
  })

  test('answers tokens minted in code too, with metadata if it is granted', async () => {
    const local = await start()
    const minted = await json(await ask(local, await local.oauthToken({ scopes: ['openid', 'private_metadata'] })))
    expect(Object.keys(minted)).toEqual(['object', 'instance_id', 'user_id', 'sub', 'private_metadata'])
    const open = await json(await ask(local, await local.oauthToken({ scopes: ['public_metadata'] })))
    expect(open).toMatchObject({ public_metadata: {}, unsafe_metadata: {} })
  })

  test('refuses any other token', async () => {
    const local = await startOpaque()
    const { access_token } = await tokensOf(local, 'cli', 'email')
    await local.revoke(access_token)
    const others = [
      access_token,
      await local.sessionToken(),
      await local.apiKey(),
      await local.oauthToken({ ttlInSeconds: -1 }),
    ]
    for (const other of others) {
      const response = await ask(local, other)
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    }
    const without = await ask(local, undefined)
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  })
})

describe('what was granted', () => {
  test('survives a restart with a data file, and is gone after a reset', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-oauth-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const options = { data: join(folder, 'data'), algorithm: 'ES256' } as const
    const first = await startLocalClerk(options)
    const { refresh_token } = await tokensOf(first, 'cli', 'email offline_access')
    await first.close()
    const again = await startLocalClerk(options)
    onTestFinished(() => again.close())
    const request = { grant_type: 'refresh_token', refresh_token, client_id: again.clients.cli.id }
    const next = await token(again, request)
    expect(next.status).toBe(200)
    again.reset()
    expect((await token(again, { ...request, refresh_token: next.refresh_token })).error).toBe('invalid_grant')
  })

  test('is among the records, without codes and tokens', async () => {
    const local = await startOpaque()
    await tokensOf(local, 'cli', 'email offline_access')
    const records = async (kind: string) => json(await fetch(`${local.url}/_local/records/${kind}`))
    const [grant] = (await records('oauth_grants')).records
    expect(grant).toMatchObject({
      client_id: local.clients.cli.id,
      scopes: ['email', 'offline_access'],
      code: 'hidden',
    })
    const [refresh] = (await records('oauth_refresh_tokens')).records
    expect(refresh).toMatchObject({ grant_id: grant.id, token: 'hidden' })
    expect((await records('oauth_applications')).records[0].client_secret).toBe('hidden')
  })
})
