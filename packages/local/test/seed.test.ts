import { createClerkClient } from '@clerk/backend'
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

  test('has by default what no operation creates', async () => {
    const local = await start()
    const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
    const totals = async (kind: string) => {
      const response = await fetch(`${local.url}/_local/records/${kind}`)
      return ((await response.json()) as { readonly total: number }).total
    }
    for (const kind of ['passkeys', 'external_accounts', 'web3_wallets', 'sign_ups', 'statements', 'payment_attempts'])
      expect([kind, await totals(kind)]).toEqual([kind, 1])
    expect([await totals('plans'), await totals('subscriptions')]).toEqual([4, 2])
    const { users } = createClerkClient({ secretKey, apiUrl })
    const { data } = await users.getUserOauthAccessToken(local.people.bob.id, 'google')
    expect(data).toMatchObject([{ provider: 'oauth_google', token: 'ya29.local-google-token' }])
    const code = await users.verifyTOTP({ userId: local.people.carol.id, code: 'carol-code-1' })
    expect(code).toMatchObject({ code_type: 'backup_code' })
  })

  test('can name and describe roles', async () => {
    const roles = { 'org:boss': { name: 'Chief', description: 'Decides', permissions: ['org:printers:smash'] } }
    const local = await start({ seed: { ...SEED, roles } })
    const token = await local.sessionToken({ user: 'peter', org: 'initech' })
    expect(decodeJwt(token)).toMatchObject({ o: { rol: 'boss', per: 'smash' } })
    const { records } = (await (await fetch(`${local.url}/_local/records/roles`)).json()) as { records: object[] }
    expect(records).toMatchObject([{ key: 'org:boss', name: 'Chief', description: 'Decides' }])
  })

  const { peter } = SEED.people
  const PLANS = {
    free: { name: 'Free', payer: 'user' },
    gold: { name: 'Gold', payer: 'user', amount: 100 },
    team: { name: 'Team', payer: 'org', amount: 100 },
  }
  const billing = (...subscriptions: object[]) => ({ plans: PLANS, subscriptions })
  test.each<[string, object, string]>([
    [
      'a membership of an unknown organization',
      { people: { peter: { ...peter, memberships: { acme: 'org:boss' } } } },
      '"peter" is a member of "acme", but the seed only has initech',
    ],
    ['no machines', { machines: {} }, 'the seed requires at least one machine'],
    [
      'an unknown field of an external account',
      { people: { peter: { ...peter, externalAccounts: [{ provider: 'oauth_google', tokn: 'x' }] } } },
      '"externalAccounts[0]" of "peter" in the seed has no "tokn"',
    ],
    [
      'an external account without a provider',
      { people: { peter: { ...peter, externalAccounts: [{ token: 'x' }] } } },
      '"externalAccounts[0]" of "peter" in the seed requires a "provider"',
    ],
    [
      'a secret that is not base32',
      { people: { peter: { ...peter, totpSecret: 'secret!' } } },
      '"totpSecret" of "peter" in the seed must be a base32 secret',
    ],
    [
      'an invalid wallet',
      { people: { peter: { ...peter, wallets: ['0x1'] } } },
      '"wallets[0]" of "peter" in the seed must be the address of an Ethereum or Solana wallet',
    ],
    [
      'too many backup codes',
      { people: { peter: { ...peter, backupCodes: Array(51).fill('a') } } },
      '"backupCodes" of "peter" in the seed must be a list of at most 50 plain codes or bcrypt digests',
    ],
    [
      'an invalid permission of a named role',
      { roles: { 'org:boss': { permissions: ['smash'] } } },
      '"smash" is not a permission of the form',
    ],
    [
      'a plan for machines',
      { plans: { a: { name: 'A', payer: 'mch' } } },
      '"payer" of plan "a" in the seed must be one of user, org',
    ],
    [
      'a plan with a comma',
      { plans: { 'a,b': { name: 'A', payer: 'org' } } },
      'plan "a,b" in the seed must have a slug without colons',
    ],
    [
      'a subscription of no payer',
      billing({ plan: 'gold' }),
      'subscription 1 in the seed requires either a "user" or an "organization"',
    ],
    [
      'a subscription of two payers',
      billing({ user: 'peter', organization: 'initech', plan: 'gold' }),
      'requires either a "user"',
    ],
    [
      'an unknown payer',
      billing({ user: 'bill', plan: 'gold' }),
      'subscription 1 in the seed belongs to "bill", but the seed only has peter',
    ],
    ['a free plan', billing({ user: 'peter', plan: 'free' }), 'but the paid plans for users are only gold'],
    [
      'a plan for others',
      billing({ user: 'peter', plan: 'team' }),
      'is to plan "team", but the paid plans for users are only gold',
    ],
    [
      'a trial that the plan has not',
      billing({ user: 'peter', plan: 'gold', trial: true }),
      'plan "gold" has no "freeTrialDays"',
    ],
    [
      'a year that the plan has not',
      billing({ user: 'peter', plan: 'gold', period: 'annual' }),
      'plan "gold" has no "annualMonthlyAmount"',
    ],
    [
      'two subscriptions',
      billing({ user: 'peter', plan: 'gold' }, { user: 'peter', plan: 'gold' }),
      'subscription 2 in the seed is the second one of its payer',
    ],
    [
      'a statement without a subscription',
      { statements: [{ user: 'peter', payments: [] }] },
      'statement 1 in the seed must belong to a user or an organization with a subscription',
    ],
    ['an empty sign-up', { signUps: [{}] }, 'sign-up 1 in the seed requires an "emailAddress" or a "phoneNumber"'],
    [
      'an invalid sign-up',
      { signUps: [{ emailAddress: 'erin' }] },
      '"emailAddress" of sign-up 1 in the seed must be an email address',
    ],
    ['an unknown field of a machine', { machines: { a: { to: [] } } }, 'machine "a" in the seed has no "to"'],
  ])('is refused with %s', async (_, part, message) => {
    const starting = startLocalClerk({ seed: { ...SEED, ...part } })
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(TypeError)
  })
})
