import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call, keysOf } from './tokens.js'

const PATH = '/oauth_applications/access_tokens/verify'

const verify = (local: LocalClerk, token: string) => call(local, 'POST', PATH, { body: { access_token: token } })

describe('oauthToken', () => {
  test('is by default a JWT for alice and the first client, valid for a day', async () => {
    const local = await start()
    const token = await local.oauthToken()
    const options = { issuer: local.url, typ: 'at+jwt' }
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(keysOf(local)), options)
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: local.kid, typ: 'at+jwt' })
    const { iat = 0 } = payload
    expect(payload).toEqual({
      client_id: local.clients.cli.id,
      exp: iat + 86_400,
      iat,
      iss: local.url,
      jti: expect.stringMatching(/^oat_[0-9a-f]{32}$/),
      nbf: iat - 10,
      scope: 'openid profile email',
      sub: local.people.alice.id,
    })
  })

  test('sets claims from its options', async () => {
    const local = await start()
    const token = await local.oauthToken({
      user: 'bob',
      client: 'partner',
      scopes: ['invoices:read'],
      audience: 'https://api.example',
      org: 'acme',
      actor: 'carol',
      ttlInSeconds: 60,
      claims: { nbf: undefined, x: 1 },
      header: { typ: 'application/at+jwt' },
    })
    expect(decodeJwt(token)).toMatchObject({
      act: { sub: local.people.carol.id },
      aud: ['https://api.example'],
      client_id: local.clients.partner.id,
      org_id: local.organizations.acme.id,
      scope: 'invoices:read user:org:read',
      sub: local.people.bob.id,
      x: 1,
    })
    expect(decodeJwt(token)).not.toHaveProperty('nbf')
    expect(decodeProtectedHeader(token).typ).toBe('application/at+jwt')
  })

  test.each<[string, object, string]>([
    ['an unknown person', { user: 'eve' }, 'there is no user "eve"'],
    ['an unknown client', { client: 'web' }, 'there is no client "web", only cli, partner'],
    ['an organization without membership', { org: 'globex' }, '"alice" is not a member of "globex", only of acme'],
    ['an opaque token with claims', { format: 'opaque', claims: {} }, 'an opaque token has no "claims"'],
    ['an opaque token with an organization', { format: 'opaque', org: 'acme' }, 'an opaque token has no "org"'],
    ['an unknown field', { scope: 'x' }, 'oauthToken() has no "scope", only user, client'],
  ])('refuses %s with a TypeError', async (_, input, message) => {
    const { oauthToken } = await start()
    await expect(oauthToken(input)).rejects.toThrow(message)
    await expect(oauthToken(input)).rejects.toBeInstanceOf(TypeError)
  })
})

describe('verifyOAuthAccessToken', () => {
  test('accepts an opaque token', async () => {
    const local = await start({ now: () => 5_000_000 })
    const token = await local.oauthToken({ format: 'opaque', audience: ['a'], actor: { sub: 'x' }, ttlInSeconds: 60 })
    expect(token).toMatch(/^oat_\w{42}$/)
    expect(await verify(local, token)).toMatchObject({
      status: 200,
      body: {
        object: 'clerk_idp_oauth_access_token',
        id: expect.stringMatching(/^oat_[0-9a-f]{32}$/),
        client_id: local.clients.cli.id,
        subject: local.people.alice.id,
        scopes: ['openid', 'profile', 'email'],
        revoked: false,
        revocation_reason: null,
        expired: false,
        expiration: 5_060_000,
        created_at: 5_000_000,
        updated_at: 5_000_000,
        aud: ['a'],
        act: { sub: 'x' },
      },
    })
  })

  test('returns seconds with oauthTimestamps: s', async () => {
    const local = await start({ now: () => 5_000_000, settings: { oauthTimestamps: 's' } })
    for (const format of ['opaque', 'jwt'] as const) {
      const { body } = await verify(local, await local.oauthToken({ format, ttlInSeconds: 60 }))
      expect(body).toMatchObject({ expiration: 5060, created_at: 5000, updated_at: 5000 })
    }
  })

  test('accepts the older name of the field, and ignores unknown fields', async () => {
    const local = await start()
    const body = { secret: await local.oauthToken({ format: 'opaque' }), hint: 'x' }
    expect((await call(local, 'POST', `/v1${PATH}`, { body })).status).toBe(200)
    expect(await call(local, 'POST', PATH, { body: {} })).toMatchObject({ status: 400, code: 'bad_request' })
  })

  test('accepts a JWT of the instance until it expires by the clock of the instance', async () => {
    const local = await start({ now: () => 5_000_000 })
    const token = await local.oauthToken({ audience: 'a', ttlInSeconds: 60 })
    const { status, body } = await verify(local, token)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: decodeJwt(token).jti,
      client_id: local.clients.cli.id,
      subject: local.people.alice.id,
      scopes: ['openid', 'profile', 'email'],
      aud: ['a'],
      expiration: 5_060_000,
    })
    local.clock.advance(60_000)
    expect(await verify(local, token)).toMatchObject({ status: 200, body: { active: false } })
    expect((await verify(local, token)).body).toEqual({ active: false })
  })

  test('answers 404 for a JWT of another instance, of another kind, or with a removed key', async () => {
    const [local, other] = [await start(), await start()]
    const own = await local.oauthToken()
    for (const token of [await other.oauthToken(), await local.sessionToken(), `${own.slice(0, -8)}AAAAAAAA`, 'a.b.c'])
      expect(await verify(local, token)).toMatchObject({ status: 404, code: 'resource_not_found' })
    await local.rotateKeys({ overlap: false })
    expect((await verify(local, own)).status).toBe(404)
  })

  test('answers 401 to a machine', async () => {
    const local = await start()
    const answer = await call(local, 'POST', PATH, { body: {}, key: local.env.CLERK_MACHINE_SECRET_KEY })
    expect(answer).toMatchObject({ status: 401, code: 'clerk_key_invalid' })
  })
})
