import type { Table } from '../attacks.js'
import { accepted, asCase, misconfigured, refused, requests, type Case, type Field } from '../case.js'
import { session, USER } from '../token.js'

const GOOD = session()

const BAD = `${GOOD}x`

const MISSING = { code: 'credentials-missing' } as const
const MALFORMED = { code: 'credentials-malformed' } as const
const field = (value: string, name = 'Authorization'): Field => [name, value]
const PREFIXES = { mt_: '/machine/x', oat_: '/oauth/x', ak_: '/api-key/x' } as const

function garbage(prefix: keyof typeof PREFIXES): Case[] {
  const to = PREFIXES[prefix]
  const shapes: Record<string, string> = {
    'and nothing': '',
    'and too little': 'abc',
    'and a dot': 'a.b.c',
    'and a token': GOOD,
    'and a path': '../../users/user_1/../../x',
    'and a query': 'abcdefghijklmnop?x=1',
    'and a URL': 'http://169.254.169.254/',
    'and an escaped byte': 'abcdefghijklmnop%00',
    'and quotes': `abcdefghijklmnop"'`,
    'and too much': 'a'.repeat(600),
  }
  const inCapitals = `${prefix.toUpperCase()}0123456789abcdefghij`
  return [
    ...refused(
      'token-malformed',
      Object.fromEntries(Object.entries(shapes).map(([name, rest]) => [`${prefix} ${name}`, prefix + rest])),
      { to },
    ),
    ...refused('token-malformed', { [`${prefix} in uppercase`]: inCapitals }, { to }),
    ...refused('token-too-large', { [`${prefix} and 10,000 characters`]: prefix + 'a'.repeat(10_000) }, { to }),
    asCase(
      `${prefix} and non-ASCII letters`,
      { token: `${prefix}ключключключключ` },
      { ...MALFORMED, bare: 'token-malformed' },
      { to },
    ),
    asCase(
      `${prefix} and a space`,
      { token: `${prefix}0123456789 abcdefghij` },
      { ...MALFORMED, bare: 'token-malformed' },
      { to },
    ),
    ...refused(
      'token-not-found',
      { [`${prefix} and a possible token, which Clerk introspects`]: `${prefix}0123456789abcdefghij` },
      { to, mayAsk: true },
    ),
  ]
}

const PATHS = [
  '//me',
  '///me',
  '/./me',
  '/me/',
  '/me//',
  '/ME',
  '/Me',
  '/%6d%65',
  '/m%65',
  '/me%00',
  '/me%2f',
  '/me%20',
  '/me;x=1',
  '/me/..;/me',
  '/public/../me',
  '/public/..%2fme',
  '/public/..;/me',
  '/public/%2e%2e/me',
  '/me.json',
  '/me?x=/public',
  '/me?/public',
  '/%2fme',
  String.raw`/\me`,
  '/me%3f/public',
  'http://evil.example/me',
  '/admin/x',
  '//admin/x',
  '/%61dmin/x',
  '/ADMIN/x',
  '/admin//x',
  '/admin/..;/x',
  '/public/../admin/x',
  '/admin/%2e/x',
]

const LIES: Record<string, readonly Field[]> = {
  Host: [field('evil.example', 'Host')],
  'X-Forwarded-Host': [field('evil.example", error="', 'X-Forwarded-Host')],
  'X-Forwarded-Proto and -For': [field('javascript', 'X-Forwarded-Proto'), field('127.0.0.1', 'X-Forwarded-For')],
  Forwarded: [field('host="evil.example";proto=http', 'Forwarded')],
  'X-Original-URL': [
    field('/public-from-elsewhere', 'X-Original-URL'),
    field('/public-from-elsewhere', 'X-Rewrite-URL'),
  ],
  'X-HTTP-Method-Override': [field('OPTIONS12', 'X-HTTP-Method-Override')],
  Accept: [field('text/html-from-elsewhere', 'Accept')],
  Referer: [field('https://clerk.hostile.example/sign-in', 'Referer')],
  'Expect: 100-continue': [field('100-continue', 'Expect')],
}

const PREFLIGHT: readonly Field[] = [
  field('https://evil.example', 'Origin'),
  field('GET-AND-POST', 'Access-Control-Request-Method'),
  field('authorization', 'Access-Control-Request-Headers'),
]

export const routes = {
  'a token in the query or the body': [
    ...requests(MISSING, { 'access_token in the query': [] }, { to: `/me?access_token=${GOOD}` }),
    ...requests(MISSING, { '__session in the query': [] }, { to: `/me?__session=${GOOD}` }),
    ...requests(MISSING, { 'authorization in the query': [] }, { to: `/me?authorization=Bearer%20${GOOD}` }),
    ...requests(
      MISSING,
      { 'in a form': [field('application/x-www-form-urlencoded', 'Content-Type')] },
      { method: 'POST', body: `access_token=${GOOD}` },
    ),
    ...requests(
      MISSING,
      { 'in JSON': [field('application/json', 'Content-Type')] },
      { method: 'POST', body: JSON.stringify({ access_token: GOOD }) },
    ),
    ...refused(
      'token-malformed',
      { 'a good token in the query, a bad one in the header': BAD },
      { to: `/me?access_token=${GOOD}` },
    ),
    ...accepted(
      { userId: USER },
      { 'a bad token in the query, a good one in the header': GOOD },
      { to: `/me?access_token=${BAD}` },
    ),
  ],

  'garbage with the prefix of a machine token': (['mt_', 'oat_', 'ak_'] as const).flatMap(garbage),

  'a path that is almost the route': PATHS.flatMap((to) => [
    asCase(`${to}, without credentials`, { fields: [] }, { never: 'passes' }, { to }),
    ...(/admin/i.test(to) ? [asCase(`${to}, without the role`, { token: GOOD }, { never: 'passes' }, { to })] : []),
  ]),

  'headers that describe the server': [
    ...requests(MISSING, LIES),
    ...requests({ status: 417 }, { 'Expect: something else': [field('200-maybe', 'Expect')] }),
    ...misconfigured(realmsOf(['a"b', String.raw`a\b`, 'a\r\nSet-Cookie: x=1', 'a\0', 'é', '', ' ', 1, null, ['api']])),
  ],

  'a preflight': [
    ...requests(MISSING, { 'from another site': PREFLIGHT }, { method: 'OPTIONS' }),
    ...requests(MISSING, { 'to a route that requires a role': PREFLIGHT }, { method: 'OPTIONS', to: '/admin/x' }),
    ...refused('token-malformed', { 'with a bad token': BAD }, { method: 'OPTIONS' }),
    ...accepted({ userId: USER }, { 'not: with a good token': GOOD }, { method: 'OPTIONS' }),
  ],
} satisfies Partial<Table<'http'>>

function realmsOf(realms: readonly unknown[]): Record<string, { readonly realm: unknown }> {
  return Object.fromEntries(realms.map((realm) => [`the realm ${JSON.stringify(realm)}`, { realm }]))
}
