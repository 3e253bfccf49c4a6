import { describe, expect, it } from 'vitest'
import { hasAll } from '../src/auth/has.js'
import { session } from './fixtures-tokens.js'

const member = session({
  o: { id: 'org_2a', rol: 'admin', per: 'read', fpm: '1' },
  fea: 'o:teams,u:beta,ou:both',
  pla: 'o:pro,u:free',
  fva: [5, -1],
})
const loner = session({ fea: 'u:beta', pla: 'u:free' })

describe('has', () => {
  it.each([
    { role: 'org:admin' },
    { role: 'admin' },
    { role: 'org:org:admin' },
    { permission: 'org:teams:read' },
    { permission: 'teams:read' },
    ...['teams', 'o:teams', 'org:teams', 'organization:teams', 'beta', 'u:beta', 'user:beta'].map((feature) => ({
      feature,
    })),
    ...['both', 'org:both', 'user:both', 'user:both:more'].map((feature) => ({ feature })),
    ...['pro', 'o:pro', 'org:pro', 'organization:pro', 'free', 'u:free', 'user:free'].map((plan) => ({ plan })),
    { reverification: 'strict' },
    { reverification: { level: 'first_factor', afterMinutes: 6 } },
    { role: 'admin', permission: 'teams:read', feature: 'teams', plan: 'pro', reverification: 'lax' },
    { role: 'admin', permission: undefined },
  ])('is true for %j', (asked) => {
    expect(member.has(asked as object)).toBe(true)
  })

  it.each([
    { role: 'org:member' },
    { role: 'ADMIN' },
    { permission: 'org:teams:write' },
    { permission: 'org:teams' },
    ...['other', 'user:teams', 'org:beta', 'x:teams', 'x:beta', 'O:teams', ':teams', 'org', 'org:', 'user:'].map(
      (feature) => ({
        feature,
      }),
    ),
    ...['other', 'user:pro', 'org:free', 'x:pro', 'x:free', 'toString'].map((plan) => ({ plan })),
    { reverification: { level: 'first_factor', afterMinutes: 5 } },
    { reverification: { level: 'first_factor', afterMinutes: Number.NaN } },
    { reverification: 'toString' },
    ...['role', 'permission', 'feature', 'plan', 'reverification'].flatMap((name) =>
      [null, '', 0, true, [], {}, ['admin']].map((value) => ({ [name]: value })),
    ),
    { role: 'org:member', permission: 'teams:read', feature: 'teams', plan: 'pro', reverification: 'lax' },
    { role: 'admin', permission: 'x', feature: 'teams', plan: 'pro', reverification: 'lax' },
    { role: 'admin', permission: 'teams:read', feature: 'x', plan: 'pro', reverification: 'lax' },
    { role: 'admin', permission: 'teams:read', feature: 'teams', plan: 'x', reverification: 'lax' },
    { role: 'admin', permission: 'teams:read', feature: 'teams', plan: 'pro', reverification: 'x' },
  ])('is false for %j', (asked) => {
    expect(member.has(asked as object)).toBe(false)
  })

  it('is false for an empty name, even if a claim contains one', () => {
    const nameless = session({ fea: 'u:,o:', pla: 'u:,o:' })
    for (const asked of ['', 'user:', 'org:', ':', 'user::', 'u:'])
      expect([asked, nameless.has({ feature: asked }), nameless.has({ plan: asked })]).toEqual([asked, false, false])
  })

  it('is false for an empty role or permission, even if a claim contains one', () => {
    const nameless = session({ v: undefined, org_id: 'org_2a', org_role: 'org:', org_permissions: ['org:', ''] })
    expect(nameless.has({ role: '' })).toBe(false)
    expect(nameless.has({ permission: '' })).toBe(false)
  })

  it.each([undefined, null, {}, { roles: 'admin' }, 'admin', 1, ['admin']])('is false for the question %j', (asked) => {
    expect(member.has(asked as object)).toBe(false)
  })

  it('grants no role or permission without an organization, whatever the other claims say', () => {
    const facts = { ...member, orgId: undefined }
    expect(hasAll(facts, { role: 'admin' })).toBe(false)
    expect(hasAll(facts, { permission: 'teams:read' })).toBe(false)
    expect(hasAll({ ...member, orgPermissions: undefined }, { permission: 'teams:read' })).toBe(false)
  })

  it('grants features and plans of the user without an organization', () => {
    expect(loner.has({ feature: 'beta' })).toBe(true)
    expect(loner.has({ plan: 'user:free' })).toBe(true)
    expect(loner.has({ feature: 'org:beta' })).toBe(false)
  })

  it('compares the permissions of version 1 unchanged', () => {
    const old = session({ v: undefined, org_id: 'org_2a', org_permissions: ['org:a:x', 'b:y'] })
    expect(old.has({ permission: 'a:x' })).toBe(true)
    expect(old.has({ permission: 'b:y' })).toBe(false)
  })

  it.each([undefined, null, 1, ['o:teams'], {}, '', 'teams', 'o:teams,x'])(
    'grants nothing by the claims %j',
    (claim) => {
      expect(session({ fea: claim }).has({ feature: 'teams' })).toBe(false)
      expect(session({ pla: claim }).has({ plan: 'teams' })).toBe(false)
      expect(session({ fva: claim }).has({ reverification: 'lax' })).toBe(false)
    },
  )
})
