import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const UNKNOWN = `mch_${'x'.repeat(27)}`

const create = (local: LocalClerk, body: object) => call(local, 'POST', '/v1/machines', { body })

describe('machines of the Backend API', () => {
  test('are created with a working secret, updated and deleted', async () => {
    const local = await start({ now: () => 1000 })
    const { api } = local.machines
    const { status, body } = await create(local, { name: 'cron', scoped_machines: [api.id], default_token_ttl: 60 })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      object: 'machine',
      id: expect.stringMatching(/^mch_\w{27}$/),
      name: 'cron',
      instance_id: local.kid,
      created_at: 1000,
      updated_at: 1000,
      default_token_ttl: 60,
      scoped_machines: [{ object: 'machine', id: api.id, name: 'api' }],
      secret_key: expect.stringMatching(/^ak_\w{42}$/),
    })
    const path = `/v1/machines/${body.id}`
    const minted = await call(local, 'POST', '/m2m_tokens', { body: {}, key: body.secret_key })
    expect(minted.body).toMatchObject({ subject: body.id, scopes: [api.id], expiration: 61_000 })

    local.clock.advance(1000)
    const changed = await call(local, 'PATCH', path, { body: { name: 'nightly' } })
    expect(changed.body).toMatchObject({ name: 'nightly', default_token_ttl: 60, created_at: 1000, updated_at: 2000 })
    expect((await call(local, 'PATCH', path, { body: { default_token_ttl: 5 } })).body.default_token_ttl).toBe(5)
    expect((await call(local, 'GET', path)).body).not.toHaveProperty('secret_key')
    expect((await call(local, 'GET', `${path}/secret_key`)).body).toEqual({
      object: 'machine_secret_key',
      secret: body.secret_key,
    })

    expect((await call(local, 'DELETE', path)).body).toEqual({ object: 'machine', id: body.id, deleted: true })
    expect((await call(local, 'GET', path)).status).toBe(404)
    const verified = await call(local, 'POST', '/m2m_tokens/verify', { body: { token: minted.body.token } })
    expect(verified.status).toBe(404)
    expect((await call(local, 'POST', '/m2m_tokens', { body: {}, key: body.secret_key })).status).toBe(401)
  })

  test('are available by name in their current state', async () => {
    const local = await start()
    const { body } = await create(local, { name: 'cron' })
    const machines: Readonly<Record<string, unknown>> = local.machines
    expect(machines['cron']).toEqual({
      name: 'cron',
      id: body.id,
      secretKey: body.secret_key,
      scopes: [],
      defaultTokenTtl: 3600,
    })
    const { id } = local.machines.api
    await create(local, { name: 'api' })
    expect(local.machines.api.id).toBe(id)
  })

  test('are listed newest first by default, in pages, and filtered by name or id', async () => {
    const local = await start()
    const { body: cron } = await create(local, { name: 'cron' })
    const namesOf = async (query: string) => {
      const { body } = await call(local, 'GET', `/v1/machines${query}`)
      return [body.total_count, ...body.data.map(({ name }: { name: string }) => name)]
    }
    expect(await namesOf('')).toEqual([4, 'cron', 'billing', 'api', 'worker'])
    expect(await namesOf('?order_by=created_at')).toEqual([4, 'worker', 'api', 'billing', 'cron'])
    expect(await namesOf('?order_by=%2Bname')).toEqual([4, 'api', 'billing', 'cron', 'worker'])
    expect(await namesOf('?order_by=-name&limit=2&offset=1')).toEqual([4, 'cron', 'billing'])
    expect(await namesOf('?query=R')).toEqual([2, 'cron', 'worker'])
    expect(await namesOf(`?query=${cron.id}`)).toEqual([1, 'cron'])
  })

  test('have two valid secrets until the previous one expires', async () => {
    const local = await start({ now: () => 0 })
    const { worker } = local.machines
    const rotate = (ttl: number) =>
      call(local, 'POST', `/v1/machines/${worker.id}/secret_key/rotate`, { body: { previous_token_ttl: ttl } })
    const mint = async (key: string) => (await call(local, 'POST', '/m2m_tokens', { body: {}, key })).status

    const { body: second } = await rotate(60)
    expect(second).toEqual({ object: 'machine_secret_key', secret: local.machines.worker.secretKey })
    expect(second.secret).not.toBe(worker.secretKey)
    local.clock.advance(59_999)
    expect([await mint(worker.secretKey), await mint(second.secret)]).toEqual([201, 201])
    local.clock.advance(1)
    expect([await mint(worker.secretKey), await mint(second.secret)]).toEqual([401, 201])

    const { body: third } = await rotate(0)
    expect([await mint(second.secret), await mint(third.secret)]).toEqual([401, 201])
  })

  test('gain and lose scopes without affecting existing tokens', async () => {
    const local = await start({ now: () => 7 })
    const { api, billing } = local.machines
    const path = `/v1/machines/${billing.id}/scopes`
    const scope = { object: 'machine_scope', from_machine_id: billing.id, to_machine_id: api.id }
    const body = { to_machine_id: api.id }
    expect((await call(local, 'POST', path, { body })).body).toEqual({ ...scope, created_at: 7 })
    expect(await call(local, 'POST', path, { body })).toMatchObject({ status: 409, code: 'conflict' })
    const token = await local.m2mToken({ from: 'billing' })
    const verify = () =>
      call(local, 'POST', '/m2m_tokens/verify', { body: { token }, key: local.env.CLERK_MACHINE_SECRET_KEY })
    expect((await verify()).status).toBe(200)

    expect((await call(local, 'DELETE', `${path}/${api.id}`)).body).toEqual({ ...scope, deleted: true })
    expect((await call(local, 'DELETE', `${path}/${api.id}`)).status).toBe(404)
    expect((await verify()).status).toBe(200)
    await expect(local.m2mToken({ from: 'billing', to: 'api' })).rejects.toThrow(
      'may not call "api", or any other machine',
    )
  })

  test('lose scopes to a deleted machine', async () => {
    const local = await start()
    await call(local, 'DELETE', `/v1/machines/${local.machines.api.id}`)
    expect(local.machines.worker.scopes).toEqual([])
  })

  test.each<[string, string, object | undefined, number, string]>([
    ['POST', '', {}, 422, 'form_param_missing'],
    ['POST', '', undefined, 422, 'form_param_missing'],
    ['POST', '', { name: '' }, 422, 'form_param_min_length_exceeded'],
    ['POST', '', { name: 'x'.repeat(256) }, 422, 'form_param_max_length_exceeded'],
    ['POST', '', { name: 5 }, 422, 'form_param_type_invalid'],
    ['POST', '', { name: null }, 422, 'form_param_nil'],
    ['POST', '', { name: 'x', default_token_ttl: 315_360_001 }, 422, 'form_param_value_too_large'],
    ['POST', '', { name: 'x', default_token_ttl: 0 }, 422, 'form_param_value_invalid'],
    ['POST', '', { name: 'x', default_token_ttl: 1.5 }, 422, 'form_param_type_invalid'],
    ['POST', '', { name: 'x', scoped_machines: [UNKNOWN] }, 422, 'form_resource_not_found'],
    ['POST', '', { name: 'x', scoped_machines: Array(151).fill('') }, 422, 'form_param_array_size_exceeded'],
    ['POST', '', [], 400, 'request_body_invalid'],
    ['GET', '?limit=501', undefined, 422, 'form_param_value_too_large'],
    ['GET', '?order_by=id', undefined, 422, 'form_param_value_invalid'],
    ['GET', `/${UNKNOWN}`, undefined, 404, 'machine_not_found'],
    ['PATCH', `/${UNKNOWN}`, {}, 404, 'machine_not_found'],
    ['DELETE', `/${UNKNOWN}`, undefined, 404, 'machine_not_found'],
    ['POST', '/{worker}/secret_key/rotate', {}, 422, 'form_param_missing'],
    ['POST', '/{worker}/secret_key/rotate', { previous_token_ttl: 28_801 }, 422, 'form_param_value_too_large'],
    ['POST', '/{worker}/secret_key/rotate', { previous_token_ttl: -1 }, 422, 'form_param_value_invalid'],
    ['POST', '/{worker}/scopes', { to_machine_id: UNKNOWN }, 404, 'machine_not_found'],
    ['PUT', '/{worker}', {}, 405, 'method_not_allowed'],
  ])('refuse %s %s with %j as %i', async (method, path, body, status, code) => {
    const local = await start()
    const answer = await call(local, method, `/v1/machines${path.replace('{worker}', local.machines.worker.id)}`, {
      body,
    })
    expect(answer).toMatchObject({ status, code })
    expect(answer.body.clerk_trace_id).toMatch(/^[0-9a-f]{32}$/)
  })

  test('name the invalid field in an error', async () => {
    const { body } = await create(await start(), { name: 5 })
    expect(body.errors[0].meta).toEqual({ param_name: 'name' })
  })

  test('accept only JSON', async () => {
    const local = await start()
    const response = await fetch(`${local.url}/v1/machines`, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
      body: new URLSearchParams({ name: 'x' }),
    })
    expect(response.status).toBe(415)
  })

  test('are not accessible with a machine secret', async () => {
    const local = await start()
    const answer = await call(local, 'GET', '/v1/machines', { key: local.env.CLERK_MACHINE_SECRET_KEY })
    expect(answer).toMatchObject({ status: 401, code: 'clerk_key_invalid' })
  })

  test('are restored to the seed by reset(), with their secrets and without tokens', async () => {
    const local = await start()
    const before = local.machines
    const tokens = [await local.m2mToken(), await local.m2mToken()]
    await create(local, { name: 'cron' })
    await call(local, 'DELETE', `/v1/machines/${before.api.id}`)
    await call(local, 'POST', `/v1/machines/${before.worker.id}/secret_key/rotate`, { body: { previous_token_ttl: 0 } })

    local.reset()
    expect(local.machines).toEqual(before)
    for (const token of tokens)
      expect((await call(local, 'POST', '/m2m_tokens/verify', { body: { token } })).status).toBe(404)
  })
})
