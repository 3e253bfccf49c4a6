import type { Table } from '../attacks.js'
import { accepted, named, refused } from '../case.js'
import { HERE, machine, oauth, WORKER } from '../token.js'
import { within } from './within.js'

/** On a route that requires the scope `invoices:read` and a specific client. */
const atCli = { to: '/cli/x' } as const
const scoped = (name: string, values: readonly unknown[]) =>
  named(values, (value) => oauth({ scope: undefined, [name]: value }))

const NO_SCOPES = [
  'invoices:readwrite',
  'invoices:rea',
  'invoices',
  'xinvoices:read',
  'INVOICES:READ',
  'invoices:read,profile',
  'invoices:read\tprofile',
  'invoices:read\nprofile',
  'invoices:*',
  '*',
  'toString',
  '__proto__',
  'constructor',
  '',
  null,
  1,
  ['invoices:read'],
  { 'invoices:read': true },
]

const NO_SCOPE_LISTS = [
  'invoices:read',
  ['invoices:readwrite'],
  ['invoices:read profile'],
  [['invoices:read']],
  ['invoices:read', 1],
  { 0: 'invoices:read', length: 1 },
  [],
  null,
  [null],
]

const NO_MACHINES = [
  [],
  '',
  null,
  1,
  {},
  HERE.slice(0, -1),
  `${HERE}x`,
  `x${HERE}`,
  [HERE, 1],
  [[HERE]],
  `${HERE},${WORKER}`,
  HERE.toUpperCase(),
  '*',
  'any',
  WORKER,
]

export const scopes = {
  'scopes that are almost the required ones': [
    ...refused('scope-missing', scoped('scope', NO_SCOPES), atCli),
    ...refused('scope-missing', scoped('scp', NO_SCOPE_LISTS), atCli).map(within('as scp')),
    ...refused(
      'scope-missing',
      { 'scp without it beside scope with it': oauth({ scp: ['profile'] }), none: oauth({ scope: undefined }) },
      atCli,
    ),
    ...accepted({ scopes: ['invoices:read'] }, { 'not: the scope': oauth() }, atCli),
    ...accepted(
      { scopes: ['openid', 'invoices:read'] },
      { 'not: with spaces around it': oauth({ scope: '  openid   invoices:read ' }) },
      atCli,
    ),
    ...accepted(
      { scopes: ['invoices:read'] },
      { 'not: the scope as an array': oauth({ scope: undefined, scp: ['invoices:read'] }) },
      atCli,
    ),
    ...refused(
      'machine-out-of-scope',
      named(NO_MACHINES, (scopes) => machine({ scopes })),
      { to: '/machine/x' },
    ).map(within('of a machine')),
    ...refused(
      'machine-out-of-scope',
      {
        'of a machine, missing': machine({ scopes: undefined }),
        'of a machine, in the audience instead': machine({ scopes: WORKER, aud: HERE }),
        'of a machine, in the audience next to an empty array': machine({ scopes: [], aud: HERE }),
      },
      { to: '/machine/x' },
    ),
    ...accepted(
      { machineId: WORKER },
      { 'not: of a machine, several': machine({ scopes: `${WORKER}  ${HERE}` }) },
      { to: '/machine/x' },
    ),
  ],
} satisfies Partial<Table<'grants'>>
