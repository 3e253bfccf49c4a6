import type { Table } from '../attacks.js'
import { headers, refused, requests, type Case, type Field, type Outcome } from '../case.js'
import { session, USER } from '../token.js'

const GOOD = session()

const BAD = `${GOOD}x`

const PASSES = { sees: { userId: USER } } as const
const MISSING = { code: 'credentials-missing' } as const
const MALFORMED = { code: 'credentials-malformed' } as const
const AMBIGUOUS = { code: 'credentials-ambiguous' } as const
const field = (value: string, name = 'Authorization'): Field => [name, value]

const CONTROLS = {
  'a NUL': '\0',
  'a start of heading': '\x01',
  'a bell': '\x07',
  'an escape': '\x1b',
  'a unit separator': '\x1f',
  'a DEL': '\x7f',
  'a carriage return': '\r',
  'a line feed': '\n',
  'a line folded with a space': '\r\n ',
  'a line folded with a tab': '\r\n\t',
}

const FOREIGN = {
  'an é': 'é',
  'a no-break space': '\xa0',
  'the byte ff': '\xff',
  'a C1 control': '\x85',
  'an emoji': '🔑',
  'a zero-width space': '\u200b',
  'a line separator': '\u2028',
}

const inToken = (text: string) => `Bearer ${GOOD.slice(0, 20)}${text}${GOOD.slice(20)}`

const inScheme = (text: string) => `Bea${text}rer ${GOOD}`

const between = (text: string) => `Bearer${text}${GOOD}`

function everywhere(outcome: Outcome, characters: Readonly<Record<string, string>>): Case[] {
  return Object.entries(characters).flatMap(([name, text]) =>
    headers(outcome, {
      [`${name} in the token`]: inToken(text),
      [`${name} in the scheme`]: inScheme(text),
      [`${name} instead of the space`]: between(text),
      [`only ${name}`]: text,
    }),
  )
}

export const credentials = {
  'no credential': requests(MISSING, {
    'nothing at all': [],
    'an empty cookie': [field('', 'Cookie')],
    'a token in X-Authorization': [field(`Bearer ${GOOD}`, 'X-Authorization')],
    'a token in Proxy-Authorization': [field(`Bearer ${GOOD}`, 'Proxy-Authorization')],
    'a token in X-Access-Token': [field(GOOD, 'X-Access-Token')],
    'a session cookie, if cookies are not enabled': [field(`__session=${GOOD}`, 'Cookie')],
  }),

  'two credentials': [
    ...requests(AMBIGUOUS, {
      'the same token twice': [field(`Bearer ${GOOD}`), field(`Bearer ${GOOD}`)],
      'a good one and a bad one': [field(`Bearer ${GOOD}`), field(`Bearer ${BAD}`)],
      'a bad one and a good one': [field(`Bearer ${BAD}`), field(`Bearer ${GOOD}`)],
      'names with different casing': [
        field(`Bearer ${GOOD}`, 'authorization'),
        field(`Bearer ${BAD}`, 'AUTHORIZATION'),
      ],
      'names with different casing, in reverse order': [
        field(`Bearer ${BAD}`, 'AUTHORIZATION'),
        field(`Bearer ${GOOD}`, 'authorization'),
      ],
      'another header between them': [field(`Bearer ${GOOD}`), field('*/*', 'Accept'), field(`Bearer ${BAD}`)],
      'three tokens': [field(`Bearer ${GOOD}`), field(`Bearer ${BAD}`), field(`Bearer ${GOOD}`)],
      'another scheme after the token': [field(`Bearer ${GOOD}`), field('Basic YWxpY2U6c2VjcmV0')],
      'another scheme before the token': [field('Basic YWxpY2U6c2VjcmV0'), field(`Bearer ${GOOD}`)],
      'an empty header before the token': [field(''), field(`Bearer ${GOOD}`)],
      'an empty header after the token': [field(`Bearer ${GOOD}`), field('')],
      'a token without a scheme after the token': [field(`Bearer ${GOOD}`), field(GOOD)],
    }),
    ...headers(AMBIGUOUS, {
      'in one header, with a comma and a space': `Bearer ${GOOD}, Bearer ${BAD}`,
      'in one header, with a comma': `Bearer ${GOOD},Bearer ${BAD}`,
      'in one header, another scheme first': `Basic YWxpY2U6c2VjcmV0, Bearer ${GOOD}`,
      'in one header, another scheme last': `Bearer ${GOOD}, Basic YWxpY2U6c2VjcmV0`,
    }),
    ...refused('token-malformed', { 'in one word, with a comma': `${GOOD},${GOOD}` }),
  ],

  'another casing or spacing of the scheme': [
    ...headers(PASSES, {
      'in lowercase': `bearer ${GOOD}`,
      'in uppercase': `BEARER ${GOOD}`,
      'in mixed case': `bEaReR ${GOOD}`,
      'with two spaces': `Bearer  ${GOOD}`,
      'with forty spaces': `Bearer${' '.repeat(40)}${GOOD}`,
    }),
    ...headers(MALFORMED, {
      'with a tab': `Bearer\t${GOOD}`,
      'with a space and a tab': `Bearer \t${GOOD}`,
      'without a space': `Bearer${GOOD}`,
      'with a colon': `Bearer:${GOOD}`,
      'with quotes': `"Bearer" ${GOOD}`,
    }),
  ],

  'a malformed header': headers(MALFORMED, {
    'only the scheme': 'Bearer',
    'the scheme and a space': 'Bearer ',
    'the scheme and many spaces': `Bearer${' '.repeat(100)}`,
    'two words': 'Bearer abcdefgh ijklmnop',
    'a good token and a word': `Bearer ${GOOD} x`,
    'a word and a good token': `Bearer x ${GOOD}`,
    'only a longer scheme': 'Bearera',
    'a token without a scheme': GOOD,
    'only a comma': ',',
    'a scheme that is not a token': `Bea(rer ${GOOD}`,
    'the scheme two thousand times': 'Bearer '.repeat(2000),
    'ten thousand spaces in a token': `Bearer a${' '.repeat(10_000)}b`,
    'ten thousand commas': ','.repeat(10_000),
    nothing: '',
  }),

  'a credential of another scheme': headers(MISSING, {
    Basic: 'Basic YWxpY2U6c2VjcmV0',
    'DPoP, with a good token': `DPoP ${GOOD}`,
    'Token, with a good token': `Token ${GOOD}`,
    'JWT, with a good token': `JWT ${GOOD}`,
    Digest: 'Digest username="alice", realm="api", nonce="0123456789"',
    Negotiate: 'Negotiate YIIBhwYGKwYBBQUCoIIBezCCAXegJTAj',
    'AWS4-HMAC-SHA256': 'AWS4-HMAC-SHA256 Credential=AKID/20300101, SignedHeaders=host, Signature=0123456789',
    'a scheme that starts with Bearer': `Bearera ${GOOD}`,
    'a scheme that ends with Bearer': `XBearer ${GOOD}`,
  }),

  'characters that are not allowed in a header': [
    ...everywhere({ ...MALFORMED, byParser: true }, CONTROLS),
    ...everywhere(MALFORMED, FOREIGN),
    ...requests(
      { status: 400 },
      {
        'a space before the colon': [field(`Bearer ${GOOD}`, 'Authorization ')],
        'a NUL in the name': [field(`Bearer ${GOOD}`, 'Authoriz\0ation')],
        'a following line without a colon': [field(`Bearer ${GOOD}\r\nX`)],
      },
    ),
  ],
} satisfies Partial<Table<'http'>>
