import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const verify = (local: LocalClerk, secret: string) => call(local, 'POST', '/api_keys/verify', { body: { secret } })

describe('apiKey', () => {
  test('creates a key of alice by default, without scopes and without expiry', async () => {
    const local = await start({ now: () => 1000 })
    const key = await local.apiKey()
    expect(key).toMatch(/^ak_\w{42}$/)
    const { status, body } = await verify(local, key)
    expect(status).toBe(200)
    expect(body).toEqual({
      object: 'api_key',
      id: expect.stringMatching(/^ak_[0-9a-f]{32}$/),
      type: 'api_key',
      subject: local.people.alice.id,
      name: 'local',
      description: null,
      claims: null,
      scopes: [],
      revoked: false,
      revocation_reason: null,
      expired: false,
      expiration: null,
      created_by: null,
      last_used_at: 1000,
      created_at: 1000,
      updated_at: 1000,
    })
  })

  test('applies its options', async () => {
    const local = await start({ now: () => 1000 })
    const key = await local
      .apiKey({
        subject: 'acme',
        scopes: ['invoices:read'],
        claims: { tier: 1 },
        ttlInSeconds: 2,
        name: 'CI',
      })
      .catch((error: Error) => error.message)
    expect(key).toBe('"name" of apiKey() must be a string of at least 3 characters')
    const named = await local.apiKey({
      subject: 'acme',
      scopes: ['invoices:read'],
      claims: { tier: 1 },
      ttlInSeconds: 2,
    })
    expect((await verify(local, named)).body).toMatchObject({
      subject: local.organizations.acme.id,
      scopes: ['invoices:read'],
      claims: { tier: 1 },
      expiration: 3000,
    })
    local.clock.advance(2000)
    expect((await verify(local, named)).status).toBe(404)
  })

  test('accepts ids of people and organizations', async () => {
    const local = await start()
    for (const { id } of [local.people.bob, local.organizations.globex])
      expect((await verify(local, await local.apiKey({ subject: id }))).body.subject).toBe(id)
    await expect(local.apiKey({ subject: 'eve' })).rejects.toThrow(
      new TypeError('there is no subject "eve", only alice, bob, carol, dave, acme, globex'),
    )
  })
})

describe('verifyApiKey', () => {
  test('answers 401 to a machine, 404 for the secret of a machine, and 400 without a secret', async () => {
    const local = await start()
    const { CLERK_MACHINE_SECRET_KEY: key } = local.env
    expect(await call(local, 'POST', '/v1/api_keys/verify', { body: {}, key })).toMatchObject({ status: 401 })
    expect((await verify(local, key)).status).toBe(404)
    expect(await call(local, 'POST', '/v1/api_keys/verify', { body: {} })).toMatchObject({ status: 400 })
  })
})
