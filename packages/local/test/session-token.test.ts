import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { defaultSeed, type SessionTokenInput } from '../src/index.js'
import { start } from './start.js'

const NOW = Date.UTC(2026, 10, 20, 12)
const NOW_IN_SECONDS = NOW / 1000

async function claimsOf(input?: SessionTokenInput): Promise<Record<string, unknown>> {
  const local = await start({ now: () => NOW })
  return decodeJwt(await local.sessionToken(input))
}

describe('the header of a session token', () => {
  test('has the parameters of a real one', async () => {
    const local = await start()
    const header = decodeProtectedHeader(await local.sessionToken())
    expect(header).toEqual({ alg: 'ES256', cat: 'cl_B7d4PD111AAA', kid: local.kid, typ: 'JWT' })
  })

  test('accepts overrides, and omits parameters set to undefined', async () => {
    const local = await start()
    const token = await local.sessionToken({ header: { alg: 'none', typ: undefined, crit: ['x'] } })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'none', cat: 'cl_B7d4PD111AAA', kid: local.kid, crit: ['x'] })
  })
})

describe('a session token of version 2', () => {
  test('has every claim of a real one', async () => {
    const local = await start({ now: () => NOW })
    const claims = decodeJwt(await local.sessionToken({ user: 'alice' }))
    expect(claims).toEqual({
      azp: 'http://localhost:3000',
      exp: NOW_IN_SECONDS + 60,
      fea: 'o:invoices,o:reports',
      fva: [0, -1],
      iat: NOW_IN_SECONDS,
      iss: local.url,
      jti: expect.stringMatching(/^[0-9a-f]{20}$/),
      nbf: NOW_IN_SECONDS - 10,
      o: { fpm: '3,2', id: local.organizations.acme.id, per: 'create,read', rol: 'admin', slg: 'acme' },
      pla: 'o:pro',
      sid: expect.stringMatching(/^sess_\w{27}$/),
      sts: 'active',
      sub: local.people.alice.id,
      v: 2,
    })
  })

  test('includes organization features without permissions of the role', async () => {
    expect(await claimsOf({ user: 'bob' })).toMatchObject({
      fea: 'o:invoices,o:reports',
      o: { rol: 'member', per: 'read', fpm: '1,0' },
    })
  })

  test('has the plan of the user if no organization is active', async () => {
    const claims = await claimsOf({ user: 'dave' })
    expect(claims).toMatchObject({ pla: 'u:free', v: 2 })
    expect(claims).not.toHaveProperty('o')
    expect(claims).not.toHaveProperty('fea')
  })

  test('has the plan and the features that an organization or a user has subscribed to', async () => {
    const subscriptions = [
      { user: 'dave', plan: 'plus' },
      { organization: 'acme', plan: 'pro' },
    ] as const
    const organizations = { ...defaultSeed.organizations, acme: { name: 'Acme', plan: 'team', features: ['old'] } }
    const local = await start({ seed: { ...defaultSeed, organizations, subscriptions, statements: [] } })
    expect(decodeJwt(await local.sessionToken({ user: 'dave' }))).toMatchObject({ pla: 'u:plus', fea: 'u:export' })
    expect(decodeJwt(await local.sessionToken())).toMatchObject({ pla: 'o:pro', fea: 'o:invoices,o:reports' })
    expect(decodeJwt(await local.sessionToken({ user: 'carol' }))).toMatchObject({ pla: 'o:pro' })
  })

  test('omits per and fpm without permissions', async () => {
    const { o } = await claimsOf({ permissions: [] })
    expect(Object.keys(o as object).toSorted()).toEqual(['id', 'rol', 'slg'])
  })

  test('has a unique jti', async () => {
    const local = await start({ now: () => NOW })
    const [one, other] = [await local.sessionToken(), await local.sessionToken()]
    expect(decodeJwt(one).jti).not.toBe(decodeJwt(other).jti)
  })
})

describe('a session token of version 1', () => {
  test('has every claim of a real one and none of later versions', async () => {
    const local = await start({ now: () => NOW })
    const claims = decodeJwt(await local.sessionToken({ version: 1 }))
    expect(claims).toEqual({
      azp: 'http://localhost:3000',
      exp: NOW_IN_SECONDS + 60,
      fva: [0, -1],
      iat: NOW_IN_SECONDS,
      iss: local.url,
      nbf: NOW_IN_SECONDS - 10,
      org_id: local.organizations.acme.id,
      org_permissions: ['org:invoices:create', 'org:invoices:read', 'org:reports:read'],
      org_role: 'org:admin',
      org_slug: 'acme',
      sid: expect.stringMatching(/^sess_\w{27}$/),
      sub: local.people.alice.id,
    })
  })

  test('has no organization claims if none is active', async () => {
    const claims = await claimsOf({ version: 1, org: null })
    expect(Object.keys(claims).filter((name) => name.startsWith('org_'))).toEqual([])
  })

  test('has a status if one is set', async () => {
    expect(await claimsOf({ version: 1, status: 'pending' })).toMatchObject({ sts: 'pending' })
  })
})

