import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { clientOf } from './client.js'

const PATH = '/v1/oauth_applications'
const START = Date.UTC(2030, 0)
const REDIRECT_URI = 'https://app.example/callback'

/** An instance whose clock is stopped at the start of 2030, with an official client. */
async function startWithClient() {
  const local = await start({ now: () => START })
  return { local, ...clientOf(local) }
}

const notFound = { status: 404, errors: [{ code: 'resource_not_found' }] }

describe('OAuth applications', () => {
  test('are created with a secret, which is not shown again', async () => {
    const { local, oauthApplications } = await startWithClient()
    const { clientSecret, ...created } = await oauthApplications.create({
      name: 'Reports',
      redirectUris: [REDIRECT_URI, 'reports://callback'],
      scopes: 'profile email public_metadata',
    })
    expect(clientSecret).toMatch(/^\w{32}$/)
    expect(created).toEqual({
      id: expect.stringMatching(/^oa_\w{27}$/),
      instanceId: local.kid,
      name: 'Reports',
      clientId: expect.stringMatching(/^client_\w{27}$/),
      clientUri: null,
      clientImageUrl: null,
      dynamicallyRegistered: false,
      consentScreenEnabled: true,
      pkceRequired: false,
      isPublic: false,
      scopes: 'profile email public_metadata',
      redirectUris: [REDIRECT_URI, 'reports://callback'],
      authorizeUrl: `${local.url}/oauth/authorize`,
      tokenFetchUrl: `${local.url}/oauth/token`,
      userInfoUrl: `${local.url}/oauth/userinfo`,
      discoveryUrl: `${local.url}/.well-known/openid-configuration`,
      tokenIntrospectionUrl: `${local.url}/oauth/token_info`,
      createdAt: START,
      updatedAt: START,
    })
    expect(await oauthApplications.get(created.id)).toEqual({ ...created, clientSecret: undefined })
  })

  test('of the seed have the client ids of tokens', async () => {
    const { local, oauthApplications } = await startWithClient()
    const { data, totalCount } = await oauthApplications.list({ orderBy: '+created_at' })
    expect(totalCount).toBe(2)
    expect(data.map(({ clientId }) => clientId)).toEqual([local.clients.cli.id, local.clients.partner.id])
    expect(data[0]).toMatchObject({
      isPublic: true,
      scopes: 'openid profile email offline_access user:org:read',
      redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    })
    expect(data[1]).toMatchObject({ isPublic: false, redirectUris: ['http://localhost:3000/callback'] })
  })

  test('can be granted tokens as soon as they are created', async () => {
    const { local, oauthApplications, idPOAuthAccessToken } = await startWithClient()
    const { clientId } = await oauthApplications.create({ name: 'Reports' })
    expect(local.clients).toHaveProperty('Reports', { name: 'Reports', id: clientId })
    const token = await local.oauthToken({ client: 'Reports', format: 'opaque' })
    expect(await idPOAuthAccessToken.verify(token)).toMatchObject({ clientId, subject: local.people.alice.id })
  })

  test('with the name of an older one are available by id', async () => {
    const { local, oauthApplications, idPOAuthAccessToken } = await startWithClient()
    const { id, clientId } = await oauthApplications.create({ name: 'cli' })
    expect(local.clients).toMatchObject({ cli: { name: 'Command line' }, [id]: { name: 'cli', id: clientId } })
    const token = await local.oauthToken({ client: id, format: 'opaque' })
    expect(await idPOAuthAccessToken.verify(token)).toMatchObject({ clientId })
  })

  test('are listed newest first, in pages, and found by a part of the name or the client id', async () => {
    const { oauthApplications } = await startWithClient()
    const { clientId } = await oauthApplications.create({ name: 'Reports' })
    await oauthApplications.create({ name: 'Archive' })
    const namesOf = async (params: Parameters<typeof oauthApplications.list>[0]) => {
      const { data, totalCount } = await oauthApplications.list(params)
      return [totalCount, ...data.map(({ name }) => name)]
    }
    expect(await namesOf({ limit: 2 })).toEqual([4, 'Archive', 'Reports'])
    expect(await namesOf({ limit: 1, offset: 1 })).toEqual([4, 'Reports'])
    expect((await namesOf({ orderBy: 'name' }))[1]).toBe('Archive')
    expect(await namesOf({ nameQuery: 'rEPo' })).toEqual([1, 'Reports'])
    expect(await namesOf({ nameQuery: clientId })).toEqual([1, 'Reports'])
    expect(await namesOf({ nameQuery: clientId.slice(0, 20) })).toEqual([0])
  })

  test('keep what an update omits or sets to null', async () => {
    const { local, oauthApplications } = await startWithClient()
    const { clientSecret: _, ...before } = await oauthApplications.create({
      name: 'Reports',
      redirectUris: [REDIRECT_URI],
    })
    local.clock.advance(1000)
    const update = { oauthApplicationId: before.id, name: 'Audits', redirectUris: null, scopes: null }
    const after = await oauthApplications.update(update)
    expect(after).toEqual({ ...before, name: 'Audits', updatedAt: START + 1000, clientSecret: undefined })
    const body = { consent_screen_enabled: false, pkce_required: true, scopes: 'email' }
    expect((await call(local, 'PATCH', `${PATH}/${before.id}`, { body })).body).toMatchObject({
      ...body,
      name: 'Audits',
    })
  })

  test('have their first redirect URI as the callback URL, which can also be set alone', async () => {
    const { local } = await startWithClient()
    const { body: made } = await call(local, 'POST', PATH, { body: { name: 'Reports', callback_url: REDIRECT_URI } })
    expect(made).toMatchObject({ callback_url: REDIRECT_URI, redirect_uris: [REDIRECT_URI] })
    const redirect_uris = ['app://one', 'app://two']
    const { body } = await call(local, 'PATCH', `${PATH}/${made.id}`, { body: { redirect_uris } })
    expect(body).toMatchObject({ callback_url: 'app://one', redirect_uris })
  })

  test('get another secret by rotation', async () => {
    const { oauthApplications } = await startWithClient()
    const { id, clientSecret } = await oauthApplications.create({ name: 'Reports' })
    const rotated = await oauthApplications.rotateSecret(id)
    expect(rotated.clientSecret).toMatch(/^\w{32}$/)
    expect(rotated.clientSecret).not.toBe(clientSecret)
  })

  test('have no secret while they are public', async () => {
    const { oauthApplications } = await startWithClient()
    const { id, clientSecret, isPublic } = await oauthApplications.create({ name: 'Mobile', public: true })
    expect([isPublic, clientSecret]).toEqual([true, ''])
    expect((await oauthApplications.rotateSecret(id)).clientSecret).toBe('')
    await oauthApplications.update({ oauthApplicationId: id, name: 'Mobile', public: false })
    expect((await oauthApplications.rotateSecret(id)).clientSecret).toMatch(/^\w{32}$/)
  })

  test('lose all tokens when they are deleted', async () => {
    const { local, oauthApplications, idPOAuthAccessToken } = await startWithClient()
    const opaque = await local.oauthToken({ client: 'cli', format: 'opaque' })
    const jwt = await local.oauthToken({ client: 'cli' })
    const ofOther = await local.oauthToken({ client: 'partner', format: 'opaque' })
    const { data } = await oauthApplications.list({ nameQuery: local.clients.cli.id })
    const { id } = data[0]!
    expect(await oauthApplications.delete(id)).toMatchObject({ object: 'oauth_application', id, deleted: true })

    for (const token of [opaque, jwt]) await expect(idPOAuthAccessToken.verify(token)).rejects.toMatchObject(notFound)
    expect((await idPOAuthAccessToken.verify(ofOther)).clientId).toBe(local.clients.partner.id)
    await expect(local.oauthToken({ client: 'cli' })).rejects.toThrow('there is no client "cli"')
    await expect(oauthApplications.get(id)).rejects.toMatchObject(notFound)
  })

  test.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/rotate_secret'],
  ])('answer 404 to %s …%s of one that does not exist', async (method, verb) => {
    const answer = await call(await start(), method, `${PATH}/oa_unknown${verb}`)
    expect(answer).toMatchObject({ status: 404, code: 'resource_not_found' })
  })

  test.each<[object, string, string]>([
    [{ name: 'Reports', callback_url: 'callback' }, 'form_param_format_invalid', 'callback_url'],
    [{ name: 'Reports', redirect_uris: [REDIRECT_URI, '/'] }, 'form_param_format_invalid', 'redirect_uris.1'],
    [{ name: 'Reports', scopes: ['email'] }, 'form_param_type_invalid', 'scopes'],
    [{ name: 'Reports', scopes: 'x'.repeat(1025) }, 'form_param_max_length_exceeded', 'scopes'],
    [{ name: 'x'.repeat(257) }, 'form_param_max_length_exceeded', 'name'],
  ])('are not created from %j', async (body, code, param_name) => {
    const answer = await call(await start(), 'POST', PATH, { body })
    expect(answer).toMatchObject({ status: 422, code, body: { errors: [{ meta: { param_name } }] } })
  })
})
