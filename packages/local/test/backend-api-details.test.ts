import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { errorBody, post, start } from './start.js'
import { call } from './tokens.js'

describe('a body with an unsupported content type', () => {
  test.each([
    ['text/plain', 'text/plain'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['sk_test_secret', ''],
    ['<b>/x', ''],
  ])('is refused with a message that shows %s as %j and names the supported type', async (type, named) => {
    const local = await start()
    const headers = { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': type }
    const { status, body } = await post(`${local.url}/v1/machines`, headers, '{"name":"x"}')
    expect(status).toBe(415)
    expect(JSON.parse(body).errors[0]).toMatchObject({
      code: 'unsupported_content_type',
      message: 'Content-Type is unsupported',
      long_message: `Content-Type ${named} is unsupported. You should use application/json instead.`,
    })
  })
})

describe('updates of users and organizations', () => {
  test.each([
    ['POST', '/users', { username: 'evelyn' }],
    ['PATCH', '/users/<bob>', {}],
    ['PATCH', '/users/<bob>/metadata', {}],
    ['PUT', '/users/<bob>/metadata', {}],
    ['PATCH', '/organizations/acme', {}],
    ['PATCH', '/organizations/acme/metadata', {}],
    ['PUT', '/organizations/acme/metadata', {}],
  ])('%s %s refuses an unknown field', async (method, template, good) => {
    const local = await start()
    const path = `/v1${template.replace('<bob>', local.people.bob.id)}`
    expect(await call(local, method, path, { body: { ...good, fist_name: 'Bob' } })).toMatchObject({
      status: 422,
      code: 'form_param_unknown',
      text: 'fist_name is not a valid parameter for this request.',
    })
    expect((await call(local, method, path, { body: good })).status).toBe(200)
  })

  test('an empty username removes the username', async () => {
    const local = await start()
    const { body: eve } = await call(local, 'POST', '/v1/users', {
      body: { username: 'evelyn', phone_number: ['+31201234567'] },
    })
    expect(eve.username).toBe('evelyn')
    const changed = await call(local, 'PATCH', `/v1/users/${eve.id}`, { body: { username: '' } })
    expect([changed.status, changed.body.username]).toEqual([200, null])
    expect((await call(local, 'PATCH', `/v1/users/${local.people.bob.id}`, { body: { username: '' } })).status).toBe(
      200,
    )
  })

  test('created_at of an organization can be set', async () => {
    const local = await start()
    const at = (created_at: string) => ({ body: { name: 'Old', created_at } })
    const { body } = await call(local, 'POST', '/v1/organizations', at('2012-10-20T07:15:20.902Z'))
    expect(body.created_at).toBe(Date.UTC(2012, 9, 20, 7, 15, 20, 902))
    const changed = await call(local, 'PATCH', `/v1/organizations/${body.id}`, at('2013-01-01T00:00:00Z'))
    expect(changed.body.created_at).toBe(Date.UTC(2013, 0))
    expect((await call(local, 'PATCH', `/v1/organizations/${body.id}`, { body: {} })).body.created_at).toBe(
      Date.UTC(2013, 0),
    )
    expect(await call(local, 'POST', '/v1/organizations', at('long ago'))).toMatchObject({
      status: 422,
      code: 'form_param_value_invalid',
    })
  })

  test('organizations are filtered by members that they have or lack', async () => {
    const local = await start()
    const { alice, carol } = local.people
    const { acme } = local.organizations
    const found = async (query: string) => {
      const { body } = await call(local, 'GET', `/v1/organizations?order_by=name&${query}`)
      return body.data.map(({ slug }: { slug: string }) => slug)
    }
    expect(await found('')).toEqual(['acme', 'globex'])
    expect(await found(`user_id=%2B${alice.id}`)).toEqual(['acme'])
    expect(await found(`user_id=-${alice.id}`)).toEqual(['globex'])
    expect(await found(`user_id=${alice.id}&user_id=${carol.id}`)).toEqual(['acme', 'globex'])
    expect(await found(`organization_id=-${acme.id}`)).toEqual(['globex'])
    expect(await found(`organization_id=+${acme.id}`)).toEqual(['acme'])
  })
})

test('a session token has the minutes since sign-in in fva', async () => {
  const local = await start()
  const { body: session } = await call(local, 'POST', '/v1/sessions', { body: { user_id: local.people.bob.id } })
  const ages = async () => {
    const { body } = await call(local, 'POST', `/v1/sessions/${session.id}/tokens`)
    return decodeJwt(body.jwt)['fva']
  }
  expect(await ages()).toEqual([0, -1])
  local.clock.advance(11 * 60_000)
  expect(await ages()).toEqual([11, -1])
  local.clock.advance(-60 * 60_000)
  expect(await ages()).toEqual([0, -1])
})

test('handshake_payload is not read as the id of a client', async () => {
  const local = await start()
  const response = await fetch(`${local.url}/v1/clients/handshake_payload?nonce=x`, {
    headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
  })
  expect(response.status).toBe(404)
  expect((await errorBody(response)).errors[0]).toMatchObject({
    code: 'resource_not_found',
    message: 'not found',
    long_message: expect.stringContaining('The local instance has no GET /v1/clients/handshake_payload'),
  })
})

test('a refused ticket has the error that Clerk documents', async () => {
  const local = await start()
  const body = { user_id: local.people.bob.id, expires_in_seconds: 60 }
  const { url } = (await call(local, 'POST', '/v1/sign_in_tokens', { body })).body
  const errorFrom = async (address: string) => {
    const response = await fetch(address)
    const [{ code, message, long_message: longMessage } = {}] = (await errorBody(response)).errors as any[]
    return [response.status, code, message, longMessage]
  }
  expect(await errorFrom(`${local.url}/tickets/accept?ticket=x`)).toEqual([
    400,
    'ticket_invalid_code',
    'ticket is invalid',
    "This ticket is invalid. Make sure you're using a valid ticket generated by Clerk.",
  ])
  local.clock.advance(60_000)
  expect(await errorFrom(url)).toEqual([
    400,
    'ticket_expired_code',
    'ticket has expired',
    'This ticket has expired and cannot be used anymore.',
  ])
})
