import { AUDIENCE, PARTY } from '../apis.js'
import type { Table } from '../attacks.js'
import { accepted, named, refused } from '../case.js'
import { CLIENT, ISSUER, machine, oauth, session, sessions, USER, WORKER } from '../token.js'
import { within } from './within.js'

const each = (name: string, values: readonly unknown[]) => named(values, (value) => session({ [name]: value }))

const ISSUERS = {
  'with a trailing slash': `${ISSUER}/`,
  'in uppercase': ISSUER.toUpperCase(),
  'with one uppercase letter': ISSUER.replace('clerk', 'Clerk'),
  'with http': ISSUER.replace('https', 'http'),
  'without a scheme': ISSUER.replace('https://', ''),
  'with a port': `${ISSUER}:443`,
  'with a suffix': `${ISSUER}.evil.example`,
  'with a prefix': `https://evil.example/${ISSUER}`,
  truncated: ISSUER.slice(0, -1),
  'as a username': `${ISSUER}@evil.example`,
  'as a query': `https://evil.example/?${ISSUER}`,
  'as a fragment': `https://evil.example/#${ISSUER}`,
  'with leading whitespace': ` ${ISSUER}`,
  'with trailing whitespace': `${ISSUER} `,
  'with a trailing line break': `${ISSUER}\n`,
  'with a trailing NUL': `${ISSUER}\0`,
  'with a lookalike letter': ISSUER.replace('e', 'е'),
  'of a local instance': 'http://127.0.0.1:5000',
  'that is a pattern': 'https://.*',
  'that is a long string': `https://${'a'.repeat(3000)}!`,
}

const WRONG_AUDIENCES = [
  undefined,
  null,
  '',
  [],
  {},
  1,
  true,
  [1, 'x'],
  [1, AUDIENCE],
  [[AUDIENCE]],
  { 0: AUDIENCE },
  `x,${AUDIENCE}`,
  `x ${AUDIENCE}`,
  AUDIENCE.toUpperCase(),
  `${AUDIENCE}/`,
  ` ${AUDIENCE}`,
  AUDIENCE.slice(0, -1),
  '*',
  ['x', 'y'],
]

const WRONG_PARTIES = [
  null,
  '',
  [],
  {},
  [PARTY],
  1,
  true,
  `${PARTY}/`,
  PARTY.toUpperCase(),
  `${PARTY}.evil.example`,
  `${PARTY}@evil.example`,
  `https://evil.example?${PARTY}`,
  PARTY.replace('https', 'http'),
  `${PARTY}:443`,
  ` ${PARTY}`,
  `${PARTY},https://evil.example`,
  'null',
  '*',
]

export const parties = {
  'an issuer that is almost ours': [
    ...refused(
      'token-invalid-issuer',
      sessions(Object.fromEntries(Object.entries(ISSUERS).map(([name, iss]) => [name, { iss }]))),
    ),
    ...refused(
      'token-claim-invalid',
      each('iss', [
        undefined,
        null,
        '',
        [],
        [ISSUER],
        ['https://clerk.evil.example', ISSUER],
        [ISSUER, 'https://clerk.evil.example'],
        {},
        { 0: ISSUER },
        1,
        true,
      ]),
    ),
    ...refused('token-invalid-issuer', { 'in a machine token': machine({ iss: `${ISSUER}/` }) }, { to: '/machine/x' }),
    ...refused('token-invalid-issuer', { 'in an OAuth token': oauth({ iss: `${ISSUER}/` }) }, { to: '/oauth/x' }),
  ],

  'an audience that is almost ours': [
    ...refused('token-invalid-audience', each('aud', WRONG_AUDIENCES), { api: 'with an audience' }),
    ...refused(
      'token-invalid-audience',
      named([undefined, [[AUDIENCE]], `${AUDIENCE}/`], (aud) => oauth({ aud })),
      { api: 'with an audience', to: '/oauth/x' },
    ).map(within('OAuth token')),
    ...accepted(
      { userId: USER },
      { 'not: ours': session({ aud: AUDIENCE }), 'not: ours among others': session({ aud: ['x', AUDIENCE] }) },
      { api: 'with an audience' },
    ),
  ],

  'a party that is almost authorized': [
    ...refused('token-invalid-authorized-parties', each('azp', [undefined, ...WRONG_PARTIES]), { api: 'with parties' }),
    ...refused('token-invalid-authorized-parties', each('azp', WRONG_PARTIES), { api: 'with optional parties' }).map(
      within('if parties are optional'),
    ),
    ...accepted({ userId: USER }, { 'not: an authorized one': session({ azp: PARTY }) }, { api: 'with parties' }),
    ...accepted(
      { userId: USER },
      { 'not: none, if parties are optional': session({ azp: undefined }) },
      { api: 'with optional parties' },
    ),
  ],

  'a subject that is not a user': [
    ...refused('token-claim-invalid', each('sub', [undefined, null, '', 0, 1, true, [USER], {}])),
    ...refused('token-claim-invalid', each('sid', [null, '', 0, 1, true, ['sess_1'], {}])).map(
      within('as the session'),
    ),
    ...refused('token-type-mismatch', {
      'a machine': session({ sub: WORKER }),
      'a machine, without a category': session({ sub: WORKER }, { cat: undefined }),
    }),
    ...refused(
      'token-claim-invalid',
      named(['mch_', 'mch_short', `${WORKER}0`, `${WORKER.slice(0, -1)}/`], (sub) => machine({ sub })),
      { to: '/machine/x' },
    ).map(within('as a machine')),
    ...refused(
      'token-type-mismatch',
      named([USER, 'MCH_2qZr6Tn1hMv4XkPs9DbWf0JyLcE', ['mch_'], null], (sub) => machine({ sub })),
      { to: '/machine/x' },
    ).map(within('in a machine token')),
    ...refused(
      'token-claim-invalid',
      named([undefined, '', 1, 'user_', 'org_2hGf4Dk9sPq1WmZn6VbXc8LrTyU', `${USER} `, [USER]], (sub) =>
        oauth({ sub }),
      ),
      { to: '/oauth/x' },
    ).map(within('in an OAuth token')),
    ...refused(
      'token-claim-invalid',
      named([undefined, '', 1, [CLIENT]], (client_id) => oauth({ client_id })),
      { to: '/oauth/x' },
    ).map(within('as the client')),
  ],
} satisfies Partial<Table<'claims'>>
