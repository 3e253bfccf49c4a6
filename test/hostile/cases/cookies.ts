import { createHash } from 'node:crypto'
import { PARTY, PUBLISHABLE_KEY } from '../apis.js'
import type { Table } from '../attacks.js'
import { misconfigured, requests, type Case, type Details, type Field, type Outcome } from '../case.js'
import { machine, SECONDS, session, USER } from '../token.js'
import { within } from './within.js'

const OTHER_USER = 'user_2other00000000000000000000'
const GOOD = session()
const OTHER = session({ sub: OTHER_USER })
const BAD = `${GOOD}x`

/** The first eight characters of the base64 of the SHA-1 of the publishable key, in base64url. */
const SUFFIX = createHash('sha1').update(PUBLISHABLE_KEY).digest('base64url').slice(0, 8)
const SUFFIXED = `__session_${SUFFIX}`

const PASSES = { sees: { userId: USER } } as const
const READS = { status: 200 } as const
const AMBIGUOUS = { code: 'credentials-ambiguous' } as const
const MISSING = { code: 'credentials-missing' } as const
const MALFORMED = { code: 'token-malformed' } as const

type Values<T> = Readonly<Record<string, T>>

/** Requests to an API that reads cookies. */
const sent = (outcome: Outcome, values: Values<readonly Field[]>, details: Details = {}): Case[] =>
  requests(outcome, values, { ...details, api: 'with cookies' })

const byCookie = (outcome: Outcome, values: Values<string>, details?: Details): Case[] =>
  sent(outcome, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [cookie(value)]])), details)

const cookie = (value: string): Field => ['Cookie', value]
const header = (value: string): Field => ['Authorization', value]
const origin = (value: string): Field => ['Origin', value]
const from = (value: string): Field => ['Sec-Fetch-Site', value]
const SESSION_COOKIE = cookie(`__session=${GOOD}`)
const UPGRADE: readonly Field[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
]

const OTHER_SITES: Record<string, readonly Field[]> = {
  'without an origin': [],
  'from another site': [origin('https://evil.example')],
  'from an opaque origin': [origin('null')],
  'from an empty origin': [origin('')],
  'from a site that begins like ours': [origin(`${PARTY}.evil.example`)],
  'from a site that ends like ours': [origin('https://evilapp.hostile.example')],
  'from our site over http': [origin(PARTY.replace('https', 'http'))],
  'from another port of our site': [origin(`${PARTY}:8443`)],
  'from our site, with a trailing slash': [origin(`${PARTY}/`)],
  'from our site, in uppercase': [origin(PARTY.toUpperCase())],
  'from another site and our site': [origin(`https://evil.example, ${PARTY}`)],
  'from another site, with ours as the referrer': [origin('https://evil.example'), ['Referer', `${PARTY}/`]],
  'from a same-site origin': [from('same-site')],
  'from another site, by Sec-Fetch-Site': [from('cross-site')],
  'from the address bar, by Sec-Fetch-Site': [from('none')],
  'from our site, with different casing': [from('Same-Origin')],
  'from our site and another one': [from('same-origin, cross-site')],
}

const withCookie = (requestsOf: Record<string, readonly Field[]>, more: readonly Field[] = []) =>
  Object.fromEntries(Object.entries(requestsOf).map(([name, fields]) => [name, [SESSION_COOKIE, ...more, ...fields]]))

