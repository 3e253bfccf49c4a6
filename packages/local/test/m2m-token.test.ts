import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { M2MTokenInput } from '../src/index.js'
import { start } from './start.js'
import { call, keysOf } from './tokens.js'

const MACHINE_ID = /^mch_\w{27}$/

describe('m2mToken', () => {
  test('is opaque by default, from worker to the machines it may call, and valid for an hour', async () => {
    const local = await start({ now: () => 1_000_000 })
    const { worker, api } = local.machines
    const token = await local.m2mToken()
    expect(token).toMatch(/^mt_\w{42}$/)
    expect(await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })).toMatchObject({
      status: 200,
      body: {
        object: 'machine_to_machine_token',
        id: expect.stringMatching(/^mt_[0-9a-f]{32}$/),
        subject: worker.id,
        scopes: [api.id],
        claims: null,
        revoked: false,
        revocation_reason: null,
        expired: false,
        expiration: 4_600_000,
        last_used_at: 1_000_000,
        created_at: 1_000_000,
        updated_at: 1_000_000,
      },
    })
  })

  test('as a JWT is signed by the instance and names its audience', async () => {
    const local = await start()
    const { worker, api } = local.machines
    const token = await local.m2mToken({ format: 'jwt', claims: { job: 5 } })
    const verified = await jwtVerify(token, createRemoteJWKSet(keysOf(local)), { issuer: local.url, typ: 'JWT' })
    expect(verified.protectedHeader).toEqual({ alg: 'ES256', cat: 'cl_B7d4PD333AAA', kid: local.kid, typ: 'JWT' })
    const { iat = 0 } = verified.payload
    expect(verified.payload).toEqual({
      aud: [api.id],
      exp: iat + 3600,
      iat,
      iss: local.url,
      job: 5,
      jti: expect.stringMatching(/^mt_[0-9a-f]{32}$/),
      nbf: iat - 10,
      scopes: api.id,
      sub: worker.id,
    })
  })

  test('as a JWT omits aud and scopes with machineJwtScopes: omit', async () => {
    const local = await start({ settings: { machineJwtScopes: 'omit' } })
    const claims = decodeJwt(await local.m2mToken({ format: 'jwt' }))
    expect(claims).not.toHaveProperty('aud')
    expect(claims).not.toHaveProperty('scopes')
  })

  test('accepts overrides of the claims and the header of a JWT', async () => {
    const { m2mToken } = await start()
    const token = await m2mToken({
      format: 'jwt',
      ttlInSeconds: -10,
      claims: { iss: 'x', nbf: undefined },
      header: { cat: undefined, typ: 'x' },
    })
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token)
    expect(claims).toMatchObject({ iss: 'x' })
    expect(claims).not.toHaveProperty('nbf')
    expect(exp - iat).toBe(3600)
    expect(decodeProtectedHeader(token)).not.toHaveProperty('cat')
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'x' })
  })

  test('accepts names and ids, one or several', async () => {
    const machines = { a: { scopes: ['b', 'c'], defaultTokenTtl: 5 }, b: {}, c: {} }
    const local = await start({ seed: { organizations: {}, people: {}, machines } })
    const { a, b, c } = local.machines
    const claimsOf = async (input: M2MTokenInput) => decodeJwt(await local.m2mToken({ ...input, format: 'jwt' }))
    expect((await claimsOf({ from: a.id })).aud).toEqual([b.id, c.id])
    expect((await claimsOf({ from: 'a', to: 'c' })).aud).toEqual([c.id])
    expect((await claimsOf({ from: 'a', to: ['c', b.id] })).scopes).toBe(`${c.id} ${b.id}`)
    expect((await claimsOf({ from: 'b' })).aud).toEqual([])
    const { exp = 0, iat = 0 } = await claimsOf({ from: 'a' })
    expect(exp - iat).toBe(5)
  })

  test.each<[string, object, string]>([
    ['an unknown machine', { from: 'wroker' }, 'there is no machine "wroker", only worker, api, billing'],
    ['an unknown receiver', { to: 'apu' }, 'there is no machine "apu"'],
    ['a receiver out of scope', { to: 'billing' }, 'machine "worker" may not call "billing", only api'],
    [
      'a receiver of nobody',
      { from: 'billing', to: 'api' },
      'machine "billing" may not call "api", or any other machine',
    ],
    ['an unknown format', { format: 'JWT' }, '"format" of m2mToken() must be "opaque" or "jwt"'],
    ['a JWT that never expires', { format: 'jwt', ttlInSeconds: null }, 'a JWT must expire'],
    ['an opaque token with a header', { header: {} }, 'an opaque token has no "header"'],
    ['an unknown field', { scopes: [] }, 'm2mToken() has no "scopes", only from, to'],
  ])('refuses %s with a TypeError', async (_, input, message) => {
    const { m2mToken } = await start()
    await expect(m2mToken(input)).rejects.toThrow(message)
    await expect(m2mToken(input)).rejects.toBeInstanceOf(TypeError)
  })
})

