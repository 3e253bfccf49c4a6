import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { post, start } from './start.js'

const JSON_TYPE = { 'content-type': 'application/json' }

function mint(local: LocalClerk, body: string, headers: Record<string, string> = JSON_TYPE) {
  return post(`${local.url}/_local/tokens/session`, headers, body)
}

describe('POST /_local/tokens/session', () => {
  test('hands out what sessionToken() would mint', async () => {
    const local = await start()
    const { status, body } = await mint(local, '{"user":"bob","org":null,"ttlInSeconds":28800}')
    const claims = decodeJwt((JSON.parse(body) as { token: string }).token)
    expect(status).toBe(200)
    expect(claims).toMatchObject({ sub: local.people.bob.id, pla: 'u:free' })
    expect(claims.exp! - claims.iat!).toBe(28_800)
  })

  test('takes any loopback name for its own', async () => {
    const local = await start()
    for (const host of ['localhost:4010', '127.0.0.1', '[::1]:4010', 'LOCALHOST'])
      expect((await mint(local, '{}', { ...JSON_TYPE, host })).status).toBe(200)
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['a name that was rebound to loopback', { ...JSON_TYPE, host: 'evil.example:4010' }, 403, 'authorization_invalid'],
    [
      'a name that begins like loopback',
      { ...JSON_TYPE, host: '127.0.0.1.evil.example' },
      403,
      'authorization_invalid',
    ],
    ['a page of another site', { ...JSON_TYPE, origin: 'https://evil.example' }, 403, 'authorization_invalid'],
    ['a page of an unknown site', { ...JSON_TYPE, origin: 'null' }, 403, 'authorization_invalid'],
    ['a form', { 'content-type': 'text/plain' }, 415, 'unsupported_content_type'],
    ['no content type', {}, 415, 'unsupported_content_type'],
  ])('gives nothing to %s', async (_, headers, status, code) => {
    const answer = await mint(await start(), '{"user":"alice"}', headers)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(code)
    expect(answer.body).not.toContain('token"')
  })

  test.each([
    ['an unknown person', '{"user":"eve"}', 422, 'there is no user \\"eve\\"'],
    ['a field of the wrong type', '{"user":5}', 422, '\\"user\\" of sessionToken() must be a string'],
    ['an unknown field', '{"__proto__":{}}', 422, 'has no \\"__proto__\\"'],
    ['what is not an object', '[]', 422, 'sessionToken() takes an object'],
    ['null', 'null', 422, 'sessionToken() takes an object'],
    ['what is not JSON', '{', 400, 'request_body_invalid'],
    ['nothing', '', 400, 'request_body_invalid'],
    ['more than 64 KiB', ' '.repeat(64 * 1024 + 1), 413, 'request_body_too_large'],
  ])('refuses %s', async (_, body, status, text) => {
    const answer = await mint(await start(), body)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(text)
  })

  test('is no page to look at', async () => {
    const local = await start()
    expect((await fetch(`${local.url}/_local/tokens/session`)).status).toBe(405)
    expect((await fetch(`${local.url}/_local/tokens/session`, { method: 'OPTIONS' })).status).toBe(405)
  })
})

describe('the other addresses under /_local/tokens', () => {
  test.each([
    ['m2m', '{"from":"worker"}', /^mt_/],
    ['oauth', '{"format":"opaque"}', /^oat_/],
    ['api-key', '{}', /^ak_/],
  ])('%s is guarded the same way', async (kind, body, form) => {
    const { url } = await start()
    const path = `${url}/_local/tokens/${kind}`
    const { token } = JSON.parse((await post(path, JSON_TYPE, body)).body) as { token: string }
    expect(token).toMatch(form)
    expect((await post(path, { ...JSON_TYPE, origin: 'https://evil.example' }, body)).status).toBe(403)
    expect((await post(path, { ...JSON_TYPE, host: 'evil.example' }, body)).status).toBe(403)
    expect((await post(path, { 'content-type': 'text/plain' }, body)).status).toBe(415)
    expect((await post(path, JSON_TYPE, '{"nothing":1}')).status).toBe(422)
  })
})
