import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const create = (local: LocalClerk, body: unknown = {}, key = local.machines.worker.secretKey) =>
  call(local, 'POST', '/m2m_tokens', { body, key })

const verify = (local: LocalClerk, token: string) => call(local, 'POST', '/m2m_tokens/verify', { body: { token } })

const list = (local: LocalClerk, query: string, key?: string) =>
  call(local, 'GET', `/m2m_tokens?${query}`, key === undefined ? {} : { key })

describe('createM2MToken', () => {
  test.each(['/m2m_tokens', '/v1/m2m_tokens'])('mints a verifiable token at %s', async (path) => {
    const local = await start({ now: () => 1_000_000 })
    const { worker, api } = local.machines
    const { status, body } = await call(local, 'POST', path, { body: { claims: { a: 1 } }, key: worker.secretKey })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      object: 'machine_to_machine_token',
      subject: worker.id,
      scopes: [api.id],
      claims: { a: 1 },
      token: expect.stringMatching(/^mt_\w{42}$/),
      expiration: 4_600_000,
    })
    const verified = await verify(local, body.token)
    expect(verified).toMatchObject({ status: 200, body: { id: body.id, claims: { a: 1 } } })
    expect(verified.body).not.toHaveProperty('token')
  })

  test('mints JWTs, which are neither listed nor revocable', async () => {
    const local = await start()
    const { worker } = local.machines
    const { body } = await create(local, {
      token_format: 'jwt',
      claims: { aud: 'x', a: 1 },
      seconds_until_expiration: 60,
    })
    const claims = decodeJwt(body.token)
    expect(claims).toMatchObject({ jti: body.id, sub: worker.id, a: 1, aud: worker.scopes })
    expect(claims.exp! - claims.iat!).toBe(60)
    expect((await list(local, `subject=${worker.id}`)).body).toEqual({ m2m_tokens: [], total_count: 0 })
    expect((await call(local, 'POST', `/m2m_tokens/${body.id}/revoke`, { body: {} })).status).toBe(404)
  })

  test('accepts only the secret of a machine', async () => {
    const local = await start()
    expect(await create(local, {}, local.env.CLERK_SECRET_KEY)).toMatchObject({
      status: 401,
      code: 'machine_secret_key_invalid',
    })
    expect(await create(local, {}, 'ak_wrong')).toMatchObject({ status: 401, code: 'machine_secret_key_invalid' })
    expect(local.calls('createM2MToken')).toBe(2)
  })

  test('defaults to the lifetime of the machine, and handles null according to m2mTokensWithoutTtl', async () => {
    const seed = { organizations: {}, people: {}, machines: { worker: { defaultTokenTtl: 5 } } }
    const local = await start({ now: () => 0, seed })
    const neverExpiring = await start({ now: () => 0, seed, settings: { m2mTokensWithoutTtl: 'never-expire' } })
    const expirationOf = async (instance: typeof local, body: object) =>
      (await call(instance, 'POST', '/m2m_tokens', { body, key: instance.machines.worker.secretKey })).body.expiration
    expect(await expirationOf(local, {})).toBe(5000)
    expect(await expirationOf(local, { seconds_until_expiration: 1.5 })).toBe(1500)
    expect(await expirationOf(local, { seconds_until_expiration: null })).toBe(5000)
    expect(await expirationOf(neverExpiring, {})).toBe(5000)
    expect(await expirationOf(neverExpiring, { seconds_until_expiration: null })).toBeNull()
  })

  test.each(['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'])('refuses the reserved claim %s', async (claim) => {
    const local = await start()
    for (const token_format of ['jwt', 'opaque'])
      expect(await create(local, { token_format, claims: { [claim]: 1 } })).toMatchObject({
        status: 400,
        code: 'machine_token_reserved_claim',
        text: `You can't use the reserved claim: '${claim}'`,
      })
  })

  test.each<[object, string]>([
    [{ token_format: 'JWT' }, "Invalid 'body.token_format': It does not match one of the allowed values"],
    [{ seconds_until_expiration: 0 }, "Invalid 'body.seconds_until_expiration'"],
    [{ seconds_until_expiration: '60' }, "Invalid 'body.seconds_until_expiration'"],
    [{ claims: [] }, "Invalid 'body.claims': `claims` must be a `object`."],
    [{ min_remaining_ttl_seconds: 1.5 }, "Invalid 'body.min_remaining_ttl_seconds'"],
    [{ min_remaining_ttl_seconds: 3600 }, "Invalid 'body.min_remaining_ttl_seconds': it must be less"],
    [{ scopes: [] }, "Invalid 'body.scopes': scopes is not a valid parameter for this request."],
  ])('refuses %j', async (body, message) => {
    const answer = await create(await start(), body)
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' })
    expect(answer.text).toContain(message)
  })

  test('returns an existing token with enough remaining lifetime, if requested', async () => {
    const local = await start({ now: () => 0 })
    const tokenFor = async (body: object) => (await create(local, body)).body.token
    const first = await tokenFor({ claims: { a: 1 } })
    expect(await tokenFor({ claims: { a: 1 } })).not.toBe(first)
    local.reset()

    const pooled = { claims: { a: 1 }, min_remaining_ttl_seconds: 600 }
    const one = await tokenFor(pooled)
    expect(await tokenFor(pooled)).toBe(one)
    expect(await tokenFor({ ...pooled, claims: { a: 2 } })).not.toBe(one)
    local.clock.advance(3_000_000)
    expect(await tokenFor(pooled)).toBe(one)
    local.clock.advance(1)
    const other = await tokenFor(pooled)
    expect(other).not.toBe(one)
    await local.revoke(other)
    expect(await tokenFor(pooled)).not.toBe(other)
  })

  test('does not reuse a token with other scopes', async () => {
    const local = await start()
    const { worker, api } = local.machines
    const pooled = { min_remaining_ttl_seconds: 60 }
    const { body: one } = await create(local, pooled)
    await call(local, 'DELETE', `/v1/machines/${worker.id}/scopes/${api.id}`)
    const { body: other } = await create(local, pooled)
    expect(other.scopes).toEqual([])
    expect(other.token).not.toBe(one.token)
    expect((await verify(local, one.token)).body.scopes).toEqual([api.id])
  })
})

