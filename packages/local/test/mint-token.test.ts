import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { post, start } from './start.js'

const JSON_TYPE = { 'content-type': 'application/json' }

function mint(local: LocalClerk, body: string, headers: Record<string, string> = JSON_TYPE) {
  return post(`${local.url}/_local/tokens/session`, headers, body)
}

describe('POST /_local/tokens/session', () => {
  test('returns what sessionToken() would mint', async () => {
    const local = await start()
    const { status, body } = await mint(local, '{"user":"bob","org":null,"ttlInSeconds":28800}')
    const claims = decodeJwt((JSON.parse(body) as { token: string }).token)
    expect(status).toBe(200)
    expect(claims).toMatchObject({ sub: local.people.bob.id, pla: 'u:free' })
    expect(claims.exp! - claims.iat!).toBe(28_800)
  })

  test.each([
    ['an unknown person', '{"user":"eve"}', 422, 'there is no user \\"eve\\"'],
    ['a field of the wrong type', '{"user":5}', 422, '\\"user\\" of sessionToken() must be a string'],
    ['an unknown field', '{"__proto__":{}}', 422, 'has no \\"__proto__\\"'],
    ['an array', '[]', 422, 'sessionToken() takes an object'],
    ['null', 'null', 422, 'sessionToken() takes an object'],
    ['invalid JSON', '{', 400, 'request_body_invalid'],
    ['an empty body', '', 400, 'request_body_invalid'],
    ['more than 64 KiB', ' '.repeat(64 * 1024 + 1), 413, 'request_body_too_large'],
  ])('refuses %s', async (_, body, status, message) => {
    const answer = await mint(await start(), body)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(message)
  })

  test('allows no other method', async () => {
    const local = await start()
    expect((await fetch(`${local.url}/_local/tokens/session`)).status).toBe(405)
    expect((await fetch(`${local.url}/_local/tokens/session`, { method: 'OPTIONS' })).status).toBe(405)
  })
})

describe('other endpoints under /_local/tokens', () => {
  test.each([
    ['m2m', '{"from":"worker"}', /^mt_/],
    ['oauth', '{"format":"opaque"}', /^oat_/],
    ['api-key', '{}', /^ak_/],
  ])(
    '%s mints a token, and refuses foreign pages, other content types and unknown fields',
    async (kind, body, form) => {
      const { url } = await start()
      const path = `${url}/_local/tokens/${kind}`
      const { token } = JSON.parse((await post(path, JSON_TYPE, body)).body) as { token: string }
      expect(token).toMatch(form)
      expect((await post(path, { ...JSON_TYPE, origin: 'https://evil.example' }, body)).status).toBe(403)
      expect((await post(path, { ...JSON_TYPE, host: 'evil.example' }, body)).status).toBe(403)
      expect((await post(path, { 'content-type': 'text/plain' }, body)).status).toBe(415)
      expect((await post(path, JSON_TYPE, '{"nothing":1}')).status).toBe(422)
    },
  )
})
