import { createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk, SessionTokenInput } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'

const ORIGIN = 'http://localhost:3000'
const UNKNOWN = `sess_${'x'.repeat(27)}`

async function createSession(local: LocalClerk, body: object = {}) {
  return call(local, 'POST', '/v1/sessions', { body: { user_id: local.people.bob.id, ...body } })
}

describe('sessions of the Backend API', () => {
  test('have every field that Clerk documents', async () => {
    const local = await start({ now: () => 0 })
    const { body } = await createSession(local)
    expect(body).toEqual({
      object: 'session',
      id: expect.stringMatching(/^sess_\w{27}$/),
      user_id: local.people.bob.id,
      client_id: expect.stringMatching(/^client_\w{27}$/),
      actor: null,
      status: 'active',
      last_active_organization_id: local.organizations.acme.id,
      last_active_at: 0,
      latest_activity: null,
      expire_at: 604_800_000,
      abandon_at: 2_592_000_000,
      tasks: null,
      created_at: 0,
      updated_at: 0,
    })
  })

  test('are listed newest first, as an array or paginated', async () => {
    const local = await start()
    const { bob } = local.people
    const ids = [(await createSession(local)).body.id, (await createSession(local)).body.id].toReversed()
    const list = async (query: string) => (await call(local, 'GET', `/v1/sessions?user_id=${bob.id}${query}`)).body
    expect((await list('')).map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(await list('&paginated=true&limit=1')).toMatchObject({ total_count: 2, data: [{ id: ids[0] }] })
    await call(local, 'POST', `/v1/sessions/${ids[0]}/revoke`)
    expect(await list('&status=revoked')).toMatchObject([{ id: ids[0], status: 'revoked' }])
    const { client_id: clientId } = (await list('&status=active'))[0]
    expect((await call(local, 'GET', `/v1/sessions?client_id=${clientId}`)).body).toHaveLength(1)
  })

  test('expire by the clock of the instance, and mint no tokens after that', async () => {
    const local = await start()
    const { body } = await createSession(local)
    local.clock.advance(604_800_000)
    expect((await call(local, 'GET', `/v1/sessions/${body.id}`)).body.status).toBe('expired')
    expect(await call(local, 'POST', `/v1/sessions/${body.id}/tokens`)).toMatchObject({ status: 404 })
    expect((await call(local, 'POST', `/v1/sessions/${body.id}/revoke`)).body.status).toBe('expired')
  })

  test('have a task if pending', async () => {
    const local = await start()
    const { sid } = decodeJwt(await local.sessionToken({ status: 'pending' }))
    const { body } = await call(local, 'GET', `/v1/sessions/${String(sid)}`)
    expect(body).toMatchObject({ status: 'pending', tasks: [{ key: 'choose-organization' }] })
    const { jwt } = (await call(local, 'POST', `/v1/sessions/${String(sid)}/tokens`)).body
    expect(decodeJwt(jwt)['sts']).toBe('pending')
  })

  test('mint tokens without an organization if the user is not a member', async () => {
    const local = await start()
    const { sid } = decodeJwt(await local.sessionToken({ user: 'dave', org: 'acme', role: 'org:admin' }))
    const { status, body } = await call(local, 'POST', `/v1/sessions/${String(sid)}/tokens`)
    expect(status).toBe(200)
    expect(decodeJwt(body.jwt)).not.toHaveProperty('o')
  })

  test.each<[string, string, object | undefined, number, string]>([
    ['GET', '/sessions', undefined, 422, 'form_param_missing'],
    ['GET', '/sessions?user_id=x&status=new', undefined, 422, 'form_param_value_invalid'],
    ['POST', '/sessions', {}, 422, 'form_param_missing'],
    ['POST', '/sessions', { user_id: 'x' }, 404, 'resource_not_found'],
    ['GET', `/sessions/${UNKNOWN}`, undefined, 404, 'resource_not_found'],
    ['POST', `/sessions/${UNKNOWN}/revoke`, undefined, 404, 'resource_not_found'],
    ['POST', `/sessions/${UNKNOWN}/tokens`, undefined, 404, 'resource_not_found'],
    ['POST', `/sessions/${UNKNOWN}/tokens/api`, undefined, 404, 'resource_not_found'],
    ['POST', '/sessions/<session>/tokens', { expires_in_seconds: 29 }, 422, 'form_param_value_invalid'],
    ['POST', '/sessions/<session>/tokens', { expires_in_seconds: 315_360_001 }, 422, 'form_param_value_too_large'],
    ['POST', '/sessions/<session>/tokens/unknown', undefined, 404, 'resource_not_found'],
    ['GET', `/clients/${UNKNOWN}`, undefined, 404, 'resource_not_found'],
    ['POST', '/clients/verify', {}, 422, 'form_param_missing'],
    ['POST', '/clients/verify', { token: 'x', a: 1 }, 422, 'form_param_unknown'],
    ['POST', '/clients/verify', { token: 'a.b.c' }, 400, 'cookie_invalid'],
    ['POST', '/clients/verify', { token: 'nonsense' }, 400, 'cookie_invalid'],
  ])('refuse %s %s with %j as %i %s', async (method, path, body, status, code) => {
    const local = await start()
    const { body: session } = await createSession(local)
    expect(await call(local, method, `/v1${path.replace('<session>', session.id)}`, { body })).toMatchObject({
      status,
      code,
    })
  })

  test('cannot start in an organization without membership', async () => {
    const local = await start()
    const answer = await createSession(local, { active_organization_id: local.organizations.globex.id })
    expect(answer).toMatchObject({ status: 422, code: 'form_resource_not_found' })
  })

  test('do not accept a session token as a client token', async () => {
    const local = await start()
    const answer = await call(local, 'POST', '/v1/clients/verify', { body: { token: await local.sessionToken() } })
    expect(answer).toMatchObject({ status: 400, code: 'cookie_invalid' })
    expect(answer.text).toBe('The token is missing the following claims: id, rotating_token')
  })
})

describe('refreshing a session', () => {
  async function refresh(local: LocalClerk, input: SessionTokenInput, overrides: object = {}, id?: string) {
    const { session: expired, refresh: refreshToken } = await local.cookies({ ttlInSeconds: -10, ...input })
    const body = { expired_token: expired, refresh_token: refreshToken, request_origin: ORIGIN, ...overrides }
    const sid = id ?? decodeJwt((await local.cookies()).session)['sid']
    return call(local, 'POST', `/v1/sessions/${String(sid)}/refresh`, { body })
  }

  test.each<[string, SessionTokenInput, object, string]>([
    ['without expired_token', {}, { expired_token: undefined }, 'form_param_missing'],
    ['with unknown fields', {}, { unknown: 1 }, 'form_param_unknown'],
    ['with an invalid origin', {}, { request_origin: 'localhost' }, 'refresh_request_origin_invalid'],
    ['with a path in the origin', {}, { request_origin: `${ORIGIN}/a` }, 'refresh_request_origin_invalid'],
    ['with an invalid signature', {}, { expired_token: 'a.b.c' }, 'expired_session_token_invalid'],
    [
      'with a token of another category',
      { header: { cat: 'cl_B7d4PD222AAA' } },
      {},
      'session_refresh_session_token_ineligible',
    ],
    ['with a token without azp', { azp: null }, {}, 'expired_session_token_missing_azp'],
    ['with another azp', { azp: 'https://evil.example' }, {}, 'refresh_request_origin_azp_mismatch'],
    ['with a token without sid', { claims: { sid: undefined } }, {}, 'expired_session_token_missing_sid'],
    ['with a token of another session', { user: 'bob' }, {}, 'refresh_sid_mismatch'],
    ['with another refresh token', {}, { refresh_token: 'x' }, 'refresh_token_not_found'],
    [
      'with a token without iat',
      { claims: { iat: undefined } },
      {},
      'session_refresh_expired_session_token_missing_iat',
    ],
    ['with an invalid iat', { claims: { iat: 'x' } }, {}, 'session_refresh_cannot_determine_session_token_age'],
    ['with an old token', { claims: { iat: 0 } }, {}, 'session_refresh_expired_session_token_too_old'],
  ])('is refused %s', async (_, input, overrides, code) => {
    expect(await refresh(await start(), input, overrides)).toMatchObject({ status: 401, code })
  })

  test('needs an active session', async () => {
    const local = await start()
    const unknown = await refresh(local, { claims: { sid: UNKNOWN } }, {}, UNKNOWN)
    expect(unknown).toMatchObject({ status: 401, code: 'session_refresh_session_not_found' })

    const { session: expired, refresh: refreshToken } = await local.cookies({ ttlInSeconds: -10 })
    const path = `/v1/sessions/${String(decodeJwt(expired)['sid'])}`
    await call(local, 'POST', `${path}/revoke`)
    const body = { expired_token: expired, refresh_token: refreshToken, request_origin: ORIGIN }
    expect(await call(local, 'POST', `${path}/refresh`, { body })).toMatchObject({
      status: 401,
      code: 'session_refresh_inactive_session',
    })
  })

  test('works once per token', async () => {
    const local = await start()
    const { session: expired, refresh: refreshToken } = await local.cookies({ ttlInSeconds: -10 })
    const path = `/v1/sessions/${String(decodeJwt(expired)['sid'])}/refresh`
    const body = { expired_token: expired, refresh_token: refreshToken, request_origin: ORIGIN }
    const first = await call(local, 'POST', path, { body })
    expect(first.body.object).toBe('token')
    expect(await call(local, 'POST', path, { body })).toMatchObject({
      status: 401,
      code: 'session_refresh_expired_session_token_consumed',
    })
    expect((await call(local, 'POST', path, { body: { ...body, expired_token: first.body.jwt } })).status).toBe(200)
  })
})

describe('JWT templates of the Backend API', () => {
  const create = (local: LocalClerk, body: object) => call(local, 'POST', '/v1/jwt_templates', { body })

  test.each<[object, number, string]>([
    [{ claims: {} }, 422, 'form_param_missing'],
    [{ name: 'x' }, 422, 'form_param_missing'],
    [{ name: 'x', claims: 'x' }, 422, 'form_param_type_invalid'],
    [{ name: 'api', claims: {} }, 422, 'form_identifier_exists'],
    [{ name: 'x', claims: {}, lifetime: 29 }, 422, 'form_param_value_invalid'],
    [{ name: 'x', claims: {}, allowed_clock_skew: 301 }, 422, 'form_param_value_too_large'],
    [{ name: 'x', claims: {}, custom_signing_key: true }, 422, 'form_conditional_param_missing'],
    [
      { name: 'x', claims: {}, custom_signing_key: true, signing_algorithm: 'HS256' },
      422,
      'form_conditional_param_missing',
    ],
    [
      { name: 'x', claims: {}, custom_signing_key: true, signing_algorithm: 'none', signing_key: 'x' },
      422,
      'form_param_value_invalid',
    ],
    [
      { name: 'x', claims: {}, custom_signing_key: true, signing_algorithm: 'RS256', signing_key: 'no PEM' },
      422,
      'form_param_value_invalid',
    ],
    ...['azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub', 'sid', 'v', 'pla', 'fea'].map(
      (claim) =>
        [{ name: 'x', claims: { [claim]: 1 } }, 400, 'jwt_template_reserved_claim'] as [object, number, string],
    ),
  ])('are not created from %j', async (body, status, code) => {
    expect(await create(await start(), body)).toMatchObject({ status, code })
  })

  test('sign with a custom secret, which is not returned', async () => {
    const local = await start()
    const key = 'a secret of at least thirty-two bytes'
    const settings = { custom_signing_key: true, signing_algorithm: 'HS256', signing_key: key }
    const { body } = await create(local, { name: 'hasura', claims: { a: '{{user.id}}' }, ...settings })
    expect(body).toMatchObject({ custom_signing_key: true, signing_algorithm: 'HS256' })
    expect(JSON.stringify(body)).not.toContain(key)
    const token = await local.templateToken({ user: 'bob', template: 'hasura' })
    const [header, payload, signature] = token.split('.')
    expect(signature).toBe(createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url'))
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', cat: 'cl_B7d4PD222AAA', typ: 'JWT' })
    expect(decodeJwt(token)['a']).toBe(local.people.bob.id)
  })

  test('sign with a custom private key', async () => {
    const local = await start()
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'sec1', format: 'pem' })
    const settings = { custom_signing_key: true, signing_algorithm: 'ES256', signing_key: key }
    await create(local, { name: 'es', claims: {}, ...settings })
    const { body: session } = await createSession(local)
    const { body } = await call(local, 'POST', `/v1/sessions/${session.id}/tokens/es`, {
      body: { expires_in_seconds: 30 },
    })
    const { payload } = await jwtVerify(body.jwt, publicKey)
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(30)
  })

  test('can refer to the organization and the actor of a token', async () => {
    const local = await start()
    const claims = {
      org: '{{org.slug}}',
      all: '{{user.organizations}}',
      actor: '{{session.actor}}',
      secret: '{{user.private_metadata}}',
    }
    await create(local, { name: 'with space', claims })
    const { alice, carol } = local.people
    const token = decodeJwt(await local.templateToken({ template: 'with space', actor: 'carol' }))
    expect(token).toMatchObject({
      org: 'acme',
      all: { [local.organizations.acme.id]: 'org:admin' },
      actor: { sub: carol.id },
      secret: null,
      sub: alice.id,
    })
    expect(decodeJwt(await local.templateToken({ template: 'with space', org: null }))['org']).toBe(null)
    const { body: session } = await createSession(local)
    const { status } = await call(local, 'POST', `/v1/sessions/${session.id}/tokens/with%20space`)
    expect(status).toBe(200)
  })

  test.each<[string, string, object | undefined, number]>([
    ['GET', '/jtmp_x', undefined, 404],
    ['PATCH', '/jtmp_x', { name: 'x', claims: {} }, 404],
    ['PATCH', '/<api>', { name: 'x' }, 422],
    ['DELETE', '/jtmp_x', undefined, 404],
  ])('refuse %s %s with %j as %i', async (method, path, body, status) => {
    const local = await start()
    const [template] = (await call(local, 'GET', '/v1/jwt_templates')).body
    const answer = await call(local, method, `/v1/jwt_templates${path.replace('<api>', template.id)}`, { body })
    expect(answer.status).toBe(status)
  })
})