describe('sessionToken', () => {
  test.each<[string, SessionTokenInput, object]>([
    ['a pending session', { status: 'pending' }, { sts: 'pending' }],
    ['the age of both factors', { factorVerificationAge: [5, 12] }, { fva: [5, 12] }],
    ['a longer lifetime', { ttlInSeconds: 3600 }, { exp: NOW_IN_SECONDS + 3600 }],
    ['an expired lifetime', { ttlInSeconds: -1 }, { exp: NOW_IN_SECONDS - 1, iat: NOW_IN_SECONDS - 61 }],
    ['another origin', { azp: 'https://app.example' }, { azp: 'https://app.example' }],
    [
      'an actor object unchanged',
      { actor: { sub: 'user_x', type: 'agent' } },
      { act: { sub: 'user_x', type: 'agent' } },
    ],
    ['another role', { user: 'bob', role: 'org:admin' }, { o: expect.objectContaining({ rol: 'admin', fpm: '3,2' }) }],
    ['other permissions', { permissions: ['org:a:b'] }, { fea: 'o:invoices,o:reports,o:a' }],
    ['a role that is not in the seed, with permissions', { role: 'org:x', permissions: [] }, { pla: 'o:pro' }],
    ['custom claims', { claims: { plan: 'gold' } }, { plan: 'gold', v: 2 }],
    ['overridden claims', { claims: { iss: 'https://other.example' } }, { iss: 'https://other.example' }],
  ])('mints %s', async (_, input, expected) => {
    expect(await claimsOf(input)).toMatchObject(expected)
  })

  test('replaces the name of an actor by their id', async () => {
    const local = await start()
    const claims = decodeJwt(await local.sessionToken({ user: 'bob', actor: 'alice' }))
    expect(claims).toMatchObject({ sub: local.people.bob.id, act: { sub: local.people.alice.id } })
  })

  test('omits azp if null, and any claim if undefined', async () => {
    const claims = await claimsOf({ azp: null, claims: { sid: undefined } })
    expect(claims).not.toHaveProperty('azp')
    expect(claims).not.toHaveProperty('sid')
  })

  test('accepts ids instead of names', async () => {
    const local = await start()
    const { bob } = local.people
    const { acme } = local.organizations
    const claims = decodeJwt(await local.sessionToken({ user: bob.id, org: acme.id }))
    expect(claims).toMatchObject({ sub: bob.id, o: { id: acme.id, rol: 'member' } })
  })

  test('allows an organization without membership if a role is given', async () => {
    const claims = await claimsOf({ user: 'dave', org: 'globex', role: 'org:member' })
    expect(claims).toMatchObject({ o: { slg: 'globex', rol: 'member', per: 'read' } })
  })

  test('uses one session per person and organization', async () => {
    const local = await start()
    const sid = async (input: SessionTokenInput) => decodeJwt(await local.sessionToken(input))['sid']
    expect(await sid({ user: 'alice' })).toBe(await sid({ user: 'alice', version: 1 }))
    const all = await Promise.all([sid({ user: 'alice' }), sid({ user: 'alice', org: null }), sid({ user: 'bob' })])
    expect(new Set(all).size).toBe(3)
  })

  test.each<[string, object, string]>([
    ['an unknown user', { user: 'eve' }, 'there is no user "eve", only alice, bob, carol, dave'],
    ['an unknown actor', { actor: 'eve' }, 'there is no user "eve", only alice, bob, carol, dave'],
    ['an unknown organization', { org: 'initech' }, 'there is no organization "initech", only acme, globex'],
    ['an organization without membership', { org: 'globex' }, '"alice" is not a member of "globex", only of acme'],
    ['an unknown role', { role: 'org:boss' }, 'there is no role "org:boss", only org:admin, org:member'],
    ['a role without its prefix', { role: 'admin' }, 'role "admin" must start with "org:"'],
    ['a role without an organization', { user: 'dave', role: 'org:admin' }, 'require an active organization'],
    ['permissions without an organization', { org: null, permissions: [] }, 'require an active organization'],
    ['an invalid permission', { permissions: ['create'] }, '"create" is not a permission'],
    ['an invalid permission in version 1', { version: 1, permissions: ['create'] }, '"create" is not a permission'],
    ['a system permission', { permissions: ['org:sys_domains:read'] }, 'is a system permission'],
    [
      'a system permission in version 1',
      { version: 1, permissions: ['org:sys_domains:read'] },
      'is a system permission',
    ],
    ['a misspelt field', { organization: 'acme' }, 'has no "organization", only user, org, role'],
    ['another version', { version: 3 }, '"version" of sessionToken() must be 1 or 2'],
    ['an infinite lifetime', { ttlInSeconds: Infinity }, '"ttlInSeconds" of sessionToken() must be a finite number'],
    ['one factor age', { factorVerificationAge: [1] }, '"factorVerificationAge" of sessionToken() must be two'],
    ['a list of claims', { claims: [] }, '"claims" of sessionToken() must be an object'],
  ])('rejects %s with a TypeError', async (_, input, message) => {
    const local = await start()
    const minting = local.sessionToken(input)
    await expect(minting).rejects.toThrow(message)
    await expect(minting).rejects.toBeInstanceOf(TypeError)
  })
  test('does not take a property that every object has for a membership', async () => {
    const local = await start({
      seed: {
        organizations: { constructor: { name: 'Constructor' } },
        people: { bob: { firstName: 'Bob', email: 'bob@acme.example' } },
      },
    })
    const minting = local.sessionToken({ user: 'bob', org: 'constructor' })
    await expect(minting).rejects.toThrow('"bob" is not a member of "constructor"')
  })
})
