import type { Table } from '../attacks.js'
import { accepted, misconfigured, named, refused } from '../case.js'
import { jsonWith, machine, oauth, SECONDS, session, SESSION, sessions, USER, withPayload } from '../token.js'

const each = (name: string, values: readonly unknown[]) => named(values, (value) => session({ [name]: value }))

/** Session tokens whose claim is a JSON literal, for values that `JSON.stringify` would write differently. */
function eachLiteral(name: string, literals: readonly string[]): Record<string, string> {
  const { [name as 'exp']: _left, ...others } = SESSION
  return Object.fromEntries(
    literals.map((text) => [`${name} ${text}`, withPayload(jsonWith(others, `"${name}":${text}`))]),
  )
}

const NON_NUMBERS: readonly unknown[] = [
  '9e9',
  `${SECONDS + 60}`,
  '',
  true,
  false,
  null,
  [9e9],
  [SECONDS + 60],
  {},
  { valueOf: 9e9 },
  'Infinity',
]
const INVALID_TIMES = [
  '1e999',
  '-1e999',
  '1e300',
  '9e15',
  '8640000000001',
  '9007199254740993',
  '0',
  '-0',
  '0.5',
  '-1',
  '-1e300',
  '1e-7',
]

export const times = {
  'no expiry': refused('token-claim-invalid', {
    'in a session token': session({ exp: undefined }),
    'and no other times': session({ exp: undefined, iat: undefined, nbf: undefined }),
    'under another name': session({ exp: undefined, EXP: SECONDS + 60, expires_in: 60 }),
  }).concat(
    refused('token-claim-invalid', { 'in a machine token': machine({ exp: undefined }) }, { to: '/machine/x' }),
    refused('token-claim-invalid', { 'in an OAuth token': oauth({ exp: undefined }) }, { to: '/oauth/x' }),
  ),

  'an expiry that is not a number': [
    ...refused('token-claim-invalid', each('exp', NON_NUMBERS)),
    ...refused('token-claim-invalid', { 'a string in a machine token': machine({ exp: '9e9' }) }, { to: '/machine/x' }),
    ...refused('token-claim-invalid', { 'null in an OAuth token': oauth({ exp: null }) }, { to: '/oauth/x' }),
  ],

  'an expiry that is not a valid time': [
    ...refused('token-claim-invalid', eachLiteral('exp', INVALID_TIMES)),
    ...accepted(
      { userId: USER, expiresAt: (SECONDS + 60) * 1000 },
      { 'not: a fraction, which is dropped': session({ exp: SECONDS + 60.999 }) },
    ),
  ],

  'other times that are not valid': ['iat', 'nbf']
    .flatMap((name) => [
      ...refused(
        'token-claim-invalid',
        Object.fromEntries(
          Object.entries(each(name, NON_NUMBERS)).map(([value, token]) => [`${name} ${value}`, token]),
        ),
      ),
      ...refused('token-claim-invalid', eachLiteral(name, INVALID_TIMES)),
    ])
    .concat(refused('token-claim-invalid', { 'no iat': session({ iat: undefined }) })),

  'times at the edge of the tolerance': [
    ...accepted(
      { userId: USER },
      {
        'exp is now': session({ exp: SECONDS }),
        'exp was 4 s ago': session({ exp: SECONDS - 4 }),
        'nbf is in 5 s': session({ nbf: SECONDS + 5 }),
        'iat is in 5 s': session({ iat: SECONDS + 5 }),
      },
    ),
    ...refused('token-expired', {
      'exp was 5 s ago': session({ exp: SECONDS - 5 }),
      'exp was 6 s ago': session({ exp: SECONDS - 6 }),
    }),
    ...refused('token-not-active-yet', { 'nbf is in 6 s': session({ nbf: SECONDS + 6 }) }),
    ...refused('token-iat-in-the-future', { 'iat is in 6 s': session({ iat: SECONDS + 6 }) }),
    ...accepted({ userId: USER }, { 'exp was 4,999 ms ago': session({ exp: SECONDS - 4, n: 1 }) }, { at: 999 }),
    ...refused('token-expired', { 'exp was 5,000 ms ago': session({ exp: SECONDS - 4, n: 2 }) }, { at: 1000 }),
    ...accepted({ userId: USER }, { 'nbf is in 5,000 ms': session({ nbf: SECONDS + 6, n: 1 }) }, { at: 1000 }),
    ...refused('token-not-active-yet', { 'nbf is in 5,001 ms': session({ nbf: SECONDS + 6, n: 2 }) }, { at: 999 }),
  ],

  'a token from the future': [
    ...refused('token-iat-in-the-future', {
      'issued in an hour': session({ iat: SECONDS + 3600, nbf: undefined, exp: SECONDS + 7200 }),
      'issued in a thousand years': session({ iat: SECONDS + 3.2e10, nbf: undefined, exp: SECONDS + 3.3e10 }),
    }),
    ...refused('token-not-active-yet', {
      'valid from tomorrow': session({ nbf: SECONDS + 86_400, exp: SECONDS + 90_000 }),
    }),
    ...refused(
      'token-iat-in-the-future',
      { 'of a machine': machine({ iat: SECONDS + 3600, nbf: undefined, exp: SECONDS + 7200 }) },
      { to: '/machine/x' },
    ),
  ],

  'contradictory times': refused(
    'token-claim-invalid',
    sessions({
      'exp before iat': { iat: SECONDS, exp: SECONDS - 1 },
      'exp before iat, long ago': { iat: SECONDS - 10, nbf: undefined, exp: 1 },
      'nbf after exp': { nbf: SECONDS + 5, exp: SECONDS + 4 },
      'nbf after exp, both in the future': { nbf: SECONDS + 200, exp: SECONDS + 100 },
    }),
  ),

  'a cached token that has expired': [
    ...accepted(
      { userId: USER },
      { 'in one millisecond': session({ n: 3 }) },
      { after: session({ n: 3 }), at: 64_999 },
    ),
    ...refused('token-expired', { 'just now': session({ n: 4 }) }, { after: session({ n: 4 }), at: 65_000 }),
    ...refused('token-expired', { 'two minutes ago': session({ n: 5 }) }, { after: session({ n: 5 }), at: 180_000 }),
  ],

  'an invalid tolerance in the configuration': misconfigured(
    Object.fromEntries(
      [Number.NaN, -1, -0.1, Infinity, -Infinity, '5000', null, 1.5, 5000n, [5000], true, 2 ** 53].map(
        (clockSkewInMs) => [`${typeof clockSkewInMs} ${String(clockSkewInMs)}`, { clockSkewInMs }],
      ),
    ),
  ),
} satisfies Partial<Table<'claims'>>
