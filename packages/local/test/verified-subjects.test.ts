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

describe('what a user had', () => {
  test.each(['opaque', 'jwt'] as const)(
    'does not verify once they are deleted: OAuth access token, %s',
    async (format) => {
      const local = await start()
      const token = await local.oauthToken({ user: 'bob', format })
      expect((await verify(local, 'oauth', token)).status).toBe(200)
      await call(local, 'DELETE', `/v1/users/${local.people.bob.id}`)
      expect(await verify(local, 'oauth', token)).toMatchObject({ status: 404, code: 'resource_not_found' })
    },
  )

  test.each(['bob', 'acme'])('does not verify once they are deleted: API key of %s', async (subject) => {
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

test('what a banned user had stands, but for sessions', async () => {
  const local = await start()
  const [token, key] = [await local.oauthToken({ user: 'bob' }), await local.apiKey({ subject: 'bob' })]
  await call(local, 'POST', `/v1/users/${local.people.bob.id}/ban`)
  expect((await verify(local, 'oauth', token)).status).toBe(200)
  expect((await verify(local, 'apiKey', key)).status).toBe(200)
})

test('an API key can be that of a machine', async () => {
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

test('an OAuth access token without scopes has none when it is verified', async () => {
  const local = await start()
  for (const format of ['jwt', 'opaque'] as const)
    expect((await verify(local, 'oauth', await local.oauthToken({ format, scopes: [] }))).body.scopes).toEqual([])
})

describe('verifying an M2M JWT over HTTP', () => {
  const ask = (local: LocalClerk, token: string, key?: string) =>
    call(local, 'POST', '/m2m_tokens/verify', { body: { token }, ...(key && { key }) })

  test('answers as for an opaque token', async () => {
    const local = await start({ now: () => Date.UTC(2030, 0) })
    const { worker, api, billing } = local.machines
    const token = await local.m2mToken({ format: 'jwt', claims: { job: 7 }, ttlInSeconds: 60 })
    for (const key of [undefined, api.secretKey]) {
      const { status, body } = await ask(local, token, key)
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
    expect(await ask(local, token, billing.secretKey)).toMatchObject({ status: 404, code: 'resource_not_found' })
    expect((await ask(local, await local.m2mToken({ format: 'jwt' }))).body.claims).toBe(null)
    const toNobody = await call(local, 'POST', '/m2m_tokens', { body: { token_format: 'jwt' }, key: api.secretKey })
    expect((await ask(local, toNobody.body.token)).body.scopes).toEqual([])
  })

  test.each<[string, (local: LocalClerk) => Promise<string>]>([
    ['that has expired', (local) => local.m2mToken({ format: 'jwt', ttlInSeconds: -10 })],
    ['that is not valid yet', (local) => local.m2mToken({ format: 'jwt', claims: { nbf: 4e9 } })],
    ['that never expires', (local) => local.m2mToken({ format: 'jwt', claims: { exp: undefined } })],
    ['that does not say when it was issued', (local) => local.m2mToken({ format: 'jwt', claims: { iat: undefined } })],
    ['without an id', (local) => local.m2mToken({ format: 'jwt', claims: { jti: undefined } })],
    ['of a machine that is not there', (local) => local.m2mToken({ format: 'jwt', claims: { sub: 'mch_x' } })],
    ['of a user', (local) => local.m2mToken({ format: 'jwt', claims: { sub: local.people.bob.id } })],
    [
      'by its category a session token',
      (local) => local.m2mToken({ format: 'jwt', header: { cat: 'cl_B7d4PD111AAA' } }),
    ],
    ['by its category of a template', (local) => local.m2mToken({ format: 'jwt', header: { cat: 'cl_B7d4PD222AAA' } })],
    ['by its type an access token', (local) => local.m2mToken({ format: 'jwt', header: { typ: 'at+jwt' } })],
    ['of another instance', async () => (await start()).m2mToken({ format: 'jwt' })],
  ])('does not find one %s', async (_, mint) => {
    const local = await start()
    expect(await ask(local, await mint(local))).toMatchObject({ status: 404, code: 'resource_not_found' })
  })

  test('by a machine needs scopes, which the settings may leave out', async () => {
    const local = await start({ settings: { machineJwtScopes: 'omit' } })
    const token = await local.m2mToken({ format: 'jwt' })
    expect((await ask(local, token)).body.scopes).toEqual([])
    expect((await ask(local, token, local.machines.api.secretKey)).status).toBe(404)
  })

  test('takes one without a category, as older ones are', async () => {
    const local = await start()
    const token = await local.m2mToken({ format: 'jwt', header: { cat: undefined, typ: undefined } })
    expect((await ask(local, token)).status).toBe(200)
  })
})

test('an M2M JWT expires, whatever the settings say of tokens without a lifetime', async () => {
  const local = await start({ now: () => 0, settings: { m2mTokensWithoutTtl: 'never-expire' } })
  const { secretKey: key } = local.machines.worker
  const body = { token_format: 'jwt', seconds_until_expiration: null }
  const { body: minted } = await call(local, 'POST', '/m2m_tokens', { body, key })
  expect(minted.expiration).toBe(3_600_000)
  expect(decodeJwt(minted.token).exp).toBe(3600)
})
