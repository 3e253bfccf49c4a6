import { describe, expect, test } from 'vitest'
import { start } from '../start.js'

/** Calls an operation with the secret key, and returns status and first error. */
async function ask(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const local = await start()
  const response = await fetch(local.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const { errors = [] } = (await response.json()) as {
    errors?: readonly { code: string; long_message: string; meta?: { param_name: string } }[]
  }
  return [response.status, errors[0]?.code, errors[0]?.meta?.param_name, errors[0]?.long_message]
}

const ORGANIZATION = { name: 'Initech' }

describe('a body', () => {
  test.each([
    ['a missing field', {}, 422, 'form_param_missing', 'name', 'name must be included.'],
    ['null', { name: null }, 422, 'form_param_nil', 'name', 'name must not be null.'],
    ['another type', { name: 5 }, 422, 'form_param_type_invalid', 'name', '`name` must be a `string`.'],
    [
      'a fraction',
      { ...ORGANIZATION, max_allowed_memberships: 1.5 },
      422,
      'form_param_type_invalid',
      'max_allowed_memberships',
      '`max_allowed_memberships` must be a `integer`.',
    ],
    [
      'a number that is too small',
      { ...ORGANIZATION, max_allowed_memberships: -1 },
      422,
      'form_param_value_invalid',
      'max_allowed_memberships',
      'The value of max_allowed_memberships is too small',
    ],
    [
      'a string that is too long',
      { name: 'x'.repeat(257) },
      422,
      'form_param_max_length_exceeded',
      'name',
      'name should not exceed 256 characters.',
    ],
    [
      'an empty string',
      { name: '' },
      422,
      'form_param_min_length_exceeded',
      'name',
      'name must be at least 1 characters long.',
    ],
    [
      'a list as an object',
      { ...ORGANIZATION, public_metadata: [] },
      422,
      'form_param_type_invalid',
      'public_metadata',
      '`public_metadata` must be a `object`.',
    ],
    [
      'an object that is too large',
      { ...ORGANIZATION, public_metadata: { x: 'x'.repeat(9000) } },
      422,
      'form_param_exceeds_allowed_size',
      'public_metadata',
      'public_metadata exceeds the maximum allowed size of 8192 bytes.',
    ],
    [
      'a time in another format',
      { ...ORGANIZATION, created_at: 'yesterday' },
      422,
      'form_param_value_invalid',
      'created_at',
      'created_at must be a date and time in the format of RFC 3339',
    ],
    ['a list', [], 400, 'request_body_invalid'],
    ['no JSON', '{', 400, 'request_body_invalid'],
    ['JSON that nests deep', '['.repeat(300) + ']'.repeat(300), 400, 'request_body_invalid'],
  ])('with %s is refused', async (_what, body, ...refusal) => {
    expect((await ask('/v1/organizations', body)).slice(0, refusal.length)).toEqual(refusal)
  })

  test('of another content type is refused, and only a well-formed type is repeated', async () => {
    expect(await ask('/v1/organizations', 'name=x', { 'content-type': 'text/plain; charset=utf-8' })).toMatchObject([
      415,
      'unsupported_content_type',
      undefined,
      'Content-Type text/plain is unsupported. You should use application/json instead.',
    ])
  })
})

describe('a query', () => {
  test.each([
    ['limit=0', 'form_param_value_invalid', 'limit'],
    ['limit=501', 'form_param_value_too_large', 'limit'],
    ['limit=ten', 'form_param_type_invalid', 'limit'],
    ['offset=-1', 'form_param_value_invalid', 'offset'],
    ['include_members_count=yes', 'form_param_type_invalid', 'include_members_count'],
    ['order_by=plan', 'form_param_value_invalid', 'order_by'],
  ])('%s is refused', async (query, code, name) => {
    expect((await ask(`/v1/organizations?${query}`)).slice(0, 3)).toEqual([422, code, name])
  })

  test('with too many values of a parameter is refused', async () => {
    const query = Array.from({ length: 101 }, (_, i) => `user_id=${i}`).join('&')
    expect((await ask(`/v1/organizations?${query}`))[1]).toBe('form_param_array_size_exceeded')
  })

  test('with a parameter that the operation does not have is answered', async () => {
    expect((await ask('/v1/organizations?unknown=1'))[0]).toBe(200)
  })
})
