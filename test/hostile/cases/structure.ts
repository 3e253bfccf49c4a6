import type { Table } from '../attacks.js'
import { accepted, asCase, refused } from '../case.js'
import {
  base64url,
  HEADER,
  partsOf,
  replaced,
  session,
  SESSION,
  signed,
  USER,
  withEncodedPayload,
  withPayload,
} from '../token.js'

const GOOD = session()
const { header: h, payload: p, signature: s } = partsOf(GOOD)
const flattened = { payload: p, protected: h, signature: s }

/** A good token of exactly this many characters. */
function ofLength(length: number): string {
  for (let inHeader = 0; inHeader < 3; inHeader++) {
    const header = { ...HEADER, pad: '-'.repeat(inHeader) }
    const rest = length - base64url(header).length - s.length - 2
    const json = Math.floor((rest * 3) / 4) - JSON.stringify({ ...SESSION, pad: '' }).length
    const token = signed(header, { ...SESSION, pad: '-'.repeat(json) })
    if (token.length === length) return token
  }
  throw new Error(`no token has ${length} characters`)
}

const tooLarge = ofLength(8193)

class Stringlike {
  toString() {
    return GOOD
  }
}

const nonStrings: readonly (readonly [name: string, value: unknown])[] = [
  ['bytes', Buffer.from(GOOD)],
  ['a list', [GOOD]],
  ['an object with toString()', new Stringlike()],
  ['an object with toJSON()', { toJSON: () => GOOD }],
  ['a String object', Object(GOOD)],
  ['a number', 12_345_678],
  ['a big integer', 12_345_678n],
  ['a symbol', Symbol('12345678')],
  ['true', true],
  ['a function', () => GOOD],
]

export const structure: Table<'structure'> = {
  'a token with empty parts': [
    ...refused('token-malformed', {
      'only dots': '..',
      'an empty payload between letters': 'a..c',
      'an empty header before letters': '.b.c',
      'an empty signature after letters': 'a.b.',
      'an empty header': `.${p}.${s}`,
      'an empty payload': `${h}..${s}`,
      'an empty signature': `${h}.${p}.`,
      'only a header': `${h}..`,
    }),
    asCase('nothing', { token: '' }, { code: 'credentials-malformed', bare: 'token-malformed' }),
  ],

  'a token with the wrong number of parts': refused('token-malformed', {
    'one part': h,
    'two parts': `${h}.${p}`,
    'four parts': `${GOOD}.${s}`,
    'five parts, like a JWE': `${h}.${p}.${s}.${s}.${s}`,
    'two tokens with a dot between them': `${GOOD}.${GOOD}`,
  }),

  'a dot before or after the token': refused('token-malformed', {
    'a dot before': `.${GOOD}`,
    'a dot after': `${GOOD}.`,
    'dots before and after': `.${GOOD}.`,
    'two dots in the middle': `${h}..${p}.${s}`,
  }),

  'the JSON serialization of a token': refused('token-malformed', {
    flattened: JSON.stringify(flattened),
    general: JSON.stringify({ payload: p, signatures: [{ protected: h, signature: s }] }),
    'with a header of its own': JSON.stringify({ ...flattened, header: { alg: 'none' } }),
    'in an array': JSON.stringify([GOOD]),
    quoted: JSON.stringify(GOOD),
  }),

  'a token of dots only': [
    ...refused('token-malformed', {
      'three dots': '...',
      '8,192 dots': '.'.repeat(8192),
      'thousands of parts': 'a.'.repeat(4000),
    }),
    ...refused('token-too-large', { '8,193 dots': '.'.repeat(8193), '16,000 dots': '.'.repeat(16_000) }),
  ],

  'a token that is too large': [
    ...refused('token-too-large', {
      '8,193 characters and otherwise valid': tooLarge,
      '8,193 characters that decode to nothing': `${'!'.repeat(4000)}.${'!'.repeat(4000)}.${'!'.repeat(191)}`,
      '15,000 characters in one part': 'a'.repeat(15_000),
    }),
    ...accepted({ userId: USER }, { 'not: 8,192 characters': ofLength(8192) }),
  ],

  'a part whose length is impossible in base64url': refused('token-malformed', {
    'of the header': replaced(GOOD, { header: lengthened(h) }),
    'of the payload': withEncodedPayload(GOOD, lengthened(p)),
    'of the signature': replaced(GOOD, { signature: lengthened(s) }),
    'of each, one character': 'a.b.c',
  }),

  'a detached payload': [
    asCase('sent in the body', { token: `${h}..${s}` }, { code: 'token-malformed' }, { method: 'POST', body: p }),
    asCase(
      'sent in the body, not encoded',
      { token: `${h}..${s}` },
      { code: 'token-malformed' },
      { method: 'POST', body: JSON.stringify(SESSION) },
    ),
  ],

  'a credential that is not a string': [
    ...nonStrings.map(([name, value]) => asCase(name, { value }, { code: 'credentials-malformed' })),
    asCase(
      'an array of characters',
      { value: GOOD.split('') },
      { code: 'credentials-ambiguous', bare: 'credentials-malformed' },
    ),
  ],

  'a nested token': [
    ...refused('token-malformed', {
      'as the payload': signed({ ...HEADER, cty: 'JWT' }, GOOD),
      'as a JSON string': signed({ ...HEADER, cty: 'JWT' }, JSON.stringify(GOOD)),
      'as the payload, without cty': withPayload(GOOD),
    }),
    ...refused('token-header-invalid', { 'as the header': signed(GOOD, SESSION) }),
  ],
}

/** Padded to a length of 4n + 1. */
function lengthened(part: string): string {
  return part + 'A'.repeat((5 - (part.length % 4)) % 4 || 4)
}
