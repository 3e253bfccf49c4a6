import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { authorization } from '../src/index.js'
import { FRAMEWORKS, factsOf, startWithOfficialApps, type ROUTES } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
afterEach(() => local.reset())

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { send } = apps[framework]

  test('reads every field of an opaque M2M token, verified with a machine secret', async () => {
    const { worker, api } = local.machines
    const token = await local.m2mToken({ from: 'worker', claims: { job: 7 } })
    const outcome = await send('/m2m', authorization(token))
    expect(outcome.status).toBe(200)
    expect(factsOf(outcome)).toStrictEqual({
      isAuthenticated: true,
      tokenType: 'm2m_token',
      id: expect.stringMatching(/^mt_[0-9a-f]{32}$/),
      subject: worker.id,
      machineId: worker.id,
      scopes: [api.id],
      claims: { job: 7 },
    })
    expect([await outcome.auth?.getToken(), outcome.auth?.has({ role: 'org:admin' })]).toEqual([token, false])
    expect(local.calls('verifyM2MToken')).toBe(1)
    expect(local.calls('GetJWKS')).toBe(0)
  })

  test('reads every field of an M2M JWT, without a verification call', async () => {
    const { worker, api } = local.machines
    const token = await local.m2mToken({ format: 'jwt', claims: { job: 7 } })
    const outcome = await send('/m2m', authorization(token))
    expect(factsOf(outcome)).toStrictEqual({
      isAuthenticated: true,
      tokenType: 'm2m_token',
      id: decodeJwt(token).jti,
      subject: worker.id,
      machineId: worker.id,
      scopes: [api.id],
      claims: { job: 7, aud: [api.id], scopes: api.id },
    })
    expect(await outcome.auth?.getToken()).toBe(token)
    expect(local.calls('verifyM2MToken')).toBe(0)
  })

  test.each(['jwt', 'opaque'] as const)('reads every field of an OAuth access token in %s format', async (format) => {
    const { bob } = local.people
    const token = await local.oauthToken({ user: 'bob', client: 'partner', scopes: ['invoices:read', 'email'], format })
    const outcome = await send('/oauth', authorization(token))
    expect(factsOf(outcome)).toStrictEqual({
      isAuthenticated: true,
      tokenType: 'oauth_token',
      id: expect.stringMatching(/^oat_[0-9a-f]{32}$/),
      subject: bob.id,
      userId: bob.id,
      clientId: local.clients.partner.id,
      scopes: ['invoices:read', 'email'],
    })
    expect(await outcome.auth?.getToken()).toBe(token)
    expect(local.calls('verifyOAuthAccessToken')).toBe(format === 'jwt' ? 0 : 1)
  })

  test.each(['bob', 'acme'])('reads every field of an API key of %s', async (subject) => {
    const [userId, orgId] = subject === 'bob' ? [local.people.bob.id, null] : [null, local.organizations.acme.id]
    const token = await local.apiKey({ subject, scopes: ['invoices:read'], claims: { tier: 'gold' } })
    const outcome = await send('/keys', authorization(token))
    expect(factsOf(outcome)).toStrictEqual({
      isAuthenticated: true,
      tokenType: 'api_key',
      id: expect.stringMatching(/^ak_[0-9a-f]{32}$/),
      subject: userId ?? orgId,
      name: 'local',
      scopes: ['invoices:read'],
      claims: { tier: 'gold' },
      userId,
      orgId,
    })
    expect(await outcome.auth?.getToken()).toBe(token)
    expect(local.calls('verifyApiKey')).toBe(1)
  })

  const mints: Record<string, () => Promise<string>> = {
    session_token: () => local.sessionToken(),
    m2m_token: () => local.m2mToken(),
    oauth_token: () => local.oauthToken(),
    api_key: () => local.apiKey(),
  }
  const kinds = Object.keys(mints)

  test.each<[route: keyof typeof ROUTES, accepted: readonly string[]]>([
    ['/people', ['session_token']],
    ['/m2m', ['m2m_token']],
    ['/oauth', ['oauth_token']],
    ['/keys', ['api_key']],
    ['/machines', ['m2m_token', 'api_key']],
    ['/any', kinds],
  ])('accepts at %s only %j', async (route, accepted) => {
    const statuses: Record<string, number> = {}
    for (const kind of kinds) statuses[kind] = (await send(route, authorization(await mints[kind]!()))).status
    expect(statuses).toEqual(Object.fromEntries(kinds.map((kind) => [kind, accepted.includes(kind) ? 200 : 401])))
  })

  test('accepts an M2M JWT signed with a new key', async () => {
    await local.rotateKeys({ overlap: false })
    const outcome = await send('/m2m', authorization(await local.m2mToken({ format: 'jwt' })))
    expect(outcome.auth?.['machineId']).toBe(local.machines.worker.id)
  })
})
