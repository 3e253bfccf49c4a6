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
  'a folded line': '\r\n ',
  'a line folded by a tab': '\r\n\t',
}

const FOREIGN = {
  'an é': 'é',
  'a no-break space': '\xa0',
  'an octet ff': '\xff',
  'a C1 control': '\x85',
  'an emoji': '🔑',
  'a zero-width space': '\u200b',
  'a line separator': '\u2028',
}

const inToken = (text: string) => `Bearer ${GOOD.slice(0, 20)}${text}${GOOD.slice(20)}`

const inScheme = (text: string) => `Bea${text}rer ${GOOD}`

const between = (text: string) => `Bearer${text}${GOOD}`

function everywhere(outcome: Outcome, texts: Readonly<Record<string, string>>): Case[] {
  return Object.entries(texts).flatMap(([name, text]) =>
    headers(outcome, {
      [`${name} in the token`]: inToken(text),
      [`${name} in the scheme`]: inScheme(text),
      [`${name} for the space`]: between(text),
      [`${name} alone`]: text,
    }),
  )
}

export const credentials = {
  'no credential': requests(MISSING, {
    'nothing at all': [],
    'an empty cookie': [field('', 'Cookie')],
    'a token in a header of another name': [field(`Bearer ${GOOD}`, 'X-Authorization')],
    'a token for a proxy': [field(`Bearer ${GOOD}`, 'Proxy-Authorization')],
    'a token in a header of its own': [field(GOOD, 'X-Access-Token')],
    'a session cookie, where cookies are not read': [field(`__session=${GOOD}`, 'Cookie')],
  }),

  'two credentials': [
    ...requests(AMBIGUOUS, {
      'one token twice': [field(`Bearer ${GOOD}`), field(`Bearer ${GOOD}`)],
      'a good one and a bad one': [field(`Bearer ${GOOD}`), field(`Bearer ${BAD}`)],
      'a bad one and a good one': [field(`Bearer ${BAD}`), field(`Bearer ${GOOD}`)],
      'names in two cases': [field(`Bearer ${GOOD}`, 'authorization'), field(`Bearer ${BAD}`, 'AUTHORIZATION')],
      'names in two cases, the other way round': [
        field(`Bearer ${BAD}`, 'AUTHORIZATION'),
        field(`Bearer ${GOOD}`, 'authorization'),
      ],
      'another header between them': [field(`Bearer ${GOOD}`), field('*/*', 'Accept'), field(`Bearer ${BAD}`)],
      'three of them': [field(`Bearer ${GOOD}`), field(`Bearer ${BAD}`), field(`Bearer ${GOOD}`)],
      'one of another scheme after it': [field(`Bearer ${GOOD}`), field('Basic YWxpY2U6c2VjcmV0')],
      'one of another scheme before it': [field('Basic YWxpY2U6c2VjcmV0'), field(`Bearer ${GOOD}`)],
      'an empty one before it': [field(''), field(`Bearer ${GOOD}`)],
      'an empty one after it': [field(`Bearer ${GOOD}`), field('')],
      'a token without a scheme after it': [field(`Bearer ${GOOD}`), field(GOOD)],
    }),
    ...headers(AMBIGUOUS, {
      'in one header, with a comma and a space': `Bearer ${GOOD}, Bearer ${BAD}`,
      'in one header, with a comma': `Bearer ${GOOD},Bearer ${BAD}`,
      'in one header, of another scheme first': `Basic YWxpY2U6c2VjcmV0, Bearer ${GOOD}`,
      'in one header, of another scheme after it': `Bearer ${GOOD}, Basic YWxpY2U6c2VjcmV0`,
    }),
    ...refused('token-malformed', { 'in one word, with a comma': `${GOOD},${GOOD}` }),
  ],

  'another spelling of the scheme': [
    ...headers(PASSES, {
      'in small letters': `bearer ${GOOD}`,
      'in capitals': `BEARER ${GOOD}`,
      'in letters of both kinds': `bEaReR ${GOOD}`,
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

  'a header that cannot be read': headers(MALFORMED, {
    'the scheme alone': 'Bearer',
    'the scheme and a space': 'Bearer ',
    'the scheme and many spaces': `Bearer${' '.repeat(100)}`,
    'two words': 'Bearer abcdefgh ijklmnop',
    'a good token and a word': `Bearer ${GOOD} x`,
    'a word and a good token': `Bearer x ${GOOD}`,
    'a scheme that is too long, alone': 'Bearera',
    'a token without a scheme': GOOD,
    'a comma alone': ',',
    'a scheme that is no name': `Bea(rer ${GOOD}`,
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
    'a scheme that begins like ours': `Bearera ${GOOD}`,
    'a scheme that ends like ours': `XBearer ${GOOD}`,
  }),

  'characters that no header may hold': [
    ...everywhere({ ...MALFORMED, byParser: true }, CONTROLS),
    ...everywhere(MALFORMED, FOREIGN),
    ...requests(
      { status: 400 },
      {
        'a space before the colon': [field(`Bearer ${GOOD}`, 'Authorization ')],
        'a NUL in the name': [field(`Bearer ${GOOD}`, 'Authoriz\0ation')],
        'a line without a colon after it': [field(`Bearer ${GOOD}\r\nX`)],
      },
    ),
  ],
} satisfies Partial<Table<'http'>>
