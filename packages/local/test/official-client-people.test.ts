import { createClerkClient } from '@clerk/backend'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { keysOf } from './tokens.js'

const START = Date.UTC(2030, 0)

/** An instance whose clock is stopped at the start of 2030, with an official client. */
async function startWithClient() {
  const local = await start({ algorithm: 'RS256', now: () => START })
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  return { local, clerk: createClerkClient({ secretKey, apiUrl }) }
}

async function claimsOf(local: LocalClerk, jwt: string) {
  const { payload } = await jwtVerify(jwt, createRemoteJWKSet(keysOf(local)), { currentDate: new Date(START) })
  return payload
}

describe('createClerkClient of @clerk/backend', () => {
  test('creates, reads, updates and deletes a user', async () => {
    const { local, clerk } = await startWithClient()
    const created = await clerk.users.createUser({
      emailAddress: ['Eve@acme.example', 'eve@home.example'],
      emailAddressIdentificationStatus: ['verified', 'reserved'],
      phoneNumber: ['+31 20 1234567'],
      username: 'evelyn',
      firstName: 'Eve',
      lastName: 'Adams',
      externalId: 'crm-7',
      password: 'correct horse',
      createdAt: new Date(START - 5000),
      publicMetadata: { plan: 'gold' },
      privateMetadata: { vat: 'NL1' },
      unsafeMetadata: { theme: 'dark' },
    })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^user_\w{27}$/),
      username: 'evelyn',
      firstName: 'Eve',
      lastName: 'Adams',
      fullName: 'Eve Adams',
      externalId: 'crm-7',
      passwordEnabled: true,
      twoFactorEnabled: false,
      banned: false,
      locked: false,
      createdAt: START - 5000,
      updatedAt: START,
      lastSignInAt: null,
      lastActiveAt: null,
      publicMetadata: { plan: 'gold' },
      privateMetadata: { vat: 'NL1' },
      unsafeMetadata: { theme: 'dark' },
      phoneNumbers: [{ phoneNumber: '+31201234567' }],
      externalAccounts: [],
      web3Wallets: [],
    })
    expect(created.primaryEmailAddress?.emailAddress).toBe('eve@acme.example')
    expect(created.emailAddresses.map((it) => it.verification?.status ?? null)).toEqual(['verified', null])
    expect(created.primaryPhoneNumber?.phoneNumber).toBe('+31201234567')
    expect((await clerk.users.getUser(created.id)).raw).toEqual(created.raw)

    const changed = await clerk.users.updateUser(created.id, { firstName: 'Eva', publicMetadata: { plan: 'iron' } })
    expect(changed).toMatchObject({ firstName: 'Eva', lastName: 'Adams', publicMetadata: { plan: 'iron' } })
    const merged = await clerk.users.updateUserMetadata(created.id, {
      publicMetadata: { seats: { max: 5 } },
      privateMetadata: { vat: null },
    })
    expect(merged).toMatchObject({ publicMetadata: { plan: 'iron', seats: { max: 5 } }, privateMetadata: {} })
    const replaced = await clerk.users.replaceUserMetadata(created.id, { publicMetadata: { a: 1 } })
    expect(replaced.publicMetadata).toEqual({ a: 1 })

    expect(decodeJwt(await local.sessionToken({ user: 'evelyn' })).sub).toBe(created.id)
    expect(await clerk.users.deleteUser(created.id)).toMatchObject({ id: created.id, deleted: true })
    await expect(clerk.users.getUser(created.id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found', longMessage: `No user was found with id ${created.id}` }],
    })
    await expect(local.sessionToken({ user: 'evelyn' })).rejects.toThrow('there is no user "evelyn"')
  })

  test('filters, sorts, pages and counts users', async () => {
    const { local, clerk } = await startWithClient()
    const { alice, bob, carol, dave } = local.people
    const namesOf = async (params: Parameters<typeof clerk.users.getUserList>[0]) => {
      const { data, totalCount } = await clerk.users.getUserList(params)
      return [totalCount, ...data.map(({ firstName }) => firstName)]
    }
    expect(await namesOf({ orderBy: '+first_name' })).toEqual([4, 'Alice', 'Bob', 'Carol', 'Dave'])
    expect(await namesOf({ orderBy: '-email_address', limit: 2, offset: 1 })).toEqual([4, 'Carol', 'Bob'])
    expect(await namesOf({ emailAddress: [alice.email, bob.email], orderBy: 'first_name' })).toEqual([
      2,
      'Alice',
      'Bob',
    ])
    expect(await namesOf({ userId: [carol.id, dave.id], orderBy: 'first_name' })).toEqual([2, 'Carol', 'Dave'])
    expect(await namesOf({ userId: [`-${carol.id}`], orderBy: 'first_name' })).toEqual([3, 'Alice', 'Bob', 'Dave'])
    expect(await namesOf({ query: 'GLOBEX' })).toEqual([1, 'Carol'])
    const organizationId = [local.organizations.acme.id]
    expect(await namesOf({ organizationId, orderBy: '-first_name' })).toEqual([2, 'Bob', 'Alice'])
    expect(await clerk.users.getCount({ query: 'a' })).toBe(4)
    expect(await clerk.users.getCount({ emailAddress: ['unknown@example.com'] })).toBe(0)
  })

  test('creates, reads, updates and deletes an organization', async () => {
    const { local, clerk } = await startWithClient()
    const { alice } = local.people
    const created = await clerk.organizations.createOrganization({
      name: 'Big & Co',
      createdBy: alice.id,
      maxAllowedMemberships: 2,
      publicMetadata: { tier: 1 },
    })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^org_\w{27}$/),
      name: 'Big & Co',
      slug: 'big-co',
      createdBy: alice.id,
      maxAllowedMemberships: 2,
      adminDeleteEnabled: true,
      publicMetadata: { tier: 1 },
      privateMetadata: {},
      createdAt: START,
    })
    const bySlug = await clerk.organizations.getOrganization({ slug: 'big-co', includeMembersCount: true })
    expect(bySlug).toMatchObject({ id: created.id, membersCount: 1 })
    expect(await clerk.organizations.getOrganization({ organizationId: created.id })).toMatchObject({ slug: 'big-co' })
    expect((await clerk.organizations.createOrganization({ name: 'Big & Co' })).slug).toBe('big-co-2')

    const changed = await clerk.organizations.updateOrganization(created.id, { name: 'Bigger', slug: 'bigger' })
    expect(changed).toMatchObject({ name: 'Bigger', slug: 'bigger', maxAllowedMemberships: 2 })
    const merged = await clerk.organizations.updateOrganizationMetadata(created.id, { publicMetadata: { b: 2 } })
    expect(merged.publicMetadata).toEqual({ tier: 1, b: 2 })
    const replaced = await clerk.organizations.replaceOrganizationMetadata(created.id, { publicMetadata: { c: 3 } })
    expect(replaced.publicMetadata).toEqual({ c: 3 })

    const { data, totalCount } = await clerk.organizations.getOrganizationList({
      orderBy: '-members_count',
      includeMembersCount: true,
      limit: 1,
    })
    expect([totalCount, data[0]?.slug, data[0]?.membersCount]).toEqual([4, 'acme', 2])
    const found = await clerk.organizations.getOrganizationList({ query: 'BIG', orderBy: '+name' })
    expect(found.data.map(({ slug }) => slug)).toEqual(['big-co-2', 'bigger'])

    const token = decodeJwt(await local.sessionToken({ user: 'alice', org: 'bigger' }))
    expect(token).toMatchObject({ o: { id: created.id, rol: 'admin', slg: 'bigger' } })
    await clerk.organizations.deleteOrganization(created.id)
    await expect(clerk.organizations.getOrganization({ slug: 'bigger' })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found', longMessage: 'Given organization not found.' }],
    })
    expect(local.people.alice.memberships).toEqual({ acme: 'org:admin' })
  })

  test('adds, lists, updates and removes members', async () => {
    const { local, clerk } = await startWithClient()
    const { dave, alice } = local.people
    const organizationId = local.organizations.acme.id
    const membership = { organizationId, userId: dave.id }
    const created = await clerk.organizations.createOrganizationMembership({ ...membership, role: 'org:member' })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^orgmem_\w{27}$/),
      role: 'org:member',
      permissions: ['org:invoices:read'],
      publicMetadata: {},
      organization: { id: organizationId, slug: 'acme' },
      publicUserData: { userId: dave.id, identifier: dave.email, firstName: 'Dave', lastName: null, hasImage: false },
    })
    expect(decodeJwt(await local.sessionToken({ user: 'dave', org: 'acme' }))).toMatchObject({ o: { rol: 'member' } })

    const changed = await clerk.organizations.updateOrganizationMembership({ ...membership, role: 'org:admin' })
    expect(changed).toMatchObject({ role: 'org:admin', permissions: expect.arrayContaining(['org:invoices:create']) })
    const metadata = { publicMetadata: { desk: 4 }, privateMetadata: { pay: 1 } }
    expect(
      await clerk.organizations.updateOrganizationMembershipMetadata({ ...membership, ...metadata }),
    ).toMatchObject(metadata)

    const { data, totalCount } = await clerk.organizations.getOrganizationMembershipList({
      organizationId,
      role: ['org:admin'],
      orderBy: '+first_name',
    })
    const firstNamesOf = (memberships: typeof data) =>
      memberships.map(({ publicUserData }) => publicUserData?.firstName)
    expect([totalCount, ...firstNamesOf(data)]).toEqual([2, 'Alice', 'Dave'])
    const filtered = await clerk.organizations.getOrganizationMembershipList({ organizationId, userId: [alice.id] })
    expect(firstNamesOf(filtered.data)).toEqual(['Alice'])
    const all = await clerk.organizations.getInstanceOrganizationMembershipList({
      orderBy: '-first_name',
      limit: 2,
    })
    expect([all.totalCount, ...firstNamesOf(all.data)]).toEqual([4, 'Dave', 'Carol'])
    const ofDave = await clerk.users.getOrganizationMembershipList({ userId: dave.id })
    expect(ofDave.data.map(({ organization }) => organization.slug)).toEqual(['acme'])

    expect(await clerk.organizations.deleteOrganizationMembership(membership)).toMatchObject({ id: created.id })
    expect(local.people.dave.memberships).toEqual({})
    await expect(clerk.organizations.deleteOrganizationMembership(membership)).rejects.toMatchObject({ status: 404 })
  })

  test('creates a session, gets tokens from it, and revokes it', async () => {
    const { local, clerk } = await startWithClient()
    const { bob } = local.people
    const session = await clerk.sessions.createSession({ userId: bob.id })
    expect(session).toMatchObject({
      id: expect.stringMatching(/^sess_\w{27}$/),
      clientId: expect.stringMatching(/^client_\w{27}$/),
      userId: bob.id,
      status: 'active',
      actor: null,
      lastActiveOrganizationId: local.organizations.acme.id,
      createdAt: START,
      expireAt: START + 7 * 86_400_000,
    })
    const { jwt } = await clerk.sessions.getToken(session.id)
    expect(await claimsOf(local, jwt)).toMatchObject({
      sid: session.id,
      sub: bob.id,
      exp: START / 1000 + 60,
      o: { slg: 'acme', rol: 'member' },
    })
    const long = await clerk.sessions.getToken(session.id, undefined, 3600)
    expect((await claimsOf(local, long.jwt)).exp).toBe(START / 1000 + 3600)
    expect(await clerk.sessions.getSession(session.id)).toEqual(session)
    expect(await clerk.users.getUser(bob.id)).toMatchObject({ lastSignInAt: START, lastActiveAt: START })

    const { data, totalCount } = await clerk.sessions.getSessionList({ userId: bob.id, status: 'active' })
    expect([totalCount, data]).toEqual([1, [session]])
    expect(await clerk.clients.getClient(session.clientId)).toMatchObject({
      id: session.clientId,
      sessionIds: [session.id],
      sessions: [{ id: session.id }],
      lastActiveSessionId: session.id,
      signInId: null,
    })

    expect(await clerk.sessions.revokeSession(session.id)).toMatchObject({ id: session.id, status: 'revoked' })
    await expect(clerk.sessions.getToken(session.id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found', message: 'Session not found' }],
    })
    expect(await clerk.clients.getClient(session.clientId)).toMatchObject({ sessionIds: [], lastActiveSessionId: null })
  })

  test('has the sessions of tokens minted by sessionToken()', async () => {
    const { local, clerk } = await startWithClient()
    const { sid } = decodeJwt(await local.sessionToken())
    const session = await clerk.sessions.getSession(String(sid))
    expect(session).toMatchObject({ userId: local.people.alice.id, status: 'active' })
    await clerk.sessions.revokeSession(session.id)
    expect(decodeJwt(await local.sessionToken())['sid']).not.toBe(sid)
  })

  test('verifies the client of a browser until it signs out', async () => {
    const { local, clerk } = await startWithClient()
    const { client: token, session: expired } = await local.cookies({ user: 'bob' })
    const { sid } = decodeJwt(expired)
    const client = await clerk.clients.verifyClient(token)
    expect(client).toMatchObject({ id: expect.stringMatching(/^client_\w{27}$/), sessionIds: [sid] })
    expect((await clerk.clients.getClientList()).data).toEqual([client])
    await clerk.sessions.revokeSession(String(sid))
    await expect(clerk.clients.verifyClient(token)).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'cookie_invalid' }],
    })
  })

  test.each(['token', 'cookie'] as const)('refreshes the session of a browser as a %s', async (format) => {
    const { local, clerk } = await startWithClient()
    const { session: expired, refresh: refreshToken } = await local.cookies({ user: 'bob', ttlInSeconds: -10 })
    const sid = String(decodeJwt(expired)['sid'])
    const refreshed: unknown = await clerk.sessions.refreshSession(sid, {
      expired_token: expired,
      refresh_token: refreshToken,
      request_origin: 'http://localhost:3000',
      request_headers: { host: ['localhost:3000'] },
      suffixed_cookies: true,
      format: format as 'token',
    })
    const { cookies = [], jwt = /^__session=([^;]+)/.exec(cookies[0] ?? '')?.[1] } = refreshed as {
      cookies?: string[]
      jwt?: string
    }
    expect(await claimsOf(local, jwt ?? '')).toMatchObject({ sid, sub: local.people.bob.id, exp: START / 1000 + 60 })
    const names = cookies.map((cookie) => cookie.split('=')[0]?.replace(/^(__[a-z]+)_.{8}$/, '$1_<suffix>'))
    const expected = ['__session', '__session_<suffix>', '__refresh', '__refresh_<suffix>']
    expect(names).toEqual(format === 'cookie' ? expected : [])
  })

  test('manages JWT templates, and mints tokens from them', async () => {
    const { local, clerk } = await startWithClient()
    const { jwtTemplates } = clerk
    const template = await jwtTemplates.create({
      name: 'reports',
      claims: { role: '{{org.role}}', name: '{{user.last_name || user.first_name}}', aud: 'reports' },
      lifetime: 120,
    })
    expect(template).toMatchObject({
      id: expect.stringMatching(/^jtmp_\w{27}$/),
      name: 'reports',
      lifetime: 120,
      allowedClockSkew: 5,
      customSigningKey: false,
      signingAlgorithm: 'RS256',
      createdAt: START,
    })
    expect(await jwtTemplates.get(template.id)).toEqual(template)
    expect((await jwtTemplates.list()).data.map(({ name }) => name)).toEqual(['reports', 'api'])

    const session = await clerk.sessions.createSession({ userId: local.people.bob.id })
    const { jwt } = await clerk.sessions.getToken(session.id, 'reports')
    const claims = await claimsOf(local, jwt)
    expect(claims).toEqual({
      role: 'org:member',
      name: 'Bob',
      aud: 'reports',
      azp: 'http://localhost:3000',
      exp: START / 1000 + 120,
      iat: START / 1000,
      iss: local.url,
      jti: expect.any(String),
      nbf: START / 1000 - 5,
      sub: local.people.bob.id,
    })
    const mintedDirectly = decodeJwt(await local.templateToken({ user: 'bob', template: 'reports' }))
    expect({ ...mintedDirectly, jti: '' }).toEqual({ ...claims, jti: '' })

    const changed = await jwtTemplates.update({ templateId: template.id, name: 'r', claims: {}, allowedClockSkew: 0 })
    expect(changed).toMatchObject({ name: 'r', claims: {}, lifetime: 120, allowedClockSkew: 0 })
    expect(await jwtTemplates.delete(template.id)).toMatchObject({ id: template.id, deleted: true })
    await expect(clerk.sessions.getToken(session.id, 'reports')).rejects.toMatchObject({
      status: 404,
      errors: [{ message: 'JWT template not found' }],
    })
  })

  test('impersonates a user with an actor token, and names the actor in session tokens', async () => {
    const { local, clerk } = await startWithClient()
    const { alice, carol } = local.people
    const actorToken = await clerk.actorTokens.create({ userId: alice.id, actor: { sub: carol.id } })
    expect(actorToken).toMatchObject({
      id: expect.stringMatching(/^act_\w{27}$/),
      status: 'pending',
      userId: alice.id,
      actor: { sub: carol.id },
      token: expect.any(String),
    })
    const session = (await (await fetch(actorToken.url ?? '')).json()) as {
      id: string
      last_active_token: { jwt: string }
    }
    expect(await clerk.sessions.getSession(session.id)).toMatchObject({
      userId: alice.id,
      actor: { sub: carol.id },
      expireAt: START + 1_800_000,
    })
    for (const { jwt } of [session.last_active_token, await clerk.sessions.getToken(session.id)])
      expect(await claimsOf(local, jwt)).toMatchObject({ sub: alice.id, act: { sub: carol.id }, sid: session.id })
    await expect(clerk.actorTokens.revoke(actorToken.id)).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'actor_token_cannot_be_revoked_code' }],
    })
    const other = await clerk.actorTokens.create({ userId: alice.id, actor: { sub: carol.id } })
    expect(await clerk.actorTokens.revoke(other.id)).toMatchObject({ id: other.id, status: 'revoked' })
  })

  test('creates sign-in tokens, which are valid once, and testing tokens', async () => {
    const { local, clerk } = await startWithClient()
    const { carol } = local.people
    const signIn = await clerk.signInTokens.createSignInToken({ userId: carol.id, expiresInSeconds: 60 })
    expect(signIn).toMatchObject({
      id: expect.stringMatching(/^sit_\w{27}$/),
      userId: carol.id,
      status: 'pending',
      createdAt: START,
    })
    expect(await (await fetch(signIn.url)).json()).toMatchObject({ object: 'session', user_id: carol.id })
    expect((await fetch(signIn.url)).status).toBe(400)
    const other = await clerk.signInTokens.createSignInToken({ userId: carol.id, expiresInSeconds: 60 })
    expect(await clerk.signInTokens.revokeSignInToken(other.id)).toMatchObject({ status: 'revoked' })

    const testing = await clerk.testingTokens.createTestingToken()
    expect(testing).toMatchObject({
      token: expect.stringMatching(new RegExp(`^${START / 1000}-c_\\w+$`)),
      expires_at: START / 1000 + 3600,
    })
  })
})
