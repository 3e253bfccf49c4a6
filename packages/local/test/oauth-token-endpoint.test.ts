import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk, LocalClerkOptions, Seed } from '../src/index.js'
import { authorize, basic, challengeOf, pkce, redirected, send, token, type Parameters } from './oauth-client.js'
import { start } from './start.js'
import { call, keysOf } from './tokens.js'

const API = 'https://api.example/mcp'
const CALLBACK = 'http://127.0.0.1:5555/callback'
const DAY_IN_MS = 86_400_000

const seed = {
  organizations: { acme: { name: 'Acme' }, globex: { name: 'Globex' } },
  people: {
    alice: {
      firstName: 'Alice',
      email: 'alice@acme.example',
      memberships: { acme: 'org:admin', globex: 'org:member' },
      defaultOrganization: 'acme',
    },
    bob: { firstName: 'Bob', email: 'bob@acme.example' },
  },
  clients: {
    cli: {
      name: 'Command line',
      redirectUris: ['http://127.0.0.1/callback'],
      scopes: ['openid', 'profile', 'email', 'offline_access', 'user:org:read', 'invoices:read'],
    },
    web: { name: 'Web', redirectUris: [CALLBACK], scopes: ['profile', 'offline_access'], secret: 'a secret: 100 %' },
    opaque: {
      name: 'Opaque',
      redirectUris: ['http://127.0.0.1/callback'],
      scopes: ['openid', 'email', 'offline_access', 'user:org:read'],
      accessTokens: 'opaque',
    },
    other: { name: 'Other', redirectUris: ['http://127.0.0.1/callback'] },
  },
  oauth: { scopes: ['invoices:read'] },
} as const satisfies Seed

type Local = LocalClerk<typeof seed>

function startSeeded(options: LocalClerkOptions = {}): Promise<Local> {
  return start({ ...options, seed })
}

type ClientName = keyof (typeof seed)['clients']

/** Lets alice authorize a client, and returns the request for its tokens. */
async function authorized(local: Local, name: ClientName = 'cli', asked: Parameters = {}) {
  const { code_verifier, challenge } = pkce()
  const request = { client_id: local.clients[name].id, response_type: 'code', redirect_uri: CALLBACK, ...challenge }
  const response = await authorize(local, { ...request, state: '12345678', _local_user: 'alice', ...asked })
  const { code } = redirected(response).answer
  const { client_id, redirect_uri } = request
  return { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier }
}

async function tokensOf(local: Local, name: ClientName = 'cli', asked: Parameters = {}) {
  const request = await authorized(local, name, asked)
  const tokens = await token(local, request)
  expect(tokens.status).toBe(200)
  const refresh = { grant_type: 'refresh_token', client_id: request.client_id, refresh_token: tokens.refresh_token }
  return { ...tokens, request, refresh }
}

async function verified(local: Local, access_token: string) {
  return call(local, 'POST', '/oauth_applications/access_tokens/verify', { body: { access_token } })
}

const invalidGrant = { status: 400, error: 'invalid_grant' }

