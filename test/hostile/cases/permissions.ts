import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import {
  HERE,
  jsonWith,
  machine,
  oauth,
  ORG,
  SECONDS,
  session,
  SESSION,
  sessions,
  USER,
  withPayload,
} from '../token.js'

type Changes = Readonly<Record<string, unknown>>

/** On a route that requires the scope `invoices:read` and a specific client. */
const atCli = { to: '/cli/x' } as const
const ORGANIZATION = { id: ORG, slg: 'acme', rol: 'admin', per: 'create,read', fpm: '3' }
const MEMBER = { o: ORGANIZATION, fea: 'o:invoices', pla: 'o:gold', fva: [2, 2] }
const inOrganization = (changes: Changes) => ({ ...MEMBER, o: { ...ORGANIZATION, ...changes } })

const NO_PERMISSIONS: Record<string, Changes> = {
  'a mask for a missing feature': inOrganization({ fpm: '0,1' }),
  'a negative mask': inOrganization({ fpm: '-1' }),
  'a mask with a fraction': inOrganization({ fpm: '1.5' }),
  'a hexadecimal mask': inOrganization({ fpm: '0x3' }),
  'a mask with an exponent': inOrganization({ fpm: '3e0' }),
  'a mask of non-ASCII digits': inOrganization({ fpm: '٣' }),
  'a mask with separators': inOrganization({ fpm: '1_1' }),
  'a mask of 1,500 digits': inOrganization({ fpm: `1${'0'.repeat(1500)}` }),
  'a thousand masks': inOrganization({ fpm: Array(1000).fill('0').join() }),
  'an empty mask': inOrganization({ fpm: '' }),
  'a mask that is a number': inOrganization({ fpm: 3 }),
  'a mask in an array': inOrganization({ fpm: ['3'] }),
  'no mask': inOrganization({ fpm: undefined }),
  'no permission names': inOrganization({ per: undefined }),
  'permission names in an array': inOrganization({ per: ['create', 'read'] }),
  'permission names in an object': inOrganization({ per: { 0: 'create' } }),
  'permission names that are a number': inOrganization({ per: 1 }),
  'a fully qualified permission name': inOrganization({ per: 'org:invoices:create' }),
  'no features': { ...MEMBER, fea: undefined },
  'features in an array': { ...MEMBER, fea: ['o:invoices'] },
  'features in an object': { ...MEMBER, fea: { 0: 'o:invoices' } },
  'a feature without a scope': { ...MEMBER, fea: 'invoices' },
  'a feature with a scope, and another without one': { ...MEMBER, fea: 'o:invoices,x' },
  'a feature of the user': { ...MEMBER, fea: 'u:invoices' },
  'a feature with an unknown scope': { ...MEMBER, fea: 'x:invoices' },
  'a feature in uppercase': { ...MEMBER, fea: 'O:invoices' },
  'an organization that is a string': { ...MEMBER, o: ORG },
  'an organization in an array': { ...MEMBER, o: [ORGANIZATION] },
  'an organization that is null': { ...MEMBER, o: null },
  'an organization without an id': inOrganization({ id: undefined }),
  'an organization with an empty id': inOrganization({ id: '' }),
  'an organization whose id is a number': inOrganization({ id: 1 }),
  'an organization whose id is an array': inOrganization({ id: [ORG] }),
  'another version': { ...MEMBER, v: 3 },
  'a version that is a string': { ...MEMBER, v: '2' },
  'claims of version 1 next to those of version 2': {
    v: 2,
    org_id: ORG,
    org_role: 'admin',
    org_permissions: ['org:invoices:create'],
  },
  'permissions of version 1 that are a string': { v: undefined, org_id: ORG, org_permissions: 'org:invoices:create' },
  'permissions of version 1 in a nested array': {
    v: undefined,
    org_id: ORG,
    org_permissions: [['org:invoices:create']],
  },
  'permissions of version 1 in an object': { v: undefined, org_id: ORG, org_permissions: { 0: 'org:invoices:create' } },
  'permissions of version 1 without an organization': { v: undefined, org_permissions: ['org:invoices:create'] },
}

const NO_ROLES = [
  undefined,
  null,
  1,
  true,
  '',
  ['admin'],
  { admin: true },
  'admin ',
  'Admin',
  'admin,member',
  'org:administrator',
  '__proto__',
]

const NO_FACTOR_AGES = [
  undefined,
  null,
  'now',
  0,
  [],
  [0],
  [0, 0, 0],
  ['0', '0'],
  [null, null],
  [-5, -5],
  [-1, -1],
  [[0], [0]],
  { 0: 0, 1: 0, length: 2 },
  [true, true],
]

/** The claims grant nothing, but the session is valid. */
function grantsNothing(
  claims: Readonly<Record<string, Changes>>,
  to: string,
  code: 'permission-missing' | 'role-missing' | 'reverification-required',
): Case[] {
  return [
    ...refused(code, sessions(claims), { to }),
    ...accepted(
      { userId: USER },
      Object.fromEntries(
        Object.entries(claims).map(([name, one]) => [
          `${name}, on a route that requires none`,
          session({ ...one, at: '/me' }),
        ]),
      ),
    ),
  ]
}