describe('machines', () => {
  test('have ids in the format of Clerk, equal in every instance, and unique secrets', async () => {
    const [one, other] = [await start(), await start()]
    expect(Object.keys(one.machines)).toEqual(expect.arrayContaining(['worker', 'api', 'billing']))
    expect(one.machines.api.id).toMatch(MACHINE_ID)
    expect(one.machines.api.id).toBe(other.machines.api.id)
    expect(one.machines.api.secretKey).toMatch(/^ak_\w{42}$/)
    expect(one.machines.api.secretKey).not.toBe(other.machines.api.secretKey)
    expect(one.machines.worker.scopes).toEqual([one.machines.api.id])
  })

  test('are exposed as frozen objects', async () => {
    const { machines } = await start()
    expect(() => Object.assign(machines.api, { id: 'x' })).toThrow(TypeError)
    expect(() => (machines.worker.scopes as string[]).push('x')).toThrow(TypeError)
  })

  test.each<[string, object, string]>([
    ['the machine named api', { a: { scopes: ['b'] }, b: {}, api: {} }, 'api'],
    ['otherwise the first that another may call', { a: { scopes: ['c'] }, b: {}, c: {} }, 'c'],
    ['otherwise the first', { a: {}, b: {} }, 'a'],
  ])('set env from %s', async (_, machines, name) => {
    const local = await start({ seed: { organizations: {}, people: {}, machines: machines as Record<string, object> } })
    const { id, secretKey } = local.machines[name]!
    expect(local.env).toMatchObject({ CLERK_MACHINE_ID: id, CLERK_MACHINE_SECRET_KEY: secretKey })
  })
})

