import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { authorization } from '../src/index.js'
import { FRAMEWORKS, factsOf, startWithOfficialApps } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
afterEach(() => local.reset())

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { ask } = apps[framework]

  test('reads all that a session token says', async () => {
    const { alice } = local.people
    const { acme } = local.organizations
    const token = await local.sessionToken()
    const met = await ask('/people', authorization(token))
    expect(met.status).toBe(200)
    expect(factsOf(met)).toStrictEqual({
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
    expect(met.auth?.debug()).toBeTypeOf('object')
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
  ])('answers has(%j) with %s', async (asked, answer) => {
    const { auth } = await ask('/people', authorization(await local.sessionToken()))
    expect(auth?.has(asked)).toBe(answer)
  })

  test('says of a first factor of long ago that it is to be verified again', async () => {
    const headers = await local.as('alice', { factorVerificationAge: [61, -1] })
    const { auth } = await ask('/people', headers)
    expect(auth?.['factorVerificationAge']).toEqual([61, -1])
    expect(auth?.has({ reverification: 'moderate' })).toBe(false)
    expect(auth?.has({ reverification: 'lax' })).toBe(true)
  })

  test('gives the token on, and another by a template', async () => {
    const token = await local.sessionToken({ user: 'bob' })
    const { auth } = await ask('/people', authorization(token))
    expect(await auth?.getToken()).toBe(token)
    const byTemplate = await auth?.getToken({ template: 'api' })
    expect(decodeJwt(byTemplate ?? '')).toMatchObject({ sub: local.people.bob.id, iss: local.url })
    expect(local.calls('CreateSessionTokenFromTemplate')).toBe(1)
  })

  test('reads that somebody is in no organization', async () => {
    const met = await ask('/people', await local.as('dave'))
    expect(factsOf(met)).toMatchObject({ isAuthenticated: true, userId: local.people.dave.id })
    for (const field of ['orgId', 'orgRole', 'orgSlug', 'orgPermissions']) expect(met.auth?.[field]).toBeUndefined()
    expect(met.auth?.has({ role: 'org:admin' })).toBe(false)
  })

  test('reads the claims of before April 2025', async () => {
    const met = await ask('/people', await local.as('bob', { version: 1 }))
    expect(factsOf(met)).toMatchObject({
      isAuthenticated: true,
      userId: local.people.bob.id,
      sessionStatus: null,
      orgId: local.organizations.acme.id,
      orgRole: 'org:member',
      orgSlug: 'acme',
      orgPermissions: ['org:invoices:read'],
    })
  })

  test('reads who acts as somebody', async () => {
    const met = await ask('/people', await local.as('alice', { actor: 'carol' }))
    expect(factsOf(met)).toMatchObject({ userId: local.people.alice.id, actor: { sub: local.people.carol.id } })
  })

  test('takes whoever has a task to do for signed out, unless told otherwise', async () => {
    const headers = await local.as('alice', { status: 'pending' })
    const met = await ask('/people', headers)
    expect([met.status, factsOf(met)]).toMatchObject([401, { userId: null, sessionStatus: 'pending' }])
    const { status, auth } = await ask('/pending', headers)
    // Clerk's Fastify plugin has no such option.
    const expected = framework === 'Fastify' ? [401, null] : [200, local.people.alice.id]
    expect([status, auth?.['userId']]).toEqual(expected)
  })

  test('knows the session of a sign-in by an actor token', async () => {
    const { bob, carol } = local.people
    const created = await fetch(`${local.url}/v1/actor_tokens`, {
      method: 'POST',
      headers: { ...authorization(local.env.CLERK_SECRET_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: bob.id, actor: { sub: carol.id } }),
    })
    const { url } = (await created.json()) as { url: string }
    const session = (await (await fetch(url)).json()) as { id: string; last_active_token: { jwt: string } }
    const met = await ask('/people', authorization(session.last_active_token.jwt))
    expect(factsOf(met)).toMatchObject({ userId: bob.id, sessionId: session.id, actor: { sub: carol.id } })
  })

  test('asks for the key set once when there is a new key, and takes old tokens and new ones', async () => {
    const old = await local.as('alice')
    expect((await ask('/people', old)).status).toBe(200)
    const before = local.calls('GetJWKS')
    await local.rotateKeys()
    const fresh = await local.as('alice')
    for (const headers of [fresh, old, fresh]) expect((await ask('/people', headers)).status).toBe(200)
    expect(local.calls('GetJWKS')).toBe(before + 1)
  })

  test('takes a token by a key alone that replaced all others', async () => {
    await local.rotateKeys({ overlap: false })
    expect((await ask('/people', await local.as('bob'))).auth?.['userId']).toBe(local.people.bob.id)
  })
})