export const permissions = {
  'permissions that are malformed': [
    ...grantsNothing(NO_PERMISSIONS, '/invoices-create/x', 'permission-missing'),
    ...grantsNothing(
      Object.fromEntries(NO_ROLES.map((rol) => [`the role ${JSON.stringify(rol)}`, inOrganization({ rol })])),
      '/admin/x',
      'role-missing',
    ),
    ...grantsNothing(
      Object.fromEntries(NO_FACTOR_AGES.map((fva) => [`the factor ages ${JSON.stringify(fva)}`, { ...MEMBER, fva }])),
      '/reverified/x',
      'reverification-required',
    ),
    ...refused(
      'reverification-required',
      Object.fromEntries(
        ['[1e999,0]', '[0,-1e999]'].map((fva) => [
          `the factor ages ${fva}`,
          withPayload(jsonWith(SESSION, `"fva":${fva}`)),
        ]),
      ),
      { to: '/reverified/x' },
    ),
    ...accepted(
      { orgId: ORG, orgPermissions: ['org:invoices:create', 'org:invoices:read'] },
      { 'not: valid': session(MEMBER) },
      { to: '/invoices-create/x' },
    ),
    ...accepted(
      { orgRole: 'org:admin' },
      { 'not: the role as it should be': session({ ...MEMBER, n: 1 }) },
      { to: '/admin/x' },
    ),
    ...accepted(
      { factorVerificationAge: [2, 2] },
      { 'not: the factor ages as they should be': session({ ...MEMBER, n: 2 }) },
      { to: '/reverified/x' },
    ),
  ],

  'a pending session': [
    ...refused('session-pending', { 'on a route that requires a user': session({ sts: 'pending' }) }),
    ...refused(
      'session-pending',
      { 'on a route that requires a role that it has': session({ ...MEMBER, sts: 'pending' }) },
      { to: '/admin/x' },
    ),
    ...refused('token-expired', { 'that has also expired': session({ sts: 'pending', exp: SECONDS - 5 }) }),
    ...accepted(
      { userId: USER, sessionStatus: 'pending' },
      { 'not: if pending sessions are accepted': session({ sts: 'pending' }) },
      { api: 'that accepts pending sessions' },
    ),
  ],

  'only one of two requirements met': [
    ...refused(
      'feature-missing',
      sessions({
        'the role without the feature': { ...MEMBER, fea: undefined },
        'the role and a malformed feature': { ...MEMBER, fea: ['o:invoices'] },
        'the role and another feature': { ...MEMBER, fea: 'o:reports' },
      }),
      { to: '/admin-with-feature/x' },
    ),
    ...refused(
      'role-missing',
      sessions({
        'the feature and another role': inOrganization({ rol: 'member' }),
        'the feature and a malformed role': inOrganization({ rol: ['admin'] }),
        'the feature without an organization': { ...MEMBER, o: undefined, fea: 'u:invoices' },
      }),
      { to: '/admin-with-feature/x' },
    ),
    ...refused(
      'plan-missing',
      sessions({
        'the permission without the plan': { ...MEMBER, pla: undefined },
        'the permission and a malformed plan': { ...MEMBER, pla: 'gold' },
      }),
      { to: '/permitted-on-plan/x' },
    ),
    ...refused(
      'permission-missing',
      sessions({
        'the plan without the permission': inOrganization({ fpm: '2' }),
        'the plan and a malformed permission': inOrganization({ fpm: 3 }),
      }),
      { to: '/permitted-on-plan/x' },
    ),
    ...refused(
      'reverification-required',
      sessions({
        'the role, with an old verification': { ...MEMBER, fva: [60, 60] },
        'the role, without a verification time': { ...MEMBER, fva: undefined },
      }),
      { to: '/admin-reverified/x' },
    ),
    ...refused('role-missing', sessions({ 'a recent verification, without the role': { fva: [0, 0] } }), {
      to: '/admin-reverified/x',
    }),
    ...accepted(
      { userId: USER },
      { 'not: the role and the feature': session({ ...MEMBER, n: 3 }) },
      { to: '/admin-with-feature/x' },
    ),
    ...refused('scope-missing', { 'the client and another scope': oauth({ scope: 'profile' }) }, atCli),
    ...refused(
      'scope-missing',
      { 'neither the client nor the scope': oauth({ client_id: 'client_other', scope: 'profile' }) },
      atCli,
    ),
    ...refused('client-not-allowed', { 'the scope and another client': oauth({ client_id: 'client_other' }) }, atCli),
    ...refused(
      'machine-not-allowed',
      { 'a machine in scope that is not the required one': machine({ sub: HERE }) },
      { to: '/worker/x' },
    ),
  ],
} satisfies Partial<Table<'grants'>>
