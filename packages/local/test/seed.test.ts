import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { startLocalClerk, type Seed } from '../src/index.js'
import { start } from './start.js'

const SEED = {
  organizations: { initech: { name: 'Initech', features: ['printers'], plan: 'team' } },
  roles: { 'org:boss': ['org:printers:smash'] },
  people: {
    peter: { firstName: 'Peter', email: 'peter@initech.example', memberships: { initech: 'org:boss' } },
  },
} as const satisfies Seed

describe('the seed', () => {
  test('has by default an admin, a member, an admin of another organization and somebody without one', async () => {
    const { people } = await start()
    const roles = Object.entries(people).map(([name, { memberships }]) => [name, memberships])
    expect(Object.fromEntries(roles)).toEqual({
      alice: { acme: 'org:admin' },
      bob: { acme: 'org:member' },
      carol: { globex: 'org:admin' },
      dave: {},
    })
  })

  test('gives ids in the form of Clerk, the same in every instance', async () => {
    const [one, other] = [await start(), await start()]
    expect(one.people.alice.id).toBe('user_SIJWQNxHhMxTgPbfwrKZKMpzcqE')
    expect(one.organizations.acme.id).toMatch(/^org_\w{27}$/)
    expect(one.people).toEqual(other.people)
    expect(one.organizations).toEqual(other.organizations)
  })

  test('can be of one’s own', async () => {
    const local = await start({ seed: SEED })
    const claims = decodeJwt(await local.sessionToken({ user: 'peter', org: 'initech' }))
    expect(local.people.peter.firstName).toBe('Peter')
    expect(claims).toMatchObject({
      sub: local.people.peter.id,
      fea: 'o:printers',
      pla: 'o:team',
      o: { id: local.organizations.initech.id, rol: 'boss', per: 'smash', fpm: '1' },
    })
  })

  test('lets nobody be in an organization by default, unless it says which', async () => {
    const local = await start({ seed: SEED })
    expect(decodeJwt(await local.sessionToken({ user: 'peter' }))).not.toHaveProperty('o')
  })

  test('may have organizations without any feature, which a token then does not mention', async () => {
    const organizations = { initech: { name: 'Initech' } }
    const local = await start({ seed: { ...SEED, organizations, roles: { 'org:boss': [] } } })
    const claims = decodeJwt(await local.sessionToken({ user: 'peter', org: 'initech' }))
    expect(claims).not.toHaveProperty('fea')
    expect(claims).toMatchObject({ pla: 'o:pro', o: { slg: 'initech' } })
  })

  test('has the default roles when it names none', async () => {
    const { roles: _, ...seed } = SEED
    const peter = { ...SEED.people.peter, memberships: { initech: 'org:member' } }
    const local = await start({ seed: { ...seed, people: { peter } } })
    const token = await local.sessionToken({ user: 'peter', org: 'initech' })
    expect(decodeJwt(token)).toMatchObject({ fea: 'o:printers,o:invoices', o: { per: 'read', fpm: '0,1' } })
  })

  test('cannot be changed through what the instance shows of it', async () => {
    const { people } = await start()
    expect(() => Object.assign(people.alice.memberships, { globex: 'org:admin' })).toThrow(TypeError)
    expect(() => Object.assign(people.alice, { id: 'user_x' })).toThrow(TypeError)
    expect(() => Object.assign(people, { eve: people.alice })).toThrow(TypeError)
  })

  const { peter } = SEED.people
  test.each<[string, object, string]>([
    [
      'a membership of an unknown organization',
      { people: { peter: { ...peter, memberships: { acme: 'org:boss' } } } },
      '"peter" is a member of "acme", but the seed only has initech',
    ],
    [
      'an unknown role',
      { people: { peter: { ...peter, memberships: { initech: 'org:admin' } } } },
      '"peter" has role "org:admin", but the seed only has org:boss',
    ],
    [
      'a default organization that is no membership',
      { people: { peter: { ...peter, memberships: {}, defaultOrganization: 'initech' } } },
      'defaultOrganization "initech" of "peter" must be one of the memberships: none',
    ],
    ['a role without its prefix', { roles: { boss: [] } }, 'role "boss" in the seed must start with "org:"'],
    ['a permission of another form', { roles: { 'org:boss': ['smash'] } }, '"smash" is not a permission'],
    [
      'a feature with a comma',
      { organizations: { initech: { name: '', features: ['a,b'] } } },
      '"a,b" of organization',
    ],
    ['no people', { people: undefined }, 'the seed requires "people", which may be {}'],
    ['an unknown part', { users: {} }, 'a seed has no "users", only organizations, roles, people'],
    ['no machine', { machines: {} }, 'the seed requires at least one machine'],
    ['an unknown scope', { machines: { a: { scopes: ['b'] } } }, 'machine "a" may call "b", but the seed only has a'],
    ['an unknown field of a machine', { machines: { a: { to: [] } } }, 'machine "a" in the seed has no "to"'],
    ['a machine without time', { machines: { a: { defaultTokenTtl: 0 } } }, '"defaultTokenTtl" of machine "a"'],
    ['a client without name', { clients: { a: {} } }, 'client "a" in the seed requires a "name"'],
  ])('is refused with %s', async (_, part, message) => {
    const starting = startLocalClerk({ seed: { ...SEED, ...part } })
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(TypeError)
  })
})
