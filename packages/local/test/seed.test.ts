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
  test('has by default two admins, a member, and a person without an organization', async () => {
    const { people } = await start()
    const roles = Object.entries(people).map(([name, { memberships }]) => [name, memberships])
    expect(Object.fromEntries(roles)).toEqual({
      alice: { acme: 'org:admin' },
      bob: { acme: 'org:member' },
      carol: { globex: 'org:admin' },
      dave: {},
    })
  })

  test('has ids in the format of Clerk, equal in every instance', async () => {
    const [one, other] = [await start(), await start()]
    expect(one.people.alice.id).toBe('user_SIJWQNxHhMxTgPbfwrKZKMpzcqE')
    expect(one.organizations.acme.id).toMatch(/^org_\w{27}$/)
    expect(one.people).toEqual(other.people)
    expect(one.organizations).toEqual(other.organizations)
  })

  test('can be replaced', async () => {
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

  test('activates no organization by default without defaultOrganization', async () => {
    const local = await start({ seed: SEED })
    expect(decodeJwt(await local.sessionToken({ user: 'peter' }))).not.toHaveProperty('o')
  })

  test('may have organizations without features, whose tokens have no fea claim', async () => {
    const organizations = { initech: { name: 'Initech' } }
    const local = await start({ seed: { ...SEED, organizations, roles: { 'org:boss': [] } } })
    const claims = decodeJwt(await local.sessionToken({ user: 'peter', org: 'initech' }))
    expect(claims).not.toHaveProperty('fea')
    expect(claims).toMatchObject({ pla: 'o:pro', o: { slg: 'initech' } })
  })

  test('has the default roles if it defines none', async () => {
    const { roles: _, ...seed } = SEED
    const peter = { ...SEED.people.peter, memberships: { initech: 'org:member' } }
    const local = await start({ seed: { ...seed, people: { peter } } })
    const token = await local.sessionToken({ user: 'peter', org: 'initech' })
    expect(decodeJwt(token)).toMatchObject({ fea: 'o:printers,o:invoices', o: { per: 'read', fpm: '0,1' } })
  })

  test('is exposed as frozen objects', async () => {
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
    ['no machines', { machines: {} }, 'the seed requires at least one machine'],
    ['an unknown field of a machine', { machines: { a: { to: [] } } }, 'machine "a" in the seed has no "to"'],
  ])('is refused with %s', async (_, part, message) => {
    const starting = startLocalClerk({ seed: { ...SEED, ...part } })
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(TypeError)
  })
})