describe('an authorization code', () => {
  test('is exchanged for a JWT with the user, client, scopes and audience', async () => {
    const local = await startSeeded()
    const tokens = await tokensOf(local, 'cli', { scope: 'profile invoices:read', resource: API })
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 86_400, scope: 'profile invoices:read' })
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(tokens).not.toHaveProperty('id_token')
    const keys = createRemoteJWKSet(keysOf(local as never))
    const { payload } = await jwtVerify(tokens.access_token, keys, { issuer: local.url, audience: API, typ: 'at+jwt' })
    expect(payload).toMatchObject({
      sub: local.people.alice.id,
      client_id: local.clients.cli.id,
      scope: 'profile invoices:read',
      aud: [API],
    })
    expect(payload.exp! - payload.iat!).toBe(86_400)
  })

  test('is exchanged for an opaque token with the same, if the application asks for it', async () => {
    const local = await startSeeded()
    const { access_token } = await tokensOf(local, 'opaque', { scope: 'email', resource: [API, 'https://b.example/'] })
    expect(access_token).toMatch(/^oat_\w{42}$/)
    expect((await verified(local, access_token)).body).toMatchObject({
      subject: local.people.alice.id,
      client_id: local.clients.opaque.id,
      scopes: ['email'],
      aud: [API, 'https://b.example/'],
      revoked: false,
      expired: false,
    })
  })

  test('gives opaque tokens to all clients if the settings say so', async () => {
    const local = await startSeeded()
    const path = '/v1/instance/oauth_application_settings'
    await call(local, 'PATCH', path, { body: { oauth_jwt_access_tokens: false } })
    expect((await tokensOf(local)).access_token).toMatch(/^oat_/)
  })

  test('gives the scopes of the instance to a client that asks for none', async () => {
    const local = await startSeeded()
    expect((await tokensOf(local)).scope).toBe('profile email')
    const path = '/v1/instance/oauth_application_settings'
    await call(local, 'PATCH', path, { body: { default_scopes: ['email', 'invoices:read', 'private_metadata'] } })
    expect((await tokensOf(local)).scope).toBe('email invoices:read')
  })

  test('is valid for ten minutes', async () => {
    const local = await startSeeded()
    const [first, second] = [await authorized(local), await authorized(local)]
    local.clock.advance(599_000)
    expect((await token(local, first)).status).toBe(200)
    local.clock.advance(1000)
    expect(await token(local, second)).toMatchObject(invalidGrant)
  })

  test('is exchanged once: if it is used again, its tokens end', async () => {
    const local = await startSeeded()
    const { request, access_token, refresh } = await tokensOf(local, 'opaque', { scope: 'email offline_access' })
    expect((await verified(local, access_token)).status).toBe(200)
    expect(await token(local, request)).toMatchObject(invalidGrant)
    expect((await verified(local, access_token)).status).toBe(404)
    expect(await token(local, refresh)).toMatchObject(invalidGrant)
  })

  test('is exchanged once, however many requests arrive together', async () => {
    const local = await startSeeded()
    const request = await authorized(local)
    const answers = await Promise.all(Array.from({ length: 10 }, () => token(local, request)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test.each<[string, (local: Local, request: { readonly code_verifier: string }) => Parameters]>([
    ['another client', (local) => ({ client_id: local.clients.other.id })],
    ['another redirect URI', () => ({ redirect_uri: 'http://127.0.0.1:5556/callback' })],
    ['no redirect URI, although the request had one', () => ({ redirect_uri: undefined })],
    ['another code verifier', () => ({ code_verifier: pkce().code_verifier })],
    ['the challenge as the code verifier', (_, { code_verifier }) => ({ code_verifier: challengeOf(code_verifier) })],
    ['no code verifier', () => ({ code_verifier: undefined })],
    ['a code that does not exist', () => ({ code: 'x'.repeat(42) })],
  ])('is of no use with %s, which does not end it', async (_, change) => {
    const local = await startSeeded()
    const request = await authorized(local)
    expect(await token(local, { ...request, ...change(local, request) })).toMatchObject(invalidGrant)
    expect((await token(local, request)).status).toBe(200)
  })

  test('of a request without a challenge is of no use with a code verifier', async () => {
    const local = await startSeeded()
    const withoutPkce = { code_challenge: undefined, code_challenge_method: undefined }
    const { client_id, code_verifier, ...request } = await authorized(local, 'web', withoutPkce)
    const headers = basic(client_id, seed.clients.web.secret)
    expect(await token(local, { ...request, code_verifier }, headers)).toMatchObject(invalidGrant)
    expect((await token(local, request, headers)).status).toBe(200)
  })

  test('is for the resources that were asked for, or some of them', async () => {
    const local = await startSeeded()
    const request = await authorized(local, 'cli', { resource: [API, 'https://b.example/'] })
    const other = await token(local, { ...request, resource: 'https://evil.example/' })
    expect(other).toMatchObject({ status: 400, error: 'invalid_target' })
    const { access_token } = await token(local, { ...request, resource: API })
    expect(decodeJwt(access_token).aud).toEqual([API])
    const without = await authorized(local)
    expect(await token(local, { ...without, resource: API })).toMatchObject({ status: 400, error: 'invalid_target' })
  })

  test('of a user who was banned or deleted since is of no use', async () => {
    const local = await startSeeded()
    const [first, second] = [await authorized(local), await authorized(local)]
    await call(local, 'POST', `/v1/users/${local.people.alice.id}/ban`)
    expect(await token(local, first)).toMatchObject(invalidGrant)
    await call(local, 'DELETE', `/v1/users/${local.people.alice.id}`)
    expect(await token(local, second)).toMatchObject(invalidGrant)
  })

  test('of an application that was deleted since is of no use', async () => {
    const local = await startSeeded()
    const request = await authorized(local)
    const { body } = await call(local, 'GET', '/v1/oauth_applications?name_query=Command')
    await call(local, 'DELETE', `/v1/oauth_applications/${body.data[0].id}`)
    expect(await token(local, request)).toMatchObject({ status: 401, error: 'invalid_client' })
  })

  test('gives the organization that the user chose, by default the active one', async () => {
    const local = await startSeeded()
    const scope = 'user:org:read'
    const { access_token } = await tokensOf(local, 'cli', { scope })
    expect(decodeJwt(access_token)['org_id']).toBe(local.organizations.acme.id)
    const chosen = await tokensOf(local, 'cli', { scope, _local_org: 'globex' })
    expect(decodeJwt(chosen.access_token)['org_id']).toBe(local.organizations.globex.id)
    const foreign = { _local_user: 'bob', _local_org: 'globex' }
    const { client_id } = await authorized(local)
    const request = { client_id, response_type: 'code', redirect_uri: CALLBACK, ...pkce().challenge }
    const refused = await authorize(local, { ...request, scope, ...foreign })
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('is not a member of')])
    const notAsked = await tokensOf(local, 'cli', { scope: 'email', _local_org: 'globex' })
    expect(decodeJwt(notAsked.access_token)).not.toHaveProperty('org_id')
  })
})

