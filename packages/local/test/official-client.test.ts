import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'

function clientOf({ env }: LocalClerk, machineSecretKey?: string) {
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = env
  return createClerkClient({ secretKey, apiUrl, ...(machineSecretKey && { machineSecretKey }) })
}

describe('createClerkClient of @clerk/backend', () => {
  test.each(['opaque', 'jwt'] as const)(
    'mints an M2M token in %s format that the recipient can verify',
    async (tokenFormat) => {
      const local = await start({ algorithm: 'RS256' })
      const { worker, api } = local.machines
      const minted = await clientOf(local, worker.secretKey).m2m.createToken({ tokenFormat, claims: { a: 1 } })
      const token = minted.token ?? ''
      const verified = await clientOf(local, api.secretKey).m2m.verify({ token })
      expect(verified).toMatchObject({ id: minted.id, subject: worker.id, scopes: [api.id], claims: { a: 1 } })
    },
  )

  test('cannot verify an M2M token as another machine than its recipient', async () => {
    const local = await start({ algorithm: 'RS256' })
    const { m2m } = clientOf(local, local.machines.billing.secretKey)
    await expect(m2m.verify({ token: await local.m2mToken() })).rejects.toMatchObject({ status: 404 })
  })

  test('lists and revokes M2M tokens', async () => {
    const local = await start({ algorithm: 'RS256' })
    const { m2m } = clientOf(local)
    const token = await local.m2mToken()
    const { data, totalCount } = await m2m.list({ subject: local.machines.worker.id })
    expect([data.length, totalCount]).toEqual([1, 1])
    const revoked = await m2m.revokeToken({ m2mTokenId: data[0]!.id, revocationReason: 'leaked' })
    expect(revoked).toMatchObject({ revoked: true, revocationReason: 'leaked' })
    await expect(m2m.verify({ token })).rejects.toMatchObject({ status: 404, errors: [{ code: 'resource_not_found' }] })
  })

  test.each(['opaque', 'jwt'] as const)('verifies an OAuth access token in %s format', async (format) => {
    const local = await start({ algorithm: 'RS256' })
    const token = await local.oauthToken({ format, scopes: ['invoices:read'], audience: 'https://api.example' })
    const { idPOAuthAccessToken } = clientOf(local)
    expect(await idPOAuthAccessToken.verify(token, { audience: 'https://api.example' })).toMatchObject({
      clientId: local.clients.cli.id,
      subject: local.people.alice.id,
      scopes: ['invoices:read'],
      aud: ['https://api.example'],
      expired: false,
    })
    await expect(idPOAuthAccessToken.verify('oat_unknown')).rejects.toMatchObject({ status: 404 })
  })

  test('creates, lists, reads, verifies and revokes API keys', async () => {
    const local = await start({ algorithm: 'RS256' })
    const { apiKeys } = clientOf(local)
    const subject = local.people.alice.id
    const { id, secret = '' } = await apiKeys.create({ name: 'CI key', subject, scopes: ['invoices:read'] })
    expect(await apiKeys.verify(secret)).toMatchObject({ id, subject, scopes: ['invoices:read'], expiration: null })
    expect(await apiKeys.get(id)).toMatchObject({ id, name: 'CI key' })
    expect(await apiKeys.list({ subject })).toMatchObject({ totalCount: 1, data: [{ id }] })
    expect(await apiKeys.revoke({ apiKeyId: id })).toMatchObject({ revoked: true })
    await expect(apiKeys.verify(secret)).rejects.toMatchObject({ status: 404 })
  })

  test('updates, reveals and deletes an API key', async () => {
    const local = await start({ algorithm: 'RS256', now: () => Date.UTC(2030, 0) })
    const { apiKeys } = clientOf(local)
    const { alice, bob } = local.people
    const { id, secret } = await apiKeys.create({ name: 'CI key', subject: alice.id, scopes: ['a'], claims: { b: 1 } })
    expect(await apiKeys.getSecret(id)).toEqual({ secret })
    const update = { subject: bob.id, scopes: ['c'], description: 'for CI', secondsUntilExpiration: 60 }
    const expiration = Date.UTC(2030, 0) + 60_000
    const updated = { id, subject: bob.id, scopes: ['c'], description: 'for CI', claims: { b: 1 }, expiration }
    expect(await apiKeys.update({ apiKeyId: id, ...update })).toMatchObject(updated)
    expect(await apiKeys.verify(secret ?? '')).toMatchObject(updated)
    const neverExpiring = await apiKeys.update({ apiKeyId: id, subject: bob.id, secondsUntilExpiration: null })
    expect(neverExpiring).toMatchObject({ ...updated, expiration: null })
    expect(await apiKeys.delete(id)).toMatchObject({ id, deleted: true })
    for (const request of [apiKeys.get(id), apiKeys.getSecret(id), apiKeys.delete(id), apiKeys.verify(secret ?? '')])
      await expect(request).rejects.toMatchObject({ status: 404, errors: [{ code: 'resource_not_found' }] })
  })

  test('fetches the key set', async () => {
    const local = await start({ algorithm: 'RS256' })
    expect(await clientOf(local).jwks.getJwks()).toEqual({
      keys: [{ kid: local.kid, alg: 'RS256', use: 'sig', kty: 'RSA', n: expect.any(String), e: 'AQAB' }],
    })
    expect(local.calls('GetJWKS')).toBe(1)
  })

  test('manages machines, their secrets and their scopes', async () => {
    const local = await start({ algorithm: 'RS256' })
    const { machines } = clientOf(local)
    const { api, billing } = local.machines
    const created = await machines.create({ name: 'cron', scopedMachines: [api.id], defaultTokenTtl: 60 })
    expect(created).toMatchObject({ name: 'cron', defaultTokenTtl: 60, scopedMachines: [{ id: api.id }] })
    expect(await machines.list({ query: 'cron', orderBy: '+name' })).toMatchObject({
      totalCount: 1,
      data: [{ name: 'cron' }],
    })
    expect(await machines.get(created.id)).toMatchObject({ id: created.id, name: 'cron', defaultTokenTtl: 60 })
    expect(await machines.update({ machineId: created.id, name: 'nightly' })).toMatchObject({ name: 'nightly' })
    expect(await machines.createScope(created.id, billing.id)).toMatchObject({ toMachineId: billing.id })
    expect(await machines.deleteScope(created.id, billing.id)).toMatchObject({ deleted: true })
    const { secret } = await machines.rotateSecretKey({ machineId: created.id, previousTokenTtl: 0 })
    expect(await machines.getSecretKey(created.id)).toMatchObject({ secret })
    expect(await clientOf(local, secret).m2m.createToken()).toMatchObject({ subject: created.id })
    await machines.delete(created.id)
    await expect(machines.get(created.id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'machine_not_found' }],
    })
  })
})
