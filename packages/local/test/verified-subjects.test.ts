import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const VERIFY = {
  oauth: (token: string) => ['/oauth_applications/access_tokens/verify', { access_token: token }] as const,
  apiKey: (token: string) => ['/api_keys/verify', { secret: token }] as const,
}

async function verify(local: LocalClerk, kind: keyof typeof VERIFY, token: string) {
  const [path, body] = VERIFY[kind](token)
  return call(local, 'POST', path, { body })
}

async function describeToken(local: LocalClerk, token: string) {
  return (await call(local, 'POST', '/_local/tokens/describe', { body: { token }, key: null })).body
}

describe('tokens of deleted users and organizations', () => {
  test.each(['opaque', 'jwt'] as const)('are unknown: OAuth access token in %s format', async (format) => {
    const local = await start()
    const token = await local.oauthToken({ user: 'bob', format })
    expect((await verify(local, 'oauth', token)).status).toBe(200)
    await call(local, 'DELETE', `/v1/users/${local.people.bob.id}`)
    expect(await verify(local, 'oauth', token)).toMatchObject({ status: 404, code: 'resource_not_found' })
  })

  test.each(['bob', 'acme'])('are unknown: API key of %s', async (subject) => {
    const local = await start()
    const token = await local.apiKey({ subject })
    expect((await verify(local, 'apiKey', token)).status).toBe(200)
    expect(await describeToken(local, token)).toMatchObject({ known: true })
    const path = subject === 'acme' ? '/v1/organizations/acme' : `/v1/users/${local.people.bob.id}`
    await call(local, 'DELETE', path)
    expect(await verify(local, 'apiKey', token)).toMatchObject({ status: 404, code: 'resource_not_found' })
    expect(await describeToken(local, token)).toEqual({ known: false })
  })
})

test('tokens and API keys of a banned user stay valid', async () => {
  const local = await start()
  const [token, key] = [await local.oauthToken({ user: 'bob' }), await local.apiKey({ subject: 'bob' })]
  await call(local, 'POST', `/v1/users/${local.people.bob.id}/ban`)
  expect((await verify(local, 'oauth', token)).status).toBe(200)
  expect((await verify(local, 'apiKey', key)).status).toBe(200)
})

test('an API key can belong to a machine', async () => {
  const local = await start()
  const { worker } = local.machines
  const body = { name: 'deploy', subject: worker.id }
  const created = await call(local, 'POST', '/api_keys', { body })
  expect(created).toMatchObject({ status: 200, body: { subject: worker.id } })
  expect((await verify(local, 'apiKey', created.body.secret)).body).toMatchObject({ subject: worker.id })
  await call(local, 'DELETE', `/v1/machines/${worker.id}`)
  expect((await verify(local, 'apiKey', created.body.secret)).status).toBe(404)
  expect(await call(local, 'POST', '/api_keys', { body })).toMatchObject({ status: 404, code: 'resource_not_found' })
})

test('an OAuth access token may have no scopes', async () => {
  const local = await start()
  for (const format of ['jwt', 'opaque'] as const)
    expect((await verify(local, 'oauth', await local.oauthToken({ format, scopes: [] }))).body.scopes).toEqual([])
})

describe('verifying an M2M JWT over HTTP', () => {
  const verifyJwt = (local: LocalClerk, token: string, key?: string) =>
    call(local, 'POST', '/m2m_tokens/verify', { body: { token }, ...(key && { key }) })

  test('returns the same fields as for an opaque token', async () => {
    const local = await start({ now: () => Date.UTC(2030, 0) })
    const { worker, api, billing } = local.machines
    const token = await local.m2mToken({ format: 'jwt', claims: { job: 7 }, ttlInSeconds: 60 })
    for (const key of [undefined, api.secretKey]) {
      const { status, body } = await verifyJwt(local, token, key)
      expect([status, body]).toEqual([
        200,
        {
          object: 'machine_to_machine_token',
          id: decodeJwt(token).jti,
          subject: worker.id,
          claims: { job: 7 },
          scopes: [api.id],
          revoked: false,
          revocation_reason: null,
          expired: false,
          expiration: Date.UTC(2030, 0) + 60_000,
          last_used_at: null,
          created_at: Date.UTC(2030, 0),
          updated_at: Date.UTC(2030, 0),
        },
      ])
    }
    expect(await verifyJwt(local, token, billing.secretKey)).toMatchObject({ status: 404, code: 'resource_not_found' })
    expect((await verifyJwt(local, await local.m2mToken({ format: 'jwt' }))).body.claims).toBe(null)
    const withoutScopes = await call(local, 'POST', '/m2m_tokens', {
      body: { token_format: 'jwt' },
      key: api.secretKey,
    })
    expect((await verifyJwt(local, withoutScopes.body.token)).body.scopes).toEqual([])
  })

  test.each<[string, (local: LocalClerk) => Promise<string>]>([
    ['that has expired', (local) => local.m2mToken({ format: 'jwt', ttlInSeconds: -10 })],
    ['that is not valid yet', (local) => local.m2mToken({ format: 'jwt', claims: { nbf: 4e9 } })],
    ['that never expires', (local) => local.m2mToken({ format: 'jwt', claims: { exp: undefined } })],
    ['without an issue time', (local) => local.m2mToken({ format: 'jwt', claims: { iat: undefined } })],
    ['without an id', (local) => local.m2mToken({ format: 'jwt', claims: { jti: undefined } })],
    ['of an unknown machine', (local) => local.m2mToken({ format: 'jwt', claims: { sub: 'mch_x' } })],
    ['of a user', (local) => local.m2mToken({ format: 'jwt', claims: { sub: local.people.bob.id } })],
    [
      'with the category of a session token',
      (local) => local.m2mToken({ format: 'jwt', header: { cat: 'cl_B7d4PD111AAA' } }),
    ],
    [
      'with the category of a template',
      (local) => local.m2mToken({ format: 'jwt', header: { cat: 'cl_B7d4PD222AAA' } }),
    ],
    ['with the type of an access token', (local) => local.m2mToken({ format: 'jwt', header: { typ: 'at+jwt' } })],
    ['of another instance', async () => (await start()).m2mToken({ format: 'jwt' })],
  ])('answers 404 for one %s', async (_, mint) => {
    const local = await start()
    expect(await verifyJwt(local, await mint(local))).toMatchObject({ status: 404, code: 'resource_not_found' })
  })

  test('as a machine needs scopes, which machineJwtScopes: omit removes', async () => {
    const local = await start({ settings: { machineJwtScopes: 'omit' } })
    const token = await local.m2mToken({ format: 'jwt' })
    expect((await verifyJwt(local, token)).body.scopes).toEqual([])
    expect((await verifyJwt(local, token, local.machines.api.secretKey)).status).toBe(404)
  })

  test('accepts an older one without a category', async () => {
    const local = await start()
    const token = await local.m2mToken({ format: 'jwt', header: { cat: undefined, typ: undefined } })
    expect((await verifyJwt(local, token)).status).toBe(200)
  })
})

test('an M2M JWT always expires, also with m2mTokensWithoutTtl: never-expire', async () => {
  const local = await start({ now: () => 0, settings: { m2mTokensWithoutTtl: 'never-expire' } })
  const { secretKey: key } = local.machines.worker
  const body = { token_format: 'jwt', seconds_until_expiration: null }
  const { body: minted } = await call(local, 'POST', '/m2m_tokens', { body, key })
  expect(minted.expiration).toBe(3_600_000)
  expect(decodeJwt(minted.token).exp).toBe(3600)
})
