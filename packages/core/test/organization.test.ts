import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../src/support/json.js'
import { activeOrganization, prefixWithOrg, splitByScope } from '../src/auth/organization.js'

const NONE = { orgId: undefined, orgSlug: undefined, orgRole: undefined, orgPermissions: undefined }
const read = (claims: object) => activeOrganization(claims as JsonObject)
const permissions = (fea: unknown, per: unknown, fpm: unknown) =>
  read({ v: 2, fea, o: { id: 'org_2a', per, fpm } }).orgPermissions

describe('activeOrganization, version 2', () => {
  it('reads o', () => {
    const o = { id: 'org_2a', slg: 'acme', rol: 'admin', per: 'manage,read', fpm: '3,2' }
    expect(read({ v: 2, fea: 'o:dashboard,u:beta,o:teams', o })).toEqual({
      orgId: 'org_2a',
      orgSlug: 'acme',
      orgRole: 'org:admin',
      orgPermissions: ['org:dashboard:manage', 'org:dashboard:read', 'org:teams:read'],
    })
  })

  const many = Array.from({ length: 55 }, (_, i) => `p${i}`)
  it.each([
    [
      'masks in the order of the features',
      'o:repositories,o:impersonation,o:billing',
      'manage,read,update',
      '6,0,3',
      ['org:repositories:read', 'org:repositories:update', 'org:billing:manage', 'org:billing:read'],
    ],
    ['more bits than a double has', 'o:f', many.slice(0, 54).join(), '9007199254740993', ['org:f:p0', 'org:f:p53']],
    ['a bit beyond the last permission', 'o:f', many.slice(0, 54).join(), '18014398509481984', []],
    ['the next bit, with a name', 'o:f', many.join(), '18014398509481984', ['org:f:p54']],
    ['features of the user, which have no mask', 'u:a,o:b,u:c,o:d', 'x', '0,1', ['org:d:x']],
    [
      'features of both the user and the organization',
      'ou:a,uo:b,o:c',
      'x',
      '1,1,1',
      ['org:a:x', 'org:b:x', 'org:c:x'],
    ],
    ['unknown scopes', 'z:a,o:b', 'x', '1,1', ['org:b:x']],
    ['a feature with a colon', 'o:a:b', 'x', '1', ['org:a:b:x']],
    ['whitespace around entries', ' o:a , o:b ', ' x , y ', ' 1 , 2 ', ['org:a:x', 'org:b:y']],
    ['one mask more than the organization has features', 'o:a,u:b', 'x', '1,1', ['org:a:x']],
    ['fewer masks than features', 'o:a,o:b', 'x', '1', ['org:a:x']],
    ['more masks than features', 'o:a', 'x', '1,1', ['org:a:x']],
    ['an empty mask', 'o:a,o:b', 'x', ',1', ['org:b:x']],
    ['leading zeros', 'o:a', 'x,y', '02', ['org:a:y']],
  ])('unfolds %s', (_, fea, per, fpm, expected) => {
    expect(permissions(fea, per, fpm)).toEqual(expected)
  })

  it.each(['1.5', '-1', '+1', '1x', '0x1', '1e0', '1_0', '0b1', ' ', '１', 'NaN'])(
    'grants nothing for the mask %j, but still applies the others',
    (mask) => {
      expect(permissions('o:a,o:b', 'x', `${mask},1`)).toEqual(['org:b:x'])
    },
  )

  it.each([
    ['no fea', undefined, 'x', '1'],
    ['an empty fea', '', 'x', '1'],
    ['an entry of fea without a scope', 'o:a,b', 'x', '1'],
    ['fea as a list', ['o:a'], 'x', '1'],
    ['no per', 'o:a', undefined, '1'],
    ['an empty per', 'o:a', '', '1'],
    ['per as a list', 'o:a', ['x'], '1'],
    ['no fpm', 'o:a', 'x', undefined],
    ['an empty fpm', 'o:a', 'x', ''],
    ['fpm as a number', 'o:a', 'x', 1],
    ['fpm as a list', 'o:a', 'x', [1]],
  ])('grants no permission with %s', (_, fea, per, fpm) => {
    expect(permissions(fea, per, fpm)).toEqual([])
  })

  it.each([undefined, null, 'org_2a', 1, ['org_2a'], {}, { id: '' }, { id: 1 }, { id: ['org_2a'] }, { rol: 'admin' }])(
    'returns no organization for the o %j',
    (o) => {
      expect(read({ v: 2, o, fea: 'o:a' })).toEqual(NONE)
    },
  )

  it.each([undefined, null, '', 1, ['admin'], {}])('returns null for the slug and role %j', (value) => {
    expect(read({ v: 2, o: { id: 'org_2a', slg: value, rol: value } })).toEqual({
      ...NONE,
      orgId: 'org_2a',
      orgPermissions: [],
    })
  })

  it('does not read the claims of version 1', () => {
    expect(read({ v: 2, org_id: 'org_2a', org_role: 'org:admin', org_permissions: ['org:a:x'] })).toEqual(NONE)
  })

  it('unfolds the largest claims that fit into a token', () => {
    const features = Array.from({ length: 600 }, (_, i) => `f${i}`)
    const fea = features.map((name) => `o:${name}`).join()
    expect(permissions(fea, Array(1400).fill('a').join(), Array(600).fill('1').join())).toEqual(
      features.map((name) => `org:${name}:a`),
    )
    const digits = '9'.repeat(6000)
    const granted = many.filter((_, bit) => (BigInt(digits) >> BigInt(bit)) & 1n)
    expect(permissions('o:a', many.join(), digits)).toEqual(granted.map((name) => `org:a:${name}`))
  })
})