describe('tickets', () => {
  const actorToken = (local: LocalClerk, body: object) =>
    call(local, 'POST', '/v1/actor_tokens', {
      body: { user_id: local.people.alice.id, actor: { sub: local.people.carol.id }, ...body },
    })
  const accept = async (url: string) => {
    const response = await fetch(url)
    const body = (await response.json()) as { errors?: { code: string }[] }
    return { status: response.status, code: body.errors?.[0]?.code }
  }

  test.each<[string, object, number, string]>([
    ['without a subject', { actor: {} }, 422, 'form_param_missing'],
    ['with a number as its subject', { actor: { sub: 1 } }, 422, 'form_param_type_invalid'],
    ['without an actor', { actor: undefined }, 422, 'form_param_missing'],
    ['for an unknown user', { user_id: 'user_x' }, 404, 'resource_not_found'],
    ['with an unknown field', { unknown: 1 }, 422, 'form_param_unknown'],
    ['without a lifetime', { expires_in_seconds: 0 }, 422, 'form_param_value_invalid'],
    ['for longer than ten years', { expires_in_seconds: 1e308 }, 422, 'form_param_value_too_large'],
  ])('are not created %s', async (_, body, status, code) => {
    expect(await actorToken(await start(), body)).toMatchObject({ status, code })
  })

  test.each<[string, object, number, string]>([
    ['for an unknown user', { user_id: 'user_x' }, 404, 'resource_not_found'],
    ['for an unknown organization', { org_id: 'org_x' }, 404, 'resource_not_found'],
    ['without a lifetime', { expires_in_seconds: 0 }, 422, 'form_param_value_invalid'],
    ['for longer than ten years', { expires_in_seconds: 1e308 }, 422, 'form_param_value_too_large'],
  ])('do not sign in %s', async (_, input, status, code) => {
    const local = await start()
    const body = { user_id: local.people.carol.id, ...input }
    expect(await call(local, 'POST', '/v1/sign_in_tokens', { body })).toMatchObject({ status, code })
  })

  test('are accepted once, unless expired or revoked', async () => {
    const local = await start()
    const [used, revoked, expired] = [
      (await actorToken(local, {})).body,
      (await actorToken(local, {})).body,
      (await actorToken(local, { expires_in_seconds: 60 })).body,
    ]
    expect(await accept(used.url)).toEqual({ status: 200, code: undefined })
    expect(await accept(used.url)).toEqual({ status: 400, code: 'actor_token_already_used_code' })
    expect((await call(local, 'POST', `/v1/actor_tokens/${revoked.id}/revoke`)).body.status).toBe('revoked')
    expect(await accept(revoked.url)).toEqual({ status: 400, code: 'actor_token_revoked_code' })
    local.clock.advance(60_000)
    expect(await accept(expired.url)).toEqual({ status: 400, code: 'ticket_expired_code' })
    expect(await accept(`${local.url}/tickets/accept?ticket=x`)).toEqual({ status: 400, code: 'ticket_invalid_code' })
  })

  test('are revoked once, by the endpoint of their type', async () => {
    const local = await start()
    const { body } = await actorToken(local, {})
    expect(await call(local, 'POST', `/v1/sign_in_tokens/${body.id}/revoke`)).toMatchObject({
      status: 404,
      code: 'resource_not_found',
    })
    await call(local, 'POST', `/v1/actor_tokens/${body.id}/revoke`)
    expect(await call(local, 'POST', `/v1/actor_tokens/${body.id}/revoke`)).toMatchObject({
      status: 400,
      code: 'actor_token_cannot_be_revoked_code',
      text: 'Actor token cannot be revoked because its status is revoked. Only pending tokens can be revoked.',
    })
  })

  test('set the maximum duration of the session', async () => {
    const local = await start()
    const { body } = await actorToken(local, { session_max_duration_in_seconds: 60 })
    const session = (await (await fetch(body.url)).json()) as { id: string }
    local.clock.advance(60_000)
    expect((await call(local, 'GET', `/v1/sessions/${session.id}`)).body.status).toBe('expired')
  })
})
