import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { authorization } from '../src/index.js'
import { FRAMEWORKS, factsOf, startWithOfficialApps } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
afterEach(() => local.reset())

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { send } = apps[framework]

  test('reads every field of a session token', async () => {
    const { alice } = local.people
    const { acme } = local.organizations
    const token = await local.sessionToken()
    const outcome = await send('/people', authorization(token))
    expect(outcome.status).toBe(200)
    expect(factsOf(outcome)).toStrictEqual({
      isAuthenticated: true,
      tokenType: 'session_token',
      userId: alice.id,
      sessionId: decodeJwt(token)['sid'],
      sessionStatus: 'active',
      sessionClaims: decodeJwt(token),
      actor: undefined,
      orgId: acme.id,
      orgRole: 'org:admin',
      orgSlug: 'acme',
      orgPermissions: ['org:invoices:create', 'org:invoices:read', 'org:reports:read'],
      factorVerificationAge: [0, -1],
    })
    expect(outcome.auth?.debug()).toBeTypeOf('object')
  })

  test.each([
    [{ role: 'org:admin' }, true],
    [{ role: 'org:member' }, false],
    [{ permission: 'org:invoices:create' }, true],
    [{ permission: 'org:invoices:delete' }, false],
    [{ feature: 'org:reports' }, true],
    [{ feature: 'org:printers' }, false],
    [{ plan: 'org:pro' }, true],
    [{ plan: 'user:pro' }, false],
    [{ reverification: 'strict' }, true],
    [{ role: 'org:admin', permission: 'org:invoices:delete' }, false],
  ])('has(%j) returns %s', async (requirement, result) => {
    const { auth } = await send('/people', authorization(await local.sessionToken()))
    expect(auth?.has(requirement)).toBe(result)
  })

  test('requires reverification of an old first factor', async () => {
    const headers = await local.as('alice', { factorVerificationAge: [61, -1] })
    const { auth } = await send('/people', headers)
    expect(auth?.['factorVerificationAge']).toEqual([61, -1])
    expect(auth?.has({ reverification: 'moderate' })).toBe(false)
    expect(auth?.has({ reverification: 'lax' })).toBe(true)
  })

  test('returns the token, and a token from a template', async () => {
    const token = await local.sessionToken({ user: 'bob' })
    const { auth } = await send('/people', authorization(token))
    expect(await auth?.getToken()).toBe(token)
    const fromTemplate = await auth?.getToken({ template: 'api' })
    expect(decodeJwt(fromTemplate ?? '')).toMatchObject({ sub: local.people.bob.id, iss: local.url })
    expect(local.calls('CreateSessionTokenFromTemplate')).toBe(1)
  })

  test('reads a session without an organization', async () => {
    const outcome = await send('/people', await local.as('dave'))
    expect(factsOf(outcome)).toMatchObject({ isAuthenticated: true, userId: local.people.dave.id })
    for (const field of ['orgId', 'orgRole', 'orgSlug', 'orgPermissions']) expect(outcome.auth?.[field]).toBeUndefined()
    expect(outcome.auth?.has({ role: 'org:admin' })).toBe(false)
  })

  test('reads the claims of version 1', async () => {
    const outcome = await send('/people', await local.as('bob', { version: 1 }))
    expect(factsOf(outcome)).toMatchObject({
      isAuthenticated: true,
      userId: local.people.bob.id,
      sessionStatus: null,
      orgId: local.organizations.acme.id,
      orgRole: 'org:member',
      orgSlug: 'acme',
      orgPermissions: ['org:invoices:read'],
    })
  })

  test('reads the actor', async () => {
    const outcome = await send('/people', await local.as('alice', { actor: 'carol' }))
    expect(factsOf(outcome)).toMatchObject({ userId: local.people.alice.id, actor: { sub: local.people.carol.id } })
  })

  test('treats a pending session as signed out, unless configured otherwise', async () => {
    const headers = await local.as('alice', { status: 'pending' })
    const outcome = await send('/people', headers)
    expect([outcome.status, factsOf(outcome)]).toMatchObject([401, { userId: null, sessionStatus: 'pending' }])
    const { status, auth } = await send('/pending', headers)
    // Clerk's Fastify plugin does not have the option.
    const expected = framework === 'Fastify' ? [401, null] : [200, local.people.alice.id]
    expect([status, auth?.['userId']]).toEqual(expected)
  })

  test('accepts the session of an actor token', async () => {
    const { bob, carol } = local.people
    const created = await fetch(`${local.url}/v1/actor_tokens`, {
      method: 'POST',
      headers: { ...authorization(local.env.CLERK_SECRET_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: bob.id, actor: { sub: carol.id } }),
    })
    const { url } = (await created.json()) as { url: string }
    const session = (await (await fetch(url)).json()) as { id: string; last_active_token: { jwt: string } }
    const outcome = await send('/people', authorization(session.last_active_token.jwt))
    expect(factsOf(outcome)).toMatchObject({ userId: bob.id, sessionId: session.id, actor: { sub: carol.id } })
  })

  test('fetches the key set once for a new key, and accepts tokens of both keys', async () => {
    const oldHeaders = await local.as('alice')
    expect((await send('/people', oldHeaders)).status).toBe(200)
    const before = local.calls('GetJWKS')
    await local.rotateKeys()
    const newHeaders = await local.as('alice')
    for (const headers of [newHeaders, oldHeaders, newHeaders])
      expect((await send('/people', headers)).status).toBe(200)
    expect(local.calls('GetJWKS')).toBe(before + 1)
  })

  test('accepts a token signed with a key that replaced all others', async () => {
    await local.rotateKeys({ overlap: false })
    expect((await send('/people', await local.as('bob'))).auth?.['userId']).toBe(local.people.bob.id)
  })
})
