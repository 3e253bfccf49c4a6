import type { Table } from '../attacks.js'
import { accepted, named, refused } from '../case.js'
import { HEADER, jsonWith, ORG, SESSION, USER, withHeader, withPayload } from '../token.js'

const H = JSON.stringify(HEADER)
const P = JSON.stringify(SESSION)
const NON_OBJECTS = ['', ' ', '[]', `[${P}]`, '"text"', '1', 'null', 'true', '{', P.slice(0, -1), 'alg=RS256']

/** The JSON of a token's part, with these bytes inside a string. */
function withBytes(json: string, ...bytes: number[]): Buffer {
  return Buffer.concat([Buffer.from(`${json.slice(0, -1)},"pad":"`), Buffer.from(bytes), Buffer.from('"}')])
}

const NOT_UTF8 = {
  'the byte ff': [0xff],
  'a stray continuation byte': [0x80],
  'a truncated sequence': [0xe2, 0x82],
  'an é in Latin-1': [0xe9],
  'beyond the last code point': [0xf4, 0x90, 0x80, 0x80],
}

const OVERLONG = {
  'a slash in two bytes': [0xc0, 0xaf],
  'a quote in two bytes': [0xc0, 0xa2],
  'a NUL in two bytes': [0xc0, 0x80],
  'a slash in three bytes': [0xe0, 0x80, 0xaf],
  'a surrogate in three bytes': [0xed, 0xa0, 0x80],
  'a surrogate pair in six bytes': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
}

function inBoth(bytes: Record<string, number[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bytes).flatMap(([name, values]) => [
      [`${name} in the header`, withHeader(withBytes(H, ...values))],
      [`${name} in the payload`, withPayload(withBytes(P, ...values))],
    ]),
  )
}

/** Appended, so that a parser that keeps the last of two members sees a different value. */
const headerTwice = (json: string) => withHeader(jsonWith(HEADER, json))
const claimTwice = (json: string) => withPayload(jsonWith(SESSION, json))
const nested = (open: string, inner: string, close: string, depth: number) =>
  `"pad":${open.repeat(depth)}${inner}${close.repeat(depth)}`

const PROTOTYPES = {
  '__proto__ with a role': '"__proto__":{"orgRole":"org:admin","role":"admin"}',
  'constructor.prototype with a role': '"constructor":{"prototype":{"orgRole":"org:admin","role":"admin"}}',
  '__proto__ as an organization': `"__proto__":{"o":{"id":"${ORG}","rol":"admin"},"org_id":"${ORG}","org_role":"admin"}`,
  '__proto__ within an organization': `"o":{"__proto__":{"id":"${ORG}","rol":"admin"}}`,
  'an organization without an id, and __proto__ with one': `"o":{"rol":"admin","__proto__":{"id":"${ORG}"}}`,
  'toString and valueOf': '"toString":1,"valueOf":2,"hasOwnProperty":3,"toJSON":4',
}

/** A JSON string and not an object, which would sort integer names. */
const integers = (count: number, nameOf: (i: number) => number) =>
  claimTwice(Array.from({ length: count }, (_, i) => `"${nameOf(i)}":0`).join())

const AROUND = {
  'a trailing letter': (json: string) => `${json}x`,
  'a trailing NUL': (json: string) => `${json}\0`,
  'a second object': (json: string) => `${json}{}`,
  'a second object on a new line': (json: string) => `${json}\n${json}`,
  'a trailing comment': (json: string) => `${json}/* */`,
  'a leading comment': (json: string) => `// \n${json}`,
  'a trailing comma': (json: string) => `${json.slice(0, -1)},}`,
  'single quotes': (json: string) => json.replaceAll('"', "'"),
  'an unquoted name': (json: string) => `${json.slice(0, -1)},pad:1}`,
  NaN: (json: string) => `${json.slice(0, -1)},"pad":NaN}`,
  Infinity: (json: string) => `${json.slice(0, -1)},"pad":Infinity}`,
  'a hexadecimal number': (json: string) => `${json.slice(0, -1)},"pad":0x10}`,
  'a number that begins with 0': (json: string) => `${json.slice(0, -1)},"pad":010}`,
  'a number that begins with +': (json: string) => `${json.slice(0, -1)},"pad":+1}`,
  'a control character in a string': (json: string) => `${json.slice(0, -1)},"pad":"\u0001"}`,
  'an unknown escape': (json: string) => `${json.slice(0, -1)},"pad":"\\x41"}`,
}