describe('getM2MTokens', () => {
  test('lists the newest first, in pages, without the tokens themselves', async () => {
    const local = await start()
    const { id } = local.machines.worker
    for (const n of Array.from({ length: 12 }).keys()) await local.m2mToken({ claims: { n } })
    const { body } = await list(local, `subject=${id}&limit=2&offset=1`)
    expect(body.total_count).toBe(12)
    expect(body.m2m_tokens.map((token: any) => token.claims.n)).toEqual([10, 9])
    expect(body.m2m_tokens[0]).not.toHaveProperty('token')
    expect((await list(local, `subject=${id}`)).body.m2m_tokens).toHaveLength(10)
  })

  test('omits revoked and expired tokens, unless requested', async () => {
    const local = await start()
    const { id } = local.machines.worker
    await local.revoke(await local.m2mToken())
    await local.m2mToken({ ttlInSeconds: -1 })
    const countOf = async (query: string) => (await list(local, `subject=${id}${query}`)).body.total_count
    expect(await countOf('')).toBe(0)
    expect(await countOf('&revoked=true')).toBe(1)
    expect(await countOf('&expired=true')).toBe(1)
    expect(await countOf('&revoked=true&expired=true')).toBe(2)
    expect(await countOf('&revoked=false&expired=false')).toBe(0)
  })

  test('lists only the machine’s own tokens to a machine', async () => {
    const local = await start()
    const { worker, api } = local.machines
    expect((await list(local, `subject=${worker.id}`, worker.secretKey)).status).toBe(200)
    expect(await list(local, `subject=${worker.id}`, api.secretKey)).toMatchObject({
      status: 403,
      code: 'authorization_invalid',
    })
  })

  test.each([
    ['', 400],
    ['subject=worker', 400],
    [`subject=mch_${'x'.repeat(27)}`, 404],
    [`subject=mch_${'x'.repeat(27)}&limit=101`, 400],
    [`subject=mch_${'x'.repeat(27)}&limit=0`, 400],
    [`subject=mch_${'x'.repeat(27)}&limit=ten`, 400],
    [`subject=mch_${'x'.repeat(27)}&offset=-1`, 400],
    [`subject=mch_${'x'.repeat(27)}&revoked=yes`, 400],
  ])('answers %j with status %i', async (query, status) => {
    expect((await list(await start(), query)).status).toBe(status)
  })
})

describe('revokeM2MToken', () => {
  test('keeps the first reason', async () => {
    const local = await start()
    const { body } = await create(local)
    const revoke = (reason: string | null) =>
      call(local, 'POST', `/v1/m2m_tokens/${body.id}/revoke`, { body: { revocation_reason: reason } })
    expect(await revoke('leaked')).toMatchObject({ status: 200, body: { revoked: true, revocation_reason: 'leaked' } })
    expect(await revoke(null)).toMatchObject({ status: 200, body: { revocation_reason: 'leaked' } })
    expect((await verify(local, body.token)).status).toBe(404)
  })

  test('is allowed only to the machine that owns the token', async () => {
    const local = await start()
    const { worker, api } = local.machines
    const { body } = await create(local)
    const revoke = (key: string) => call(local, 'POST', `/m2m_tokens/${body.id}/revoke`, { body: {}, key })
    expect((await revoke(api.secretKey)).status).toBe(404)
    expect((await verify(local, body.token)).status).toBe(200)
    expect((await revoke(worker.secretKey)).status).toBe(200)
  })

  test.each([
    ['mt_x', {}, 400, "Invalid 'url_parameter.m2m_token_id': Failed regex check"],
    [`mt_${'0'.repeat(32)}`, {}, 404, 'The token was not found'],
    [
      `mt_${'0'.repeat(32)}`,
      { reason: 'x' },
      400,
      "Invalid 'body.reason': reason is not a valid parameter for this request.",
    ],
    [`mt_${'0'.repeat(32)}`, { revocation_reason: 5 }, 400, "Invalid 'body.revocation_reason'"],
  ])('answers %s with %j with status %i', async (id, body, status, message) => {
    const answer = await call(await start(), 'POST', `/m2m_tokens/${id}/revoke`, { body })
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(message)
  })
})
