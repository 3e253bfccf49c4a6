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

  test('are listed newest first, as an array or as a page', async () => {
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

  test('expire by the clock of the instance, and then give no tokens', async () => {
    const local = await start()
    const { body } = await createSession(local)
    local.clock.advance(604_800_000)
    expect((await call(local, 'GET', `/v1/sessions/${body.id}`)).body.status).toBe('expired')
    expect(await call(local, 'POST', `/v1/sessions/${body.id}/tokens`)).toMatchObject({ status: 404 })
    expect((await call(local, 'POST', `/v1/sessions/${body.id}/revoke`)).body.status).toBe('expired')
  })

  test('have a task to do when a token says that they are pending', async () => {
    const local = await start()
    const { sid } = decodeJwt(await local.sessionToken({ status: 'pending' }))
    const { body } = await call(local, 'GET', `/v1/sessions/${String(sid)}`)
    expect(body).toMatchObject({ status: 'pending', tasks: [{ key: 'choose-organization' }] })
    const { jwt } = (await call(local, 'POST', `/v1/sessions/${String(sid)}/tokens`)).body
    expect(decodeJwt(jwt)['sts']).toBe('pending')
  })

  test('of somebody who was put where they are no member give tokens without an organization', async () => {
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
    ['POST', '/sessions/<session>/tokens/none', undefined, 404, 'resource_not_found'],
    ['GET', `/clients/${UNKNOWN}`, undefined, 404, 'resource_not_found'],
    ['POST', '/clients/verify', {}, 422, 'form_param_missing'],
    ['POST', '/clients/verify', { token: 'x', a: 1 }, 422, 'form_param_unknown'],
    ['POST', '/clients/verify', { token: 'a.b.c' }, 400, 'cookie_invalid'],
    ['POST', '/clients/verify', { token: 'nonsense' }, 400, 'cookie_invalid'],
  ])('answer %s %s with %j by %i %s', async (method, path, body, status, code) => {
    const local = await start()
    const { body: session } = await createSession(local)
    expect(await call(local, method, `/v1${path.replace('<session>', session.id)}`, { body })).toMatchObject({
      status,
      code,
    })
  })

  test('are not begun in an organization of others', async () => {
    const local = await start()
    const answer = await createSession(local, { active_organization_id: local.organizations.globex.id })
    expect(answer).toMatchObject({ status: 422, code: 'form_resource_not_found' })
  })

  test('do not take a session token for a client', async () => {
    const local = await start()
    const answer = await call(local, 'POST', '/v1/clients/verify', { body: { token: await local.sessionToken() } })
    expect(answer).toMatchObject({ status: 400, code: 'cookie_invalid' })
    expect(answer.text).toBe('The token is missing the following claims: id, rotating_token')
  })
})

describe('refreshing a session', () => {
  async function refresh(local: LocalClerk, input: SessionTokenInput, changes: object = {}, id?: string) {
    const { session: expired, refresh: refreshToken } = await local.cookies({ ttlInSeconds: -10, ...input })
    const body = { expired_token: expired, refresh_token: refreshToken, request_origin: ORIGIN, ...changes }
    const sid = id ?? decodeJwt((await local.cookies()).session)['sid']
    return call(local, 'POST', `/v1/sessions/${String(sid)}/refresh`, { body })
  }

  test.each<[string, SessionTokenInput, object, string]>([
    ['expired_token', {}, { expired_token: undefined }, 'form_param_missing'],
    ['unknown fields', {}, { more: 1 }, 'form_param_unknown'],
    ['the origin', {}, { request_origin: 'localhost' }, 'refresh_request_origin_invalid'],
    ['a path after the origin', {}, { request_origin: `${ORIGIN}/a` }, 'refresh_request_origin_invalid'],
    ['the signature', {}, { expired_token: 'a.b.c' }, 'expired_session_token_invalid'],
    ['the class of the token', { header: { cat: 'cl_B7d4PD222AAA' } }, {}, 'session_refresh_session_token_ineligible'],
    ['a token without azp', { azp: null }, {}, 'expired_session_token_missing_azp'],
    ['another azp', { azp: 'https://evil.example' }, {}, 'refresh_request_origin_azp_mismatch'],
    ['a token without sid', { claims: { sid: undefined } }, {}, 'expired_session_token_missing_sid'],
    ['a token of another session', { user: 'bob' }, {}, 'refresh_sid_mismatch'],
    ['another refresh token', {}, { refresh_token: 'x' }, 'refresh_token_not_found'],
    ['a token without iat', { claims: { iat: undefined } }, {}, 'session_refresh_expired_session_token_missing_iat'],
    ['a wrong iat', { claims: { iat: 'x' } }, {}, 'session_refresh_cannot_determine_session_token_age'],
    ['an old token', { claims: { iat: 0 } }, {}, 'session_refresh_expired_session_token_too_old'],
  ])('looks at %s', async (_, input, changes, code) => {
    expect(await refresh(await start(), input, changes)).toMatchObject({ status: 401, code })
  })

  test('needs a session that is there and alive', async () => {
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

  test('works once with a token', async () => {
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
  ])('are not made from %j', async (body, status, code) => {
    expect(await create(await start(), body)).toMatchObject({ status, code })
  })

  test('sign by a secret of their own, which nobody is shown', async () => {
    const local = await start()
    const key = 'a secret of at least thirty-two octets'
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

  test('sign by a private key of their own', async () => {
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

  test('know the organization and the actor that a token is minted for', async () => {
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
  ])('answer %s %s with %j by %i', async (method, path, body, status) => {
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
    ['of nobody', { user_id: 'user_x' }, 404, 'resource_not_found'],
    ['with more', { more: 1 }, 422, 'form_param_unknown'],
    ['without time', { expires_in_seconds: 0 }, 422, 'form_param_value_invalid'],
  ])('are not made %s', async (_, body, status, code) => {
    expect(await actorToken(await start(), body)).toMatchObject({ status, code })
  })

  test.each<[string, object, number, string]>([
    ['of nobody', { user_id: 'user_x' }, 404, 'resource_not_found'],
    ['into an organization of others', { org_id: 'org_x' }, 404, 'resource_not_found'],
    ['without time', { expires_in_seconds: 0 }, 422, 'form_param_value_invalid'],
  ])('do not sign in %s', async (_, more, status, code) => {
    const local = await start()
    const body = { user_id: local.people.carol.id, ...more }
    expect(await call(local, 'POST', '/v1/sign_in_tokens', { body })).toMatchObject({ status, code })
  })

  test('are accepted once, in time, and unless they are revoked', async () => {
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

  test('are revoked as what they are', async () => {
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

  test('say how long the session lasts', async () => {
    const local = await start()
    const { body } = await actorToken(local, { session_max_duration_in_seconds: 60 })
    const session = (await (await fetch(body.url)).json()) as { id: string }
    local.clock.advance(60_000)
    expect((await call(local, 'GET', `/v1/sessions/${session.id}`)).body.status).toBe('expired')
  })
})