describe('an ID token', () => {
  test('tells the client who the user is, by the scopes, with its nonce', async () => {
    const local = await startSeeded()
    const asked = { scope: 'openid profile email user:org:read', nonce: 'n-1' }
    const { id_token } = await tokensOf(local, 'cli', asked)
    const keys = createRemoteJWKSet(keysOf(local as never))
    const { payload } = await jwtVerify(id_token, keys, { issuer: local.url, audience: local.clients.cli.id })
    expect(payload).toMatchObject({
      sub: local.people.alice.id,
      nonce: 'n-1',
      name: 'Alice',
      given_name: 'Alice',
      email: 'alice@acme.example',
      email_verified: true,
      org_id: local.organizations.acme.id,
    })
    const { id_token: least } = await tokensOf(local, 'cli', { scope: 'openid' })
    expect(Object.keys(decodeJwt(least)).toSorted()).toEqual(['aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'sub'])
  })

  test('is no access token', async () => {
    const local = await startSeeded()
    const { id_token } = await tokensOf(local, 'cli', { scope: 'openid' })
    expect(decodeProtectedHeader(id_token).typ).toBe('JWT')
    expect((await verified(local, id_token)).status).toBe(404)
    const response = await fetch(`${local.url}/oauth/userinfo`, { headers: { authorization: `Bearer ${id_token}` } })
    expect(response.status).toBe(401)
  })
})

describe('a refresh token', () => {
  const scope = 'openid email offline_access'

  test('comes with offline_access, and gets new tokens with the same scopes and audience', async () => {
    const local = await startSeeded()
    const { access_token, refresh } = await tokensOf(local, 'cli', { scope, resource: API })
    const next = await token(local, refresh)
    expect(next).toMatchObject({ status: 200, scope, id_token: expect.any(String) })
    expect(next.refresh_token).not.toBe(refresh.refresh_token)
    expect(decodeJwt(next.access_token).aud).toEqual([API])
    expect(decodeJwt(next.access_token).jti).not.toBe(decodeJwt(access_token).jti)
  })

  test('does not expire', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    local.clock.advance(3650 * DAY_IN_MS)
    expect((await token(local, refresh)).status).toBe(200)
  })

  test('is used once: if it is used again, all tokens of its grant end', async () => {
    const local = await startSeeded()
    const { access_token, refresh } = await tokensOf(local, 'opaque', { scope })
    const next = await token(local, refresh)
    expect(await token(local, refresh)).toMatchObject(invalidGrant)
    expect(await token(local, { ...refresh, refresh_token: next.refresh_token })).toMatchObject(invalidGrant)
    for (const ended of [access_token, next.access_token]) expect((await verified(local, ended)).status).toBe(404)
  })

  test('is used once, however many requests arrive together', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    const answers = await Promise.all(Array.from({ length: 10 }, () => token(local, refresh)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('gets fewer scopes, but never more; the next one has all of them again', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    const more = await token(local, { ...refresh, scope: 'email invoices:read' })
    expect(more).toMatchObject({ status: 400, error: 'invalid_scope' })
    const fewer = await token(local, { ...refresh, scope: 'email' })
    expect([fewer.scope, decodeJwt(fewer.access_token)['scope']]).toEqual(['email', 'email'])
    expect(fewer).not.toHaveProperty('id_token')
    expect((await token(local, { ...refresh, refresh_token: fewer.refresh_token })).scope).toBe(scope)
  })

  test('gets tokens for no other resource', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope, resource: API })
    const other = await token(local, { ...refresh, resource: 'https://evil.example/' })
    expect(other).toMatchObject({ status: 400, error: 'invalid_target' })
    expect((await token(local, { ...refresh, resource: API })).status).toBe(200)
  })

  test('of another client is of no use, which does not end it', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    expect(await token(local, { ...refresh, client_id: local.clients.other.id })).toMatchObject(invalidGrant)
    expect((await token(local, refresh)).status).toBe(200)
  })

  test('does not keep a scope that its application has lost', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    const { body } = await call(local, 'GET', '/v1/oauth_applications?name_query=Command')
    const scopes = 'openid offline_access'
    await call(local, 'PATCH', `/v1/oauth_applications/${body.data[0].id}`, { body: { scopes } })
    expect(await token(local, refresh)).toMatchObject({ status: 400, error: 'invalid_scope' })
  })

  test('of a banned user is of no use', async () => {
    const local = await startSeeded()
    const { refresh } = await tokensOf(local, 'cli', { scope })
    await call(local, 'POST', `/v1/users/${local.people.alice.id}/ban`)
    expect(await token(local, refresh)).toMatchObject(invalidGrant)
  })

  test('is no access token, and an access token no refresh token', async () => {
    const local = await startSeeded()
    const { access_token, refresh, refresh_token } = await tokensOf(local, 'opaque', { scope })
    expect((await verified(local, refresh_token)).status).toBe(404)
    expect(await token(local, { ...refresh, refresh_token: access_token })).toMatchObject(invalidGrant)
  })
})

