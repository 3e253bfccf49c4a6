import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs } from './both.js'
import { fieldsOf, SESSION_FIELDS } from './fields.js'
import { NOW, sessionToken, type Claims } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

async function ask(claims: Claims) {
  const token = sessionToken(claims)
  const clerk = (await askClerk(token)).auth()
  const ours = await askOurs(token)
  expect(fieldsOf(ours, SESSION_FIELDS)).toEqual(fieldsOf(clerk, SESSION_FIELDS))
  return { clerk, ours }
}

const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`).join()
const org = (o: object, fea = 'o:f') => ({ o: { id: 'org_2a', rol: 'admin', slg: 'acme', ...o }, fea })

describe('the permissions of an organization', () => {
  it.each<[what: string, claims: Claims, permissions: string[] | undefined]>([
    [
      'the user’s own features have no position in the masks',
      org({ per: 'manage,read', fpm: '3,2' }, 'o:dashboard,u:beta,o:teams'),
      ['org:dashboard:manage', 'org:dashboard:read', 'org:teams:read'],
    ],
    [
      'a mask of zero keeps its position',
      org({ per: 'manage,read,update', fpm: '6,0,3' }, 'o:repositories,o:impersonation,o:billing'),
      ['org:repositories:read', 'org:repositories:update', 'org:billing:manage', 'org:billing:read'],
    ],
    [
      'a feature of both has a position',
      org({ per: 'read', fpm: '0,1' }, 'uo:shared,ou:both,u:mine'),
      ['org:both:read'],
    ],
    ['2^53 + 1 has two bits', org({ per: many(54), fpm: '9007199254740993' }), ['org:f:p0', 'org:f:p53']],
    ['2^54 has no bits among 54', org({ per: many(54), fpm: '18014398509481984' }), []],
    ['2^64 has the 65th', org({ per: many(65), fpm: '18446744073709551616' }), ['org:f:p64']],
    ['bits without a name are ignored', org({ per: 'read', fpm: '255' }), ['org:f:read']],
    ['leading zeros are ignored', org({ per: 'read,write', fpm: '0002' }), ['org:f:write']],
    ['white space around entries is ignored', org({ per: ' read , write', fpm: ' 3 ' }), ['org:f:read', 'org:f:write']],
    [
      'a mask that is not a number is empty, and keeps its position',
      org({ per: 'read', fpm: '1x,1' }, 'o:a,o:b'),
      ['org:b:read'],
    ],
    ['a negative mask is empty', org({ per: 'read', fpm: '-1' }), []],
    ['a mask with a fraction is empty', org({ per: 'read', fpm: '1.0' }), []],
    [
      'with fewer masks than features the last features have none',
      org({ per: 'read', fpm: '1' }, 'o:a,o:b'),
      ['org:a:read'],
    ],
    ['surplus masks are ignored', org({ per: 'read', fpm: '1,1' }), ['org:f:read']],
    ['no masks, no permissions', org({ per: 'read' }), []],
    ['no names, no permissions', org({ fpm: '1' }), []],
    ['no features, no permissions', { o: { id: 'org_2a', per: 'read', fpm: '1' } }, []],
    ['a feature whose name contains a colon keeps it', org({ per: 'read', fpm: '1' }, 'o:a:b'), ['org:a:b:read']],
    ['no organization, no list', { fea: 'o:f' }, undefined],
    ['the first format lists them', { v: undefined, org_id: 'org_2a', org_permissions: ['org:a:b'] }, ['org:a:b']],
    ['an unknown format is read as the first', { v: 3, org_id: 'org_2a', org_permissions: ['org:a:b'] }, ['org:a:b']],
    ['the string "2" is not a format', { v: '2', org_id: 'org_2a', org_permissions: [] }, []],
    ['the first format without a list has none', { v: undefined, org_id: 'org_2a' }, undefined],
    [
      'the second format does not read the claims of the first',
      { v: 2, org_id: 'org_2a', org_permissions: ['org:a:b'] },
      undefined,
    ],
  ])('%s', async (_what, claims, permissions) => {
    const { ours } = await ask(claims)
    expect(ours['orgPermissions']).toEqual(permissions)
  })
})

describe('has()', () => {
  const version2 = {
    ...org({ per: 'read,write', fpm: '3,1' }, 'o:invoices,o:teams,u:beta,uo:shared'),
    pla: 'o:pro,u:free',
    fva: [5, 30],
  }
  const version1 = {
    v: undefined,
    org_id: 'org_2a',
    org_role: 'org:admin',
    org_permissions: ['org:invoices:read', 'teams:read'],
    fea: 'o:invoices',
    pla: 'u:free',
  }

  it.each<[asked: object, answer: boolean, claims?: Claims]>([
    [{ role: 'admin' }, true],
    [{ role: 'org:admin' }, true],
    [{ role: 'org:org:admin' }, true],
    [{ role: 'member' }, false],
    [{ role: 'Admin' }, false],
    [{ permission: 'org:invoices:write' }, true],
    [{ permission: 'invoices:write' }, true],
    [{ permission: 'org:org:invoices:write' }, true],
    [{ permission: 'org:teams:write' }, false],
    [{ permission: 'org:beta:read' }, false],
    [{ feature: 'invoices' }, true],
    [{ feature: 'org:invoices' }, true],
    [{ feature: 'o:invoices' }, true],
    [{ feature: 'organization:invoices' }, true],
    [{ feature: 'user:invoices' }, false],
    [{ feature: 'u:beta' }, true],
    [{ feature: 'user:beta' }, true],
    [{ feature: 'org:beta' }, false],
    [{ feature: 'user:shared' }, true],
    [{ feature: 'org:shared' }, true],
    [{ feature: 'uo:shared' }, false],
    [{ feature: 'team:invoices' }, false],
    [{ feature: 'org:invoices:anything' }, true],
    [{ plan: 'pro' }, true],
    [{ plan: 'user:pro' }, false],
    [{ plan: 'u:free' }, true],
    [{ reverification: 'strict' }, false],
    [{ reverification: 'moderate' }, true],
    [{ reverification: { level: 'first_factor', afterMinutes: 6 } }, true],
    [{ reverification: { level: 'first_factor', afterMinutes: 5 } }, false],
    [{ role: 'admin', permission: 'org:teams:read', feature: 'shared', plan: 'pro', reverification: 'lax' }, true],
    [{ role: 'admin', permission: 'org:teams:write' }, false],
    [{ role: 'member', feature: 'invoices' }, false],
    [{ feature: 'invoices', plan: 'gold' }, false],
    [{ role: 'admin', reverification: 'strict_mfa' }, false],
    [{}, false],
    [{ role: null }, false],
    [{ permission: ['org:invoices:write'] }, false],
    [{ role: 'admin', feature: null }, false],
    [{ role: 'admin' }, true, version1],
    [{ permission: 'invoices:read' }, true, version1],
    // The list of the first format is compared unchanged: only the question gets the prefix.
    [{ permission: 'teams:read' }, false, version1],
    [{ feature: 'invoices' }, true, version1],
    [{ plan: 'user:free' }, true, version1],
    [{ role: 'admin' }, false, { v: 2, org_id: 'org_2a', org_role: 'org:admin' }],
    [{ feature: 'beta' }, true, { fea: 'u:beta' }],
    [{ feature: 'beta' }, false, { fea: 'u:beta,x' }],
    [{ plan: 'free' }, false, { pla: 'free' }],
    [{ reverification: 'lax' }, false, { fva: [-1, -1] }],
    [{ reverification: 'lax' }, false, { fva: [1] }],
    [{ reverification: 'lax' }, false, { fva: ['1', '1'] }],
  ])('for %j returns %j', async (asked, answer, claims = version2) => {
    const { clerk, ours } = await ask(claims)
    expect({ clerk: clerk.has(asked), ours: ours.has(asked) }).toEqual({ clerk: answer, ours: answer })
  })
})

describe('a session', () => {
  it.each<[what: string, claims: Claims]>([
    ['with an actor', { act: { sub: 'user_admin', iss: 'https://dashboard.clerk.com', sid: 'sess_1' } }],
    ['with an agent as the actor', { act: { sub: 'agent_1', type: 'agent', act: { sub: 'user_admin' } } }],
    ['that is active', { sts: 'active' }],
    ['without a status', {}],
    ['that is pending', { sts: 'pending', o: { id: 'org_2a', rol: 'admin' } }],
    [
      'with custom claims of any name',
      { metadata: { tier: ['gold'] }, has: true, userId: 'user_other', orgId: 'org_other' },
    ],
    ['with malformed factor ages', { fva: [1, 2, 3] }],
  ])('%s is read in the same way', async (_what, claims) => {
    const token = sessionToken(claims)
    for (const treatPendingAsSignedOut of [true, false]) {
      const clerk = (await askClerk(token, { treatPendingAsSignedOut })).auth()
      const ours = await askOurs(token, { treatPendingAsSignedOut })
      expect(clerk.isAuthenticated).toBe(claims['sts'] !== 'pending' || !treatPendingAsSignedOut)
      const fields = ours.isAuthenticated ? SESSION_FIELDS : SESSION_FIELDS.filter((name) => name !== 'tokenType')
      expect(fieldsOf(ours, fields)).toEqual(fieldsOf(clerk, fields))
    }
  })
})