export const cookies: Table<'cookies'> = {
  'a cookie and a header': [
    ...sent(PASSES, {
      'a good header and a bad cookie': [header(`Bearer ${GOOD}`), cookie(`__session=${BAD}`)],
      "a good header and another user's cookie": [header(`Bearer ${GOOD}`), cookie(`__session=${OTHER}`)],
      'a good header and two cookies': [header(`Bearer ${GOOD}`), cookie(`__session=${BAD}; __session=${OTHER}`)],
      'a header of another scheme and a good cookie': [header('Basic YWxpY2U6c2VjcmV0'), SESSION_COOKIE],
    }),
    ...sent(MALFORMED, { 'a bad header and a good cookie': [header(`Bearer ${BAD}`), SESSION_COOKIE] }),
    ...sent(
      { code: 'token-expired' },
      { 'an expired header and a good cookie': [header(`Bearer ${session({ exp: SECONDS - 5 })}`), SESSION_COOKIE] },
    ),
    ...sent(
      { code: 'token-type-mismatch' },
      { 'a machine token in the header and a good cookie': [header(`Bearer ${machine()}`), SESSION_COOKIE] },
    ),
    ...sent(
      { code: 'credentials-malformed' },
      {
        'a header without a token and a good cookie': [header('Bearer'), SESSION_COOKIE],
        'an empty header and a good cookie': [header(''), SESSION_COOKIE],
      },
    ),
    ...sent(AMBIGUOUS, {
      'two headers and a good cookie': [header(`Bearer ${GOOD}`), header(`Bearer ${GOOD}`), SESSION_COOKIE],
    }),
  ],

  'two cookies with the same name': [
    ...byCookie(AMBIGUOUS, {
      'of different users': `__session=${GOOD}; __session=${OTHER}`,
      'a good one and a bad one': `__session=${GOOD}; __session=${BAD}`,
      'a bad one and a good one': `__session=${BAD}; __session=${GOOD}`,
      'with others between them': `__session=${GOOD}; theme=dark; a=b; __session=${OTHER}`,
      'an empty one and a good one': `__session=; __session=${GOOD}`,
      'with a suffix': `${SUFFIXED}=${GOOD}; ${SUFFIXED}=${OTHER}`,
      'three, two of them the same': `__session=${GOOD}; __session=${GOOD}; __session=${OTHER}`,
    }),
    ...sent(AMBIGUOUS, { 'in two headers': [SESSION_COOKIE, cookie(`__session=${OTHER}`)] }),
    ...byCookie(PASSES, {
      'not: one value twice': `__session=${GOOD}; __session=${GOOD}`,
      'not: with and without a suffix, of different users': `__session=${OTHER}; ${SUFFIXED}=${GOOD}`,
      'not: with a suffix, and two without': `__session=${OTHER}; ${SUFFIXED}=${GOOD}; __session=${BAD}`,
    }),
  ],

  'cookies that are almost a session cookie': [
    ...byCookie(MISSING, {
      'an empty one': '__session=',
      'an empty quoted value': '__session=""',
      'a name without a value': '__session',
      'with the __Host- prefix': `__Host-__session=${GOOD}`,
      'with the __Secure- prefix': `__Secure-__session=${GOOD}`,
      'in uppercase': `__SESSION=${GOOD}`,
      'with an empty suffix': `__session_=${GOOD}`,
      'with the suffix of another instance': `__session_AAAAAAAA=${GOOD}`,
      'with our suffix in uppercase': `${SUFFIXED.toUpperCase()}=${GOOD}`,
      'with a space in the name': `__session =${GOOD}`,
      'with an escaped name': `%5F%5Fsession=${GOOD}`,
      'as the value of another cookie': `a=__session=${GOOD}`,
      'after a comma': `a=b, __session=${GOOD}`,
      'inside the quotes of another cookie': `a="b, __session=${GOOD}"`,
      'only an equals sign': '=',
      'only semicolons': ';'.repeat(4000),
      'names of Object.prototype members': `__proto__=${GOOD}; constructor=${GOOD}; toString=${GOOD}`,
    }),
    ...byCookie(MALFORMED, {
      'with a leading equals sign': `__session==${GOOD}`,
      'with a trailing equals sign': `__session=${GOOD}=`,
      'that is cut off by a semicolon': `__session=${GOOD.replace('.', ';')}`,
      'with one quote': `__session="${GOOD}`,
      'in two pairs of quotes': `__session=""${GOOD}""`,
      'in single quotes': `__session='${GOOD}'`,
      escaped: `__session=${GOOD.replaceAll('.', '%2E')}`,
      'with a scheme, escaped': `__session=Bearer%20${GOOD}`,
    }),
    ...byCookie(
      { code: 'credentials-malformed' },
      {
        'with a scheme': `__session=Bearer ${GOOD}`,
        'with a non-ASCII letter': `__session=é${GOOD}`,
        'with a leading space': `__session= ${GOOD}`,
      },
    ),
    ...byCookie(
      { code: 'credentials-malformed', byParser: true },
      { 'with a NUL': `__session=\0${GOOD}`, 'with a line break': `__session=\n${GOOD}` },
    ),
    ...byCookie({ code: 'token-too-large' }, { 'of 9,000 characters': `__session=${'a'.repeat(9000)}` }),
    ...byCookie(
      { code: 'token-type-mismatch' },
      {
        'of a machine': `__session=${machine()}`,
        'of an opaque machine token': '__session=mt_0123456789abcdefghij',
        'of an API key': '__session=ak_0123456789abcdefghij',
      },
    ),
    ...byCookie(
      { code: 'token-type-mismatch' },
      { 'of a machine, on a machine route': `__session=${machine()}` },
      { to: '/machine/x' },
    ),
    ...byCookie(
      { code: 'token-type-mismatch' },
      { 'of an opaque machine token, on a machine route': '__session=mt_0123456789abcdefghij' },
      { to: '/machine/x' },
    ),
    ...byCookie(
      { code: 'token-invalid-authorized-parties' },
      {
        'issued to a party that is not authorized': `__session=${session({ azp: 'https://evil.example' })}`,
        'issued without a party': `__session=${session({ azp: undefined })}`,
      },
    ),
    ...byCookie(PASSES, {
      'not: in quotes': `__session="${GOOD}"`,
      'not: among other cookies': `a=b; __session=${GOOD}; c="d;e"`,
      'not: without spaces': `a=b;__session=${GOOD};c=d`,
      'not: after a cookie of 5,000 characters': `a=${'b'.repeat(5000)}; __session=${GOOD}`,
      'not: after names of Object.prototype members': `__proto__=x; constructor=y; hasOwnProperty=z; __session=${GOOD}`,
      'not: with our suffix': `${SUFFIXED}=${GOOD}`,
      'not: with our suffix, and a bad one without': `__session=${BAD}; ${SUFFIXED}=${GOOD}`,
      'not: an empty one with our suffix, and a good one without': `${SUFFIXED}=; __session=${GOOD}`,
    }),
    ...sent(PASSES, { 'not: in the second of two headers': [cookie('a=b'), SESSION_COOKIE] }),
  ],

  'a cookie sent by another site': [
    ...sent({ code: 'origin-not-allowed' }, withCookie(OTHER_SITES), { method: 'POST' }),
    ...sent(
      { code: 'origin-not-allowed' },
      { 'in an OPTIONS request': [SESSION_COOKIE, origin('https://evil.example')] },
      { method: 'OPTIONS' },
    ),
    ...sent(
      { code: 'origin-not-allowed' },
      { 'a bad token, from another site': [cookie(`__session=${BAD}`), origin('https://evil.example')] },
      { method: 'POST' },
    ),
    ...sent({ code: 'origin-not-allowed' }, withCookie(OTHER_SITES, UPGRADE)).map(within('to open a WebSocket')),
    ...sent(
      PASSES,
      withCookie({
        'not: from our site': [origin(PARTY)],
        'not: from our other site': [origin('https://first.example')],
        'not: from the same origin, by Sec-Fetch-Site': [from('same-origin')],
      }),
      { method: 'POST' },
    ),
    ...sent(PASSES, withCookie({ 'not: from our site, to open a WebSocket': [origin(PARTY)] }, UPGRADE)),
    ...sent(
      PASSES,
      withCookie({
        'not: a GET request from another site': [origin('https://evil.example')],
        'not: a GET request': [],
      }),
    ),
    ...sent(
      PASSES,
      { 'not: a token in the header, from another site': [header(`Bearer ${GOOD}`), origin('https://evil.example')] },
      { method: 'POST' },
    ),
    ...sent(READS, withCookie({ 'not: a HEAD request from another site': [origin('https://evil.example')] }), {
      method: 'HEAD',
    }),
    ...misconfigured({
      'cookies without authorized parties': { cookies: true },
      'cookies, and tokens without a party': { cookies: true, authorizedParties: PARTY, missingAzp: 'allow' },
      'cookies set to a string': { cookies: 'yes' },
    }),
  ],
}