describe('a client', () => {
  test('with a secret authenticates with Basic, or in the form', async () => {
    const local = await startSeeded()
    const { client_id, ...request } = await authorized(local, 'web')
    expect((await token(local, request, basic(client_id, seed.clients.web.secret))).status).toBe(200)
    const inForm = await authorized(local, 'web')
    expect((await token(local, { ...inForm, client_secret: seed.clients.web.secret })).status).toBe(200)
  })

  test.each<[string, Parameters, Record<string, string>]>([
    ['a wrong secret', { client_secret: 'wrong' }, {}],
    ['no secret', {}, {}],
    ['an empty secret', { client_secret: '' }, {}],
    ['an unknown id', { client_id: 'client_unknown', client_secret: seed.clients.web.secret }, {}],
    ['no id', { client_id: undefined }, {}],
  ])('with %s is invalid_client', async (_, change, headers) => {
    const local = await startSeeded()
    const response = await send(local, { ...(await authorized(local, 'web')), ...change }, { headers })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
    expect(response.headers.get('www-authenticate')).toBeNull()
  })

  test('with wrong Basic credentials is told how to authenticate', async () => {
    const local = await startSeeded()
    const { client_id, ...request } = await authorized(local, 'web')
    for (const headers of [
      basic(client_id, 'wrong'),
      basic('client_unknown', seed.clients.web.secret),
      { authorization: 'Basic !' },
      { authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` },
      { authorization: 'Bearer x' },
    ]) {
      const response = await send(local, request, { headers })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="OAuth clients"'])
    }
  })

  test('must not authenticate in two ways', async () => {
    const local = await startSeeded()
    const request = await authorized(local, 'web')
    const headers = basic(request.client_id, seed.clients.web.secret)
    const twice = await token(local, { ...request, client_secret: seed.clients.web.secret }, headers)
    expect(twice).toMatchObject({ status: 400, error: 'invalid_request' })
    const other = await token(local, { ...request, client_id: local.clients.cli.id }, headers)
    expect(other).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  test('without a secret must not send one', async () => {
    const local = await startSeeded()
    const request = await authorized(local)
    const answer = await token(local, { ...request, client_secret: 'x' })
    expect(answer).toMatchObject({ status: 401, error: 'invalid_client' })
  })
})

describe('the token endpoint', () => {
  test.each<[string, Parameters, string]>([
    ['no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['another grant_type', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['the name of an inherited property', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['no code', { code: undefined }, 'invalid_request'],
    ['a parameter that is repeated', { code: ['a', 'b'] }, 'invalid_request'],
    ['an enormous parameter', { code: 'c'.repeat(5000) }, 'invalid_request'],
  ])('answers %s', async (_, change, error) => {
    const local = await startSeeded()
    const request = { ...(await authorized(local)), ...change }
    expect(await token(local, request)).toEqual({ status: 400, error, error_description: expect.any(String) })
  })

  test.each([
    ['JSON', 'application/json', '{}'],
    ['no type', '', 'grant_type=refresh_token'],
    ['a broken escape', 'application/x-www-form-urlencoded', 'grant_type=%zz'],
    ['bytes that are not UTF-8', 'application/x-www-form-urlencoded', 'grant_type=%ff'],
  ])('refuses %s', async (_, type, body) => {
    const local = await startSeeded()
    const response = await fetch(`${local.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.any(String) },
    ])
  })

  test('refuses a body of more than 64 KiB', async () => {
    const local = await startSeeded()
    expect((await send(local, `code=${'c'.repeat(65 * 1024)}`)).status).toBe(413)
  })

  test('answers only POST', async () => {
    const local = await startSeeded()
    const response = await fetch(`${local.url}/oauth/token?grant_type=authorization_code`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  test('forbids storing its answers, and lets pages of clients read them', async () => {
    const local = await startSeeded()
    for (const answer of [await send(local, await authorized(local)), await send(local, {})]) {
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('content-type')).toBe('application/json')
    }
    const preflight = await fetch(`${local.url}/oauth/token`, { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*, authorization')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('can be made to fail, and counts its calls', async () => {
    const local = await startSeeded()
    local.fault('getOAuthToken', { status: 503, times: 1 })
    const request = await authorized(local)
    expect((await send(local, request)).status).toBe(503)
    expect((await send(local, request)).status).toBe(200)
    expect(local.calls('getOAuthToken')).toBe(2)
  })
})