describe('activeOrganization, version 1', () => {
  const claims = { org_id: 'org_2a', org_slug: 'acme', org_role: 'org:admin', org_permissions: ['org:a:x', 1, 'b:y'] }

  it.each([undefined, 1, '2', 3, null])('reads one claim for each field if v is %j', (v) => {
    expect(read({ ...claims, v, o: { id: 'org_other' } })).toEqual({
      orgId: 'org_2a',
      orgSlug: 'acme',
      orgRole: 'org:admin',
      orgPermissions: ['org:a:x', 'b:y'],
    })
  })

  it.each(['admin', 'org:admin', 'org:org:admin'])('returns the role %s with a single prefix', (org_role) => {
    expect(read({ ...claims, org_role }).orgRole).toBe('org:admin')
    expect(read({ v: 2, o: { id: 'org_2a', rol: org_role } }).orgRole).toBe('org:admin')
  })

  it.each([undefined, null, '', 1, ['org_2a']])('returns no organization for the org_id %j', (org_id) => {
    expect(read({ ...claims, org_id })).toEqual(NONE)
  })

  it.each([undefined, null, 'org:a:x', { 0: 'org:a:x' }])('grants nothing for the org_permissions %j', (value) => {
    expect(read({ ...claims, org_permissions: value }).orgPermissions).toBeUndefined()
  })
})

it('freezes the permissions of both versions, because other requests share the list', () => {
  expect(Object.isFrozen(permissions('o:a', 'x', '1'))).toBe(true)
  expect(Object.isFrozen(read({ org_id: 'org_2a', org_permissions: ['org:a:x'] }).orgPermissions)).toBe(true)
})

it.each(['admin', 'org:admin', 'org:org:org:admin'])('prefixWithOrg returns org:admin for %s', (name) => {
  expect(prefixWithOrg(name)).toBe('org:admin')
})

describe('splitByScope', () => {
  it.each([
    ['o:a,u:b,ou:c,uo:d,o:e', ['a', 'c', 'd', 'e'], ['b', 'c', 'd']],
    ['O:a,x:b,:c', [], []],
    ['o:a,b', [], []],
    ['o:a,', [], []],
    ['', [], []],
    [['o:a'], [], []],
    [undefined, [], []],
  ])('splits %j', (claim, org, user) => {
    expect(splitByScope(claim)).toEqual({ org, user })
  })
})
