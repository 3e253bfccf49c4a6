import type { Table } from '../attacks.js'
import { asCase, refused, type Case, type Outcome } from '../case.js'
import { eddsa, es256, KID } from '../keys.js'
import { partsOf, replaced, session, untilFits, withEncodedPayload, type Parts } from '../token.js'

const GOOD = session()
const PARTS = ['header', 'payload', 'signature'] as const satisfies readonly (keyof Parts)[]

/** Three tokens, each with a different part changed. */
function inEach(change: (part: string) => string, name: string, token = GOOD): Record<string, string> {
  const parts = partsOf(token)
  return Object.fromEntries(PARTS.map((part) => [`${name} in the ${part}`, withPart(token, part, change(parts[part]))]))
}

function withPart(token: string, part: keyof Parts, text: string): string {
  return part === 'payload' ? withEncodedPayload(token, text) : replaced(token, { [part]: text })
}

const insert = (text: string) => (part: string) => `${part.slice(0, 9)}${text}${part.slice(9)}`
const append = (text: string) => (part: string) => `${part}${text}`

/** Not allowed in a header, and not in a token either. */
const inHeaderOrAlone = { code: 'credentials-malformed', bare: 'token-malformed' } as const satisfies Outcome
const byParser = { ...inHeaderOrAlone, byParser: true } as const satisfies Outcome

function all(tokens: Record<string, string>, outcome: Outcome): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, outcome))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Encodings that a lenient decoder decodes to the same bytes, because they differ only in unused bits. */
function otherEncodings(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url')
  const encodings = ALPHABET.split('').map((last) => part.slice(0, -1) + last)
  return encodings.filter((one) => one !== part && Buffer.from(one, 'base64url').equals(bytes))
}

function withUnusedBits(part: keyof Parts, token: string): string {
  const [encoding] = otherEncodings(partsOf(token)[part])
  if (encoding === undefined) throw new Error(`the ${part} has no unused bits`)
  return withPart(token, part, encoding)
}

const hasUnusedBits = (part: keyof Parts) => (token: string) => otherEncodings(partsOf(token)[part]).length > 0
const WITH_UNUSED_BITS = {
  'in the header': withUnusedBits(
    'header',
    untilFits(({ jti }) => session({}, { pad: jti.slice(4) }), hasUnusedBits('header')),
  ),
  'in the payload': withUnusedBits(
    'payload',
    untilFits((claims) => session({ pad: '-'.repeat(claims.jti.length), ...claims }), hasUnusedBits('payload')),
  ),
  'in the signature': withUnusedBits('signature', GOOD),
}

/** A token whose named part contains both `-` and `_`, which standard base64 replaces. */
function withBoth(part: keyof Parts): string {
  // The base64url of this claim or parameter contains - and _.
  const pad = '\u{7be}?~\u{7ff}>>>???~~~'
  return untilFits(
    (claims) => session({ pad, ...claims }, { pad }),
    (token) => /-/.test(partsOf(token)[part]) && /_/.test(partsOf(token)[part]),
  )
}

function inStandardAlphabet(part: keyof Parts, change: (text: string) => string): string {
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
  'a letter outside the BMP': '\u{1d400}',
  'the byte ff': '\xff',
}

const encodingsOf = (token: string) =>
  Object.fromEntries(
    otherEncodings(partsOf(token).signature).map((signature) => [
      `ending in ${signature.at(-1)}`,
      replaced(token, { signature }),
    ]),
  )

const es256Token = session({}, { alg: 'ES256', kid: KID.p256 }, es256)
const eddsaToken = session({}, { alg: 'EdDSA', kid: KID.ed25519 }, eddsa)

export const base64url: Table<'base64url'> = {
  padding: [
    ...refused('token-malformed', inEach(append('='), 'one sign')),
    ...refused('token-malformed', inEach(append('=='), 'two signs')),
    ...refused('token-malformed', inEach(append('%3D'), 'one escaped sign (%3D)')),
    ...refused('token-malformed', inEach(insert('='), 'one sign inside')),
    ...refused('token-invalid-signature', {
      'one sign in the payload, added after signing': replaced(GOOD, { payload: `${partsOf(GOOD).payload}=` }),
    }),
  ],

  'the standard base64 alphabet': PARTS.flatMap((part) =>
    refused('token-malformed', {
      [`plus in the ${part}`]: inStandardAlphabet(part, plus),
      [`slash in the ${part}`]: inStandardAlphabet(part, slash),
      [`plus and slash in the ${part}`]: inStandardAlphabet(part, (text) => slash(plus(text))),
    }),
  ),

  'whitespace in a part': [
    ...all(inEach(insert(' '), 'a space'), inHeaderOrAlone),
    ...all(inEach(insert('\t'), 'a tab'), inHeaderOrAlone),
    ...all(inEach(insert('\r'), 'a carriage return'), byParser),
    ...all(inEach(insert('\n'), 'a line feed'), byParser),
    ...all(inEach(insert('\f'), 'a form feed'), byParser),
    ...all(inEach(insert('\v'), 'a vertical tab'), byParser),
    ...refused('token-malformed', inEach(insert('%20'), 'an escaped space (%20)')),
  ],

  'unused bits that are not zero': refused('token-malformed', WITH_UNUSED_BITS),

  'lookalike and invisible characters': [
    ...Object.entries(LOOK_ALIKES).flatMap(([name, text]) => all(inEach(insert(text), name), inHeaderOrAlone)),
    ...all(inEach(insert('\0'), 'a NUL'), byParser),
    ...all(inEach(insert('\x7f'), 'a DEL'), byParser),
    ...all({ 'a byte order mark before the token': `\ufeff${GOOD}` }, inHeaderOrAlone),
    ...all({ 'a byte order mark after the token': `${GOOD}\ufeff` }, inHeaderOrAlone),
    ...refused('token-malformed', inEach(insert('%41'), 'an escaped A (%41)')),
    ...refused('token-malformed', inEach(insert(String.raw`\u0041`), String.raw`an escaped A (\u0041)`)),
  ],

  'other encodings of a signature': [
    ...withEncodings('RS256', GOOD),
    ...withEncodings('ES256', es256Token),
    ...withEncodings('EdDSA', eddsaToken),
  ],
}

function withEncodings(alg: string, token: string): Case[] {
  const cases = refused('token-malformed', encodingsOf(token), { after: token })
  return cases.map((one) => ({ ...one, name: `${alg}, ${one.name}` }))
}