describe('verifyM2MToken', () => {
  test.each(['/m2m_tokens/verify', '/v1/m2m_tokens/verify'])('is served at %s', async (path) => {
    const local = await start()
    const { status } = await call(local, 'POST', path, { body: { token: await local.m2mToken() } })
    expect(status).toBe(200)
    expect(local.calls('verifyM2MToken')).toBe(1)
  })

  test('lets a machine verify only tokens addressed to it', async () => {
    const local = await start()
    const { api, billing, worker } = local.machines
    const body = { token: await local.m2mToken() }
    const statusFor = async (key: string) => (await call(local, 'POST', '/m2m_tokens/verify', { body, key })).status
    expect(await statusFor(api.secretKey)).toBe(200)
    expect(await statusFor(billing.secretKey)).toBe(404)
    expect(await statusFor(worker.secretKey)).toBe(404)
  })

  test('answers 403 to a machine out of scope with outOfScope: 403', async () => {
    const local = await start({ settings: { outOfScope: '403' } })
    const body = { token: await local.m2mToken() }
    const key = local.machines.billing.secretKey
    expect(await call(local, 'POST', '/m2m_tokens/verify', { body, key })).toMatchObject({ status: 403 })
  })

  test.each([
    ['no key', null, 'authorization_header_format_invalid'],
    ['a wrong secret key', 'sk_test_wrong', 'clerk_key_invalid'],
    ['a wrong machine secret', 'ak_wrong', 'machine_secret_key_invalid'],
  ])('answers 401 to %s, in the error format of the proxy', async (_, key, code) => {
    const local = await start()
    for (const path of ['/m2m_tokens/verify', '/v1/m2m_tokens/verify', '/m2m_tokens/nothing/at/all']) {
      const { status, body } = await call(local, 'POST', path, { body: {}, key })
      expect(status).toBe(401)
      expect(body).toEqual({ errors: [{ code, message: expect.any(String), long_message: expect.any(String) }] })
    }
  })

  test('answers 404 for an unknown token, and for the id of a known one', async () => {
    const local = await start()
    const { body } = await call(local, 'POST', '/m2m_tokens/verify', { body: { token: await local.m2mToken() } })
    for (const token of ['mt_unknown', '', body.id, await local.oauthToken({ format: 'opaque' })])
      expect(await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })).toMatchObject({
        status: 404,
        code: 'resource_not_found',
      })
  })

  test('answers 404 for a token expired by the clock of the instance', async () => {
    const local = await start({ now: () => 0 })
    const body = { token: await local.m2mToken({ ttlInSeconds: 60 }) }
    const statusAt = async (ms: number) => {
      local.clock.set(ms)
      return (await call(local, 'POST', '/m2m_tokens/verify', { body })).status
    }
    expect([await statusAt(59_999), await statusAt(60_000), await statusAt(0)]).toEqual([200, 404, 200])
  })

  test('answers 200 for revoked and expired tokens with invalidOpaqueTokens: 200', async () => {
    const local = await start({ settings: { invalidOpaqueTokens: '200' } })
    const [revoked, expired] = [await local.m2mToken(), await local.m2mToken({ ttlInSeconds: -1 })]
    await local.revoke(revoked, { reason: 'leaked' })
    expect((await call(local, 'POST', '/m2m_tokens/verify', { body: { token: revoked } })).body).toMatchObject({
      revoked: true,
      revocation_reason: 'leaked',
      expired: false,
      last_used_at: null,
    })
    expect((await call(local, 'POST', '/m2m_tokens/verify', { body: { token: expired } })).body).toMatchObject({
      revoked: false,
      expired: true,
    })
  })

  test('accepts a token that never expires', async () => {
    const local = await start()
    const token = await local.m2mToken({ ttlInSeconds: null, claims: { a: [1] } })
    const { body } = await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })
    expect(body).toMatchObject({ expiration: null, expired: false, claims: { a: [1] } })
  })

  test.each<[unknown, string]>([
    [{}, "Invalid 'body.token': token must be included."],
    [{ token: 5 }, "Invalid 'body.token': `token` must be a `string`."],
    [{ token: null }, "Invalid 'body.token': token must not be null."],
    [{ token: 'mt_x', secret: 'x' }, "Invalid 'body.secret': secret is not a valid parameter for this request."],
    ['[]', 'Bad Request'],
    ['{', 'Bad Request'],
  ])('answers 400 to %j', async (body, message) => {
    const answer = await call(await start(), 'POST', '/m2m_tokens/verify', { body })
    expect(answer).toMatchObject({ status: 400, code: 'bad_request', text: message })
  })

  test('fails in the error format of the proxy', async () => {
    const local = await start()
    local.fault('verifyM2MToken', { status: 503, times: 1 })
    const faulty = await call(local, 'POST', '/m2m_tokens/verify', { body: {} })
    expect(faulty).toMatchObject({ status: 503, code: 'service_unavailable' })
    expect(faulty.body).not.toHaveProperty('clerk_trace_id')
  })
})

describe('revoke', () => {
  test('accepts a token of any kind, or its id', async () => {
    const local = await start()
    const kinds = [
      ['/m2m_tokens/verify', 'token', await local.m2mToken(), await local.m2mToken()],
      [
        '/oauth_applications/access_tokens/verify',
        'access_token',
        await local.oauthToken({ format: 'opaque' }),
        await local.oauthToken({ format: 'opaque' }),
      ],
      ['/api_keys/verify', 'secret', await local.apiKey(), await local.apiKey()],
    ] as const
    for (const [path, field, byToken, byId] of kinds) {
      const verify = (token: string) => call(local, 'POST', path, { body: { [field]: token } })
      const { body, status } = await verify(byId)
      expect(status).toBe(200)
      await local.revoke(byToken)
      await local.revoke(body.id)
      expect([(await verify(byToken)).status, (await verify(byId)).status]).toEqual([404, 404])
    }
  })

  test('refuses JWTs and unknown tokens with a TypeError', async () => {
    const local = await start()
    const jwts = [local.sessionToken(), local.m2mToken({ format: 'jwt' }), local.oauthToken(), local.templateToken()]
    for (const jwt of await Promise.all(jwts)) {
      await expect(local.revoke(jwt)).rejects.toThrow(
        new TypeError('JWTs cannot be revoked: they are valid until they expire'),
      )
    }
    await expect(local.revoke('mt_unknown')).rejects.toThrow(TypeError)
  })
})