function around(wrap: (json: string) => string, json: string): Record<string, string> {
  return Object.fromEntries(Object.entries(AROUND).map(([name, change]) => [name, wrap(change(json))]))
}

export const json: Table<'json'> = {
  'a header that is not a JSON object': refused('token-header-invalid', named(NON_OBJECTS.slice(1), withHeader)),

  'a payload that is not a JSON object': refused('token-malformed', named(NON_OBJECTS, withPayload)),

  'bytes that are not UTF-8': [
    ...refused('token-malformed', {
      ...inBoth(NOT_UTF8),
      'UTF-16 in the payload': withPayload(Buffer.from(P, 'utf16le')),
    }),
    // UTF-16 of ASCII is also valid UTF-8, with a NUL after each character, which is not JSON.
    ...refused('token-header-invalid', { 'UTF-16 in the header': withHeader(Buffer.from(H, 'utf16le')) }),
  ],

  'overlong encodings and lone surrogates': refused('token-malformed', {
    ...inBoth(OVERLONG),
    'a high surrogate in the header': headerTwice(String.raw`"pad":"\ud800"`),
    'a low surrogate in the kid': withHeader(H.replace('ins_', String.raw`ins_\udc00`)),
    'a high surrogate in sub': withPayload(P.replace('user_', String.raw`user_\ud83d`)),
    'a high surrogate in the name of a claim': claimTwice(String.raw`"\ud800":1`),
    'a low surrogate in a nested claim': claimTwice(String.raw`"pad":[{"a":["\udfff"]}]`),
    'a surrogate pair in the wrong order': claimTwice(String.raw`"pad":"\ude00\ud83d"`),
  }),

  'a byte order mark in a part': [
    ...refused('token-header-invalid', { 'before the header': withHeader(`\ufeff${H}`) }),
    ...refused('token-malformed', { 'before the payload': withPayload(`\ufeff${P}`) }),
  ],

  'a duplicate header parameter': refused('token-header-invalid', {
    'alg, none last': headerTwice('"alg":"none"'),
    'alg, none first': withHeader(`{"alg":"none",${H.slice(1)}`),
    'alg, the same value twice': headerTwice('"alg":"RS256"'),
    'alg, the second one escaped': headerTwice(String.raw`"\u0061lg":"HS256"`),
    kid: headerTwice('"kid":"ins_hostile_p256"'),
    cat: headerTwice('"cat":"cl_B7d4PD333AAA"'),
    typ: headerTwice('"typ":"at+jwt"'),
    'a nested parameter': headerTwice('"pad":{"a":1,"b":{"c":1,"c":2}}'),
    __proto__: headerTwice('"__proto__":{},"__proto__":{}'),
  }),

  'a duplicate claim': refused('token-claim-invalid', {
    'exp, the later time last': claimTwice('"exp":8640000000000'),
    'exp, the later time first': withPayload(`{"exp":8640000000000,${P.slice(1)}`),
    sub: claimTwice('"sub":"user_2xSomeoneElse0000000000000"'),
    'sub, the second one escaped': claimTwice(String.raw`"\u0073ub":"user_2xSomeoneElse0000000000000"`),
    iss: claimTwice('"iss":"https://clerk.evil.example"'),
    'the id of an organization': claimTwice('"o":{"id":"org_1aaaaaaaaaa","id":"org_2bbbbbbbbbb"}'),
    'a nested claim': claimTwice('"pad":[[{"a":1,"b":2,"a":3}]]'),
    'a claim with an integer as its name': claimTwice('"1":1,"1":2'),
    'a claim with an empty name': claimTwice('"":1,"":2'),
    __proto__: claimTwice('"__proto__":1,"__proto__":2'),
    'a claim whose strings look like JSON': claimTwice(String.raw`"a":"\":","a":":\\"`),
  }),

  'deep nesting': [
    ...refused('token-malformed', {
      '33 lists': claimTwice(nested('[', '', ']', 32)),
      '33 objects': claimTwice(nested('{"a":', '1', '}', 32)),
      '33 nested arrays in the header': headerTwice(nested('[', '', ']', 32)),
      '2,700 lists': claimTwice(nested('[', '', ']', 2700)),
      '900 objects': claimTwice(nested('{"a":', '1', '}', 900)),
      '5,000 unclosed arrays': withPayload('['.repeat(5000)),
      '700 unclosed arrays in the header': withHeader('['.repeat(700)),
      '1,000 unclosed objects': withPayload('{"a":'.repeat(1000)),
      'closing brackets before opening ones': withPayload(`${']'.repeat(2500)}${'['.repeat(2500)}`),
    }),
    // Over 1024 characters: refused before it is decoded.
    ...refused('token-header-invalid', {
      '2,700 nested arrays in the header': headerTwice(nested('[', '', ']', 2700)),
      '5,000 unclosed arrays in the header': withHeader('['.repeat(5000)),
    }),
    ...accepted(
      { userId: USER },
      {
        'not: 32 lists': claimTwice(nested('[', '', ']', 31)),
        'not: 32 objects': claimTwice(nested('{"a":', '1', '}', 31)),
        'not: lists server by server': claimTwice(`"pad":[${Array(1000).fill('[]').join()}]`),
        'not: brackets in a string': claimTwice(`"pad":"${'['.repeat(3000)}"`),
      },
    ),
  ],

  'members named like those of Object.prototype': [
    ...Object.entries(PROTOTYPES).flatMap(([name, more]) => [
      ...accepted({ userId: USER, orgId: undefined, orgRole: undefined }, { [name]: claimTwice(more) }),
      ...refused(
        'role-missing',
        { [`${name}, on a route that requires a role`]: claimTwice(more) },
        { to: '/admin/x' },
      ),
      ...refused(
        'org-missing',
        { [`${name}, on a route that requires an organization`]: claimTwice(more) },
        { to: '/any-org/x' },
      ),
    ]),
    ...accepted(
      { userId: USER },
      { 'in the header': headerTwice('"__proto__":{"alg":"none","kid":"x"},"constructor":1') },
    ),
  ],

  'hundreds of integers as names': accepted(
    { userId: USER },
    {
      'in ascending order': integers(600, (i) => i),
      'in descending order': integers(600, (i) => 600 - i),
      'with equal low bits': integers(380, (i) => i * 65_536),
      'above the largest array index': integers(300, (i) => 2 ** 32 + i),
    },
  ),

  'almost valid JSON': [
    ...refused('token-header-invalid', around(withHeader, H)),
    ...refused('token-malformed', around(withPayload, P)),
  ].map((one, i) => ({ ...one, name: `${i < Object.keys(AROUND).length ? 'header' : 'payload'}: ${one.name}` })),

  'another encoding of the same JSON': accepted(
    { userId: USER },
    {
      'an escaped letter in the name of alg': withHeader(H.replace('"alg"', String.raw`"\u0061lg"`)),
      'an escaped letter in the value of alg': withHeader(H.replace('RS256', String.raw`\u0052S256`)),
      'an escaped letter in the name of kid': withHeader(H.replace('"kid"', String.raw`"k\u0069d"`)),
      'an escaped letter in the value of sub': withPayload(P.replace('user_', String.raw`\u0075ser_`)),
      'whitespace in the header': withHeader(JSON.stringify(HEADER, null, '\t')),
      'whitespace in the payload': withPayload(JSON.stringify(SESSION, null, '\r\n ')),
      'the members in another order': withPayload(
        JSON.stringify(Object.fromEntries(Object.entries(SESSION).toReversed())),
      ),
      'an exponent in exp': withPayload(P.replace(/"exp":(\d+)/, '"exp":$1e0')),
    },
  ),
}
