import { describe, expect, test } from 'vitest'
import type { ExplainInput, ExplanationView } from '../src/control/explain-api.js'
import type { LocalClerk } from '../src/index.js'
import { errorBody, start } from './start.js'

function send({ url }: Pick<LocalClerk, 'url'>, input: unknown, headers = { 'content-type': 'application/json' }) {
  return fetch(`${url}/_local/explain`, { method: 'POST', headers, body: JSON.stringify(input) })
}

async function explain(local: Pick<LocalClerk, 'url'>, input: ExplainInput): Promise<ExplanationView> {
  const response = await send(local, input)
  const text = await response.text()
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const { token = '' } = input
  for (const secret of [token, token.split('.').at(-1)!]) expect(text).not.toContain(secret)
  return JSON.parse(text) as ExplanationView
}

describe('/_local/explain', () => {
  test('returns kind, claims, lifetime and verdict of a token', async () => {
    const local = await start()
    const token = await local.sessionToken({ user: 'bob', ttlInSeconds: 3600 })
    const view = await explain(local, { token })
    expect(view).toMatchObject({
      title: 'Session token (JWT)',
      form: 'jwt',
      kind: 'session_token',
      header: { alg: 'ES256', kid: local.kid },
      claims: { sub: local.people.bob.id, iss: local.url },
      verdict: { outcome: 'accepted' },
    })
    expect(view.state).toMatch(/^It is valid for another (1 h|59 min \d+ s)\. Its lifetime is 1 h\.$/)
  })

  test.each([
    ['expired', 401, 'token-expired', (local: LocalClerk) => local.sessionToken({ ttlInSeconds: -60 })],
    ['of another kind', 401, 'token-type-mismatch', (local: LocalClerk) => local.m2mToken({ format: 'jwt' })],
    [
      'tampered with',
      401,
      'token-invalid-signature',
      async (local: LocalClerk) => tampered(await local.sessionToken()),
    ],
    ['of another instance', 401, 'jwk-kid-mismatch', async () => (await start()).sessionToken()],
    ['cut off', 401, 'token-malformed', async (local: LocalClerk) => (await local.sessionToken()).slice(0, 60)],
    ['nonsense', 401, 'token-malformed', async () => 'nonsense-that-is-not-a-token'],
    ['two words', 400, 'credentials-malformed', async () => 'one two-and-more'],
    ['too large', 401, 'token-too-large', async () => 'x'.repeat(9000)],
  ])('refuses a token that is %s as %i %s', async (_, status, code, mint) => {
    const local = await start()
    const { verdict } = await explain(local, { token: await mint(local) })
    expect(verdict).toMatchObject({ outcome: 'refused', status, code })
  })

  test('uses the keys that are published now', async () => {
    const local = await start()
    const token = await local.sessionToken()
    await local.rotateKeys({ overlap: false })
    expect((await explain(local, { token })).verdict).toMatchObject({ code: 'jwk-kid-mismatch' })
  })

  test('accepts opaque tokens until they are revoked', async () => {
    const local = await start()
    const token = await local.apiKey({ scopes: ['a'] })
    const input = { token, acceptsToken: 'any' } as const
    const view = await explain(local, input)
    expect(view).toMatchObject({
      title: 'API key (opaque)',
      verdict: { outcome: 'accepted' },
      record: { scopes: ['a'] },
    })
    expect(view.state).toBe('It does not expire.')
    await local.revoke(token)
    expect((await explain(local, input)).verdict).toMatchObject({ outcome: 'refused', code: 'token-not-found' })
    expect((await explain(local, { ...input, token: `ak_${'x'.repeat(42)}` })).verdict).toMatchObject({
      code: 'token-not-found',
    })
  })

  test.each<[string, object, ExplainInput, string | undefined]>([
    ['another kind', {}, { acceptsToken: 'm2m_token' }, 'token-type-mismatch'],
    ['one of several kinds', {}, { acceptsToken: ['api_key', 'session_token'] }, undefined],
    ['another issuer', {}, { issuer: 'https://other.example' }, 'token-invalid-issuer'],
    ['another audience', {}, { audience: 'other' }, 'token-invalid-audience'],
    [
      'other authorized parties',
      {},
      { authorizedParties: ['https://other.example'] },
      'token-invalid-authorized-parties',
    ],
    ['its authorized party', {}, { authorizedParties: 'http://localhost:3000' }, undefined],
    ['no azp, allowed', { azp: null }, { authorizedParties: 'http://x', missingAzp: 'allow' }, undefined],
    ['no azp', { azp: null }, { authorizedParties: 'http://x' }, 'token-invalid-authorized-parties'],
    ['a pending session', { status: 'pending' }, {}, 'session-pending'],
    ['a pending session, allowed', { status: 'pending' }, { treatPendingAsSignedOut: false }, undefined],
    ['production', {}, { production: true }, 'token-invalid-issuer'],
    ['production, without a kid', { header: { kid: undefined } }, { production: true }, 'token-invalid-issuer'],
    ['clock skew', { ttlInSeconds: -20 }, { clockSkewInMs: 60_000 }, undefined],
    ['a later time', {}, { now: '2040-01-01T00:00:00Z' }, 'token-expired'],
    ['a time in milliseconds', {}, { now: 0 }, 'token-not-active-yet'],
  ])('judges like an API with %s', async (_, minting, options, code) => {
    const local = await start()
    const { verdict } = await explain(local, { token: await local.sessionToken(minting), ...options })
    expect(verdict).toMatchObject(code === undefined ? { outcome: 'accepted' } : { outcome: 'refused', code })
  })

  test('judges at a time in milliseconds, like an API then', async () => {
    const local = await start()
    const token = await local.sessionToken()
    const now = local.clock.now()
    expect((await explain(local, { token, now })).verdict).toEqual({ outcome: 'accepted' })
    expect((await explain(local, { token, now: now + 120_000 })).verdict).toMatchObject({ code: 'token-expired' })
  })

  test('assumes the machine in env, unless machineId is set', async () => {
    const local = await start()
    const token = await local.m2mToken({ format: 'jwt' })
    const input = { token, acceptsToken: 'm2m_token' } as const
    expect((await explain(local, input)).verdict).toEqual({ outcome: 'accepted' })
    expect((await explain(local, { ...input, machineId: local.machines.billing.id })).verdict).toMatchObject({
      code: 'machine-out-of-scope',
    })
  })

  test('suggests options of the API, not of the command line', async () => {
    const local = await start()
    const { verdict } = await explain(local, { token: await local.apiKey() })
    expect(verdict).toMatchObject({
      code: 'token-type-mismatch',
      remedy: 'Send a token of a kind that the API accepts, or make it accept this kind: acceptsToken.',
    })
  })

  test.each([
    ['with its scheme', (token: string) => `Bearer ${token}`],
    ['as a complete header', (token: string) => `Authorization: bearer ${token}\r\n`],
  ])('accepts a token %s', async (_, form) => {
    const local = await start()
    const response = await send(local, { token: form(await local.sessionToken()) })
    expect(await response.json()).toMatchObject({ verdict: { outcome: 'accepted' } })
  })

  test.each([
    [{}, 'explaining requires a "token"'],
    [{ token: ' \n ' }, 'explaining requires a "token"'],
    [{ token: 5 }, '"token" of explaining must be a string'],
    [{ token: 'x', accepts: 'any' }, 'explaining has no "accepts", only token, acceptsToken'],
    [{ token: 'x', acceptsToken: 'jwt' }, '"acceptsToken" of explaining must be any, or one or more of session_token'],
    [{ token: 'x', acceptsToken: [] }, '"acceptsToken" of explaining must be any, or one or more of session_token'],
    [{ token: 'x', now: 'tomorrow' }, '"now" of explaining must be milliseconds since the epoch, or a time such as'],
    [{ token: 'x', now: 9e15 }, '"now" of explaining must be milliseconds since the epoch, or a time such as'],
    [{ token: 'x', clockSkewInMs: -1 }, '"clockSkewInMs" of explaining must be a finite, non-negative number'],
    [[], 'explaining takes an object'],
  ])('refuses %j', async (input, message) => {
    const response = await send(await start(), input)
    expect(response.status).toBe(422)
    expect((await errorBody(response)).errors[0]?.long_message).toContain(message)
  })

  test('refuses other content types than JSON', async () => {
    expect((await send(await start(), { token: 'x' }, { 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('is not counted as a call, and not listed among the last requests', async () => {
    const local = await start()
    await explain(local, { token: await local.apiKey(), acceptsToken: 'any' })
    expect(local.calls('verifyApiKey')).toBe(0)
    expect(await (await fetch(`${local.url}/_local/calls`)).json()).toEqual({ calls: {}, requests: [] })
  })
})

function tampered(token: string): string {
  const [header, , signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'user_000000000000000000000000000' }))
  return [header, forged.toString('base64url'), signature].join('.')
}
