import type { Table } from '../attacks.js'
import { asCase, refused, type Case, type Outcome } from '../case.js'
import { eddsa, es256, KID } from '../keys.js'
import { partsOf, replaced, session, untilFits, withEncodedPayload, type Parts } from '../token.js'

const GOOD = session()
const PARTS = ['header', 'payload', 'signature'] as const satisfies readonly (keyof Parts)[]

/** The token with one of its parts changed, for each of the three. */
function inEach(change: (part: string) => string, name: string, token = GOOD): Record<string, string> {
  const parts = partsOf(token)
  return Object.fromEntries(PARTS.map((part) => [`${name} in the ${part}`, withPart(token, part, change(parts[part]))]))
}

function withPart(token: string, part: keyof Parts, text: string): string {
  return part === 'payload' ? withEncodedPayload(token, text) : replaced(token, { [part]: text })
}

const insert = (text: string) => (part: string) => `${part.slice(0, 9)}${text}${part.slice(9)}`
const append = (text: string) => (part: string) => `${part}${text}`

/** A header cannot carry it, and a token cannot either. */
const inHeaderOrAlone = { code: 'credentials-malformed', bare: 'token-malformed' } as const satisfies Outcome
const byParser = { ...inHeaderOrAlone, byParser: true } as const satisfies Outcome

function all(tokens: Record<string, string>, outcome: Outcome): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, outcome))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The spellings that a loose decoder takes for the same octets: they differ in bits that are left over. */
function otherSpellings(part: string): string[] {
  const octets = Buffer.from(part, 'base64url')
  const spellings = ALPHABET.split('').map((last) => part.slice(0, -1) + last)
  return spellings.filter((one) => one !== part && Buffer.from(one, 'base64url').equals(octets))
}

function withSpareBits(part: keyof Parts, token: string): string {
  const [spelling] = otherSpellings(partsOf(token)[part])
  if (spelling === undefined) throw new Error(`the ${part} has no bits to spare`)
  return withPart(token, part, spelling)
}

const spare = (part: keyof Parts) => (token: string) => otherSpellings(partsOf(token)[part]).length > 0
const WITH_SPARE_BITS = {
  'in the header': withSpareBits(
    'header',
    untilFits(({ jti }) => session({}, { pad: jti.slice(4) }), spare('header')),
  ),
  'in the payload': withSpareBits(
    'payload',
    untilFits((claims) => session({ pad: '-'.repeat(claims.jti.length), ...claims }), spare('payload')),
  ),
  'in the signature': withSpareBits('signature', GOOD),
}

/** A token with both characters that plain base64 has others for, in the part that is named. */
function withBoth(part: keyof Parts): string {
  // Octets of the claim or the parameter `pad` that are written with - and _.
  const pad = '\u{7be}?~\u{7ff}>>>???~~~'
  return untilFits(
    (claims) => session({ pad, ...claims }, { pad }),
    (token) => /-/.test(partsOf(token)[part]) && /_/.test(partsOf(token)[part]),
  )
}

function inPlainAlphabet(part: keyof Parts, change: (text: string) => string): string {
  const token = withBoth(part)
  return withPart(token, part, change(partsOf(token)[part]))
}

const plus = (text: string) => text.replace('-', '+')
const slash = (text: string) => text.replace('_', '/')

const LOOK_ALIKES = {
  'a Cyrillic А for an A': '\u0410',
  'a full-width A': '\uff21',
  'a soft hyphen': '\xad',
  'a no-break space': '\xa0',
  'a zero-width space': '\u200b',
  'a word joiner': '\u2060',
  'a line separator': '\u2028',
  'a letter beyond the first plane': '\u{1d400}',
  'an octet ff': '\xff',
}

const spellingsOf = (token: string) =>
  Object.fromEntries(
    otherSpellings(partsOf(token).signature).map((signature) => [
      `that ends in ${signature.at(-1)}`,
      replaced(token, { signature }),
    ]),
  )

const es256Token = session({}, { alg: 'ES256', kid: KID.p256 }, es256)
const eddsaToken = session({}, { alg: 'EdDSA', kid: KID.ed25519 }, eddsa)

export const base64url: Table<'base64url'> = {
  padding: [
    ...refused('token-malformed', inEach(append('='), 'one sign')),
    ...refused('token-malformed', inEach(append('=='), 'two signs')),
    ...refused('token-malformed', inEach(append('%3D'), 'one sign, written %3D,')),
    ...refused('token-malformed', inEach(insert('='), 'one sign in the middle,')),
    ...refused('token-invalid-signature', {
      'one sign in the payload, not signed': replaced(GOOD, { payload: `${partsOf(GOOD).payload}=` }),
    }),
  ],

  'the alphabet of plain base64': PARTS.flatMap((part) =>
    refused('token-malformed', {
      [`plus in the ${part}`]: inPlainAlphabet(part, plus),
      [`slash in the ${part}`]: inPlainAlphabet(part, slash),
      [`plus and slash in the ${part}`]: inPlainAlphabet(part, (text) => slash(plus(text))),
    }),
  ),

  'white space in a part': [
    ...all(inEach(insert(' '), 'a space'), inHeaderOrAlone),
    ...all(inEach(insert('\t'), 'a tab'), inHeaderOrAlone),
    ...all(inEach(insert('\r'), 'a carriage return'), byParser),
    ...all(inEach(insert('\n'), 'a line feed'), byParser),
    ...all(inEach(insert('\f'), 'a form feed'), byParser),
    ...all(inEach(insert('\v'), 'a vertical tab'), byParser),
    ...refused('token-malformed', inEach(insert('%20'), 'a space, written %20,')),
  ],

  'spare bits that are not zero': refused('token-malformed', WITH_SPARE_BITS),

  'characters that look alike or do not show': [
    ...Object.entries(LOOK_ALIKES).flatMap(([name, text]) => all(inEach(insert(text), name), inHeaderOrAlone)),
    ...all(inEach(insert('\0'), 'a NUL'), byParser),
    ...all(inEach(insert('\x7f'), 'a DEL'), byParser),
    ...all({ 'a byte order mark before the token': `\ufeff${GOOD}` }, inHeaderOrAlone),
    ...all({ 'a byte order mark after the token': `${GOOD}\ufeff` }, inHeaderOrAlone),
    ...refused('token-malformed', inEach(insert('%41'), 'an A, written %41,')),
    ...refused('token-malformed', inEach(insert(String.raw`\u0041`), String.raw`an A, written \u0041,`)),
  ],

  'other spellings of one signature': [
    ...asSpellings('RS256', GOOD),
    ...asSpellings('ES256', es256Token),
    ...asSpellings('EdDSA', eddsaToken),
  ],
}

function asSpellings(alg: string, token: string): Case[] {
  const cases = refused('token-malformed', spellingsOf(token), { after: token })
  return cases.map((one) => ({ ...one, name: `${alg}, ${one.name}` }))
}
