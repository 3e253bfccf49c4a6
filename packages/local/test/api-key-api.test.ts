import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const create = (local: LocalClerk, body: object) =>
  call(local, 'POST', '/api_keys', { body: { name: 'CI key', subject: local.people.alice.id, ...body } })

describe('API keys of the Backend API', () => {
  test.each(['/api_keys', '/v1/api_keys'])('are created, read, verified and revoked at %s', async (path) => {
    const local = await start({ now: () => 1000 })
    const fields = {
      name: 'CI key',
      subject: local.organizations.acme.id,
      description: 'for CI',
      claims: { a: 1 },
      scopes: ['invoices:read'],
      created_by: local.people.alice.id,
    }
    const { status, body } = await call(local, 'POST', path, { body: { ...fields, seconds_until_expiration: 60 } })
    const { secret, ...key } = body
    expect(status).toBe(200)
    expect(key).toMatchObject({ object: 'api_key', type: 'api_key', ...fields, expiration: 61_000 })
    expect((await call(local, 'GET', `${path}/${key.id}`)).body).toEqual(key)
    expect((await call(local, 'POST', `${path}/verify`, { body: { secret } })).body).toMatchObject({
      id: key.id,
      last_used_at: 1000,
    })
    const revoked = await call(local, 'POST', `${path}/${key.id}/revoke`, { body: { revocation_reason: 'old' } })
    expect(revoked).toMatchObject({ status: 200, body: { revoked: true, revocation_reason: 'old' } })
    expect((await call(local, 'POST', `${path}/verify`, { body: { secret } })).status).toBe(404)
    for (const operation of ['createApiKey', 'getApiKey', 'revokeApiKey']) expect(local.calls(operation)).toBe(1)
  })

  test('are listed by subject, newest first, with invalid keys only on request', async () => {
    const local = await start()
    const { id } = local.people.alice
    for (const name of ['one', 'two', 'three']) await local.apiKey({ name })
    await local.apiKey({ subject: 'bob' })
    await local.revoke(await local.apiKey({ name: 'revoked' }))
    // Created more than an hour ago, so it is the oldest.
    await local.apiKey({ name: 'expired', ttlInSeconds: -1 })
    const namesOf = async (query: string) => {
      const { body } = await call(local, 'GET', `/api_keys?subject=${id}${query}`)
      return [body.total_count, ...body.data.map(({ name }: { name: string }) => name)]
    }
    expect(await namesOf('')).toEqual([3, 'three', 'two', 'one'])
    expect(await namesOf('&include_invalid=true')).toEqual([5, 'revoked', 'three', 'two', 'one', 'expired'])
    expect(await namesOf('&limit=1&offset=1')).toEqual([3, 'two'])
    expect(await namesOf('&query=t')).toEqual([2, 'three', 'two'])
    expect(await namesOf('&type=other')).toEqual([0])
  })

  test.each<[object, number, string]>([
    [{ name: 'CI' }, 400, "Invalid 'body.name'"],
    [{ subject: 'alice' }, 400, "Invalid 'body.subject': Failed regex check"],
    [{ subject: `user_${'x'.repeat(27)}` }, 404, 'The subject was not found'],
    [{ description: 'x'.repeat(256) }, 400, "Invalid 'body.description'"],
    [{ scopes: 'invoices:read' }, 400, "Invalid 'body.scopes'"],
    [{ created_by: 'alice' }, 400, "Invalid 'body.created_by'"],
    [{ seconds_until_expiration: -1 }, 400, "Invalid 'body.seconds_until_expiration'"],
    [{ ttl: 5 }, 400, "Invalid 'body.ttl': ttl is not a valid parameter for this request."],
  ])('are not created from %j', async (body, status, message) => {
    const answer = await create(await start(), body)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(message)
  })

  test('keep the fields that an update omits, and refuse updates of other fields', async () => {
    const local = await start({ now: () => 1000 })
    const { body: made } = await create(local, { claims: { a: 1 }, seconds_until_expiration: 60 })
    const { secret: _secret, ...key } = made
    const change = (body: object) => call(local, 'PATCH', `/v1/api_keys/${key.id}`, { body })
    expect((await change({})).body).toEqual(key)
    expect((await change({ claims: null })).body).toEqual({ ...key, claims: null })
    expect(await change({ name: 'Other' })).toMatchObject({ status: 400, text: expect.stringContaining('body.name') })
    expect(await change({ subject: 'alice' })).toMatchObject({ status: 400 })
    expect(await change({ subject: `org_${'x'.repeat(27)}` })).toMatchObject({ status: 404 })
    expect((await call(local, 'GET', `/api_keys/${key.id}`)).body).toEqual({ ...key, claims: null })
  })

  test.each([
    ['GET', '/api_keys', 400],
    ['PATCH', `/api_keys/ak_${'0'.repeat(32)}`, 404],
    ['DELETE', `/api_keys/ak_${'0'.repeat(32)}`, 404],
    ['GET', `/api_keys/ak_${'0'.repeat(32)}/secret`, 404],
    ['GET', '/api_keys/ak_x', 400],
    ['GET', `/api_keys/ak_${'0'.repeat(32)}`, 404],
    ['POST', `/api_keys/ak_${'0'.repeat(32)}/revoke`, 404],
    ['GET', `/api_keys?subject=user_${'x'.repeat(27)}&limit=101`, 400],
  ])('answer %s %s with status %i', async (method, path, status) => {
    expect((await call(await start(), method, path)).status).toBe(status)
  })
})
