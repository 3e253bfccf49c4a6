import * as fc from 'fast-check'

/** Changes a string. `others` are similar strings. */
export type Mutation = (text: string, others: readonly string[]) => string

const place = fc.nat({ max: 9999 })
const spliced = (text: string, at: number, removed: number, inserted: string) => {
  const start = at % (text.length + 1)
  return text.slice(0, start) + inserted + text.slice(start + removed)
}
const segment = fc.nat({ max: 2 })
const replaced = (text: string, which: number, change: (part: string) => string) =>
  text
    .split('.')
    .map((part, i) => (i === which ? change(part) : part))
    .join('.')

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const character = fc.oneof(
  fc.constantFrom(...BASE64URL.split('')),
  fc.constantFrom(...'.=+/ \t\r\n\0"%,é＝\ufeff'.split('')),
)

const BY_CHARACTER = [
  fc.tuple(place, fc.nat({ max: 6 })).map(([at, bit]): Mutation => (text) => {
    const i = at % text.length
    return spliced(text, i, 1, String.fromCharCode(text.charCodeAt(i) ^ (1 << bit)))
  }),
  fc.tuple(place, character).map(
    ([at, one]): Mutation =>
      (text) =>
        spliced(text, at, 0, one),
  ),
  fc.tuple(place, character).map(
    ([at, one]): Mutation =>
      (text) =>
        spliced(text, at, 1, one),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
    ([at, count]): Mutation =>
      (text) =>
        spliced(text, at, count, ''),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 20 })).map(([from, to, count]): Mutation => (text) => {
    const start = from % text.length
    return spliced(text, to, 0, text.slice(start, start + count))
  }),
]

/** The last character of a segment has unused bits, so another encoding of the same bytes could be accepted. */
const otherLast = fc.tuple(segment, fc.constantFrom(...BASE64URL.split(''))).map(
  ([i, one]): Mutation =>
    (text) =>
      replaced(text, i, (part) => part.slice(0, -1) + one),
)

const BY_SEGMENT = [
  otherLast,
  fc.tuple(segment, segment).map(
    ([i, j]): Mutation =>
      (text) =>
        replaced(text, i, () => text.split('.')[j] ?? ''),
  ),
  fc.tuple(segment, place).map(
    ([i, which]): Mutation =>
      (text, others) =>
        replaced(text, i, () => others[which % others.length]?.split('.')[i] ?? ''),
  ),
  fc.tuple(segment, fc.constantFrom('=', '==', '.', '%3D', '\n', ' ')).map(
    ([i, end]): Mutation =>
      (text) =>
        replaced(text, i, (part) => part + end),
  ),
  fc.tuple(segment, fc.constantFrom('', 'e30', 'bnVsbA', 'AA')).map(
    ([i, other]): Mutation =>
      (text) =>
        replaced(text, i, () => other),
  ),
]

const WHOLE: readonly Mutation[] = [
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => encodeURIComponent(text).replaceAll('.', '%2E'),
  (text) => text.split('').toReversed().join(''),
  (text) => `"${text}"`,
  (text) => `Bearer ${text}`,
  (text) => `${text},${text}`,
  (text) => `\ufeff${text}`,
  (text) => text.normalize('NFKC').replaceAll('.', '．'),
  (text) => {
    const [protectedHeader, payload, signature] = text.split('.')
    return JSON.stringify({ protected: protectedHeader, payload, signature })
  },
]

/** Changes of a token as it is sent: its characters, its segments, all of it. */
export const tokenMutation: fc.Arbitrary<Mutation> = fc.oneof(
  ...BY_CHARACTER.map((arbitrary) => ({ weight: 3, arbitrary })),
  ...BY_SEGMENT.map((arbitrary) => ({ weight: 3, arbitrary })),
  { weight: 4, arbitrary: fc.constantFrom(...WHOLE) },
)

const NAMES = ['alg', 'kid', 'typ', 'cat', 'crit', 'b64', 'zip', 'iss', 'sub', 'sid', 'exp', 'iat', 'nbf', 'aud', 'azp']
const MORE_NAMES = ['client_id', 'scopes', 'scope', 'jti', 'sts', 'jwk', '__proto__']
const name = fc.constantFrom(...NAMES, ...MORE_NAMES)
const value = fc.oneof(
  fc.constantFrom(
    '"ES256"',
    '"RS256"',
    '"none"',
    '"EdDSA"',
    '"JWT"',
    '"at+jwt"',
    '"mallory"',
    'null',
    '0',
    '1e999',
    '-0',
    '[]',
    '{}',
  ),
  fc.json({ maxDepth: 2 }),
)

const BY_MEMBER = [
  // If the member already exists, it is then a duplicate.
  fc.tuple(name, value).map(
    ([name, value]): Mutation =>
      (text) =>
        text.replace('{', `{${JSON.stringify(name)}:${value},`),
  ),
  fc.tuple(name, value).map(
    ([name, value]): Mutation =>
      (text) =>
        text.replace(/\}$/, `,${JSON.stringify(name)}:${value}}`),
  ),
  fc.tuple(name, name).map(
    ([one, other]): Mutation =>
      (text) =>
        text.replace(`"${one}"`, `"${other}"`),
  ),
  fc.tuple(name, value).map(
    ([name, value]): Mutation =>
      (text) =>
        text.replace(new RegExp(`("${name}":)("[^"]*"|[^,}]+)`), (_, start) => `${start}${value}`),
  ),
  name.map(
    (name): Mutation =>
      (text) =>
        text.replace(new RegExp(`"${name}":("[^"]*"|[^,}]+),?`), ''),
  ),
]

const SPELLINGS: readonly Mutation[] = [
  (text) => text.replace('"alg"', '"\\u0061lg"'),
  (text) => text.replace('"sub"', '"s\\u0075b"'),
  (text) => text.replace('user_', '\\u0075ser_'),
  (text) => text.replaceAll(':', ' :\n'),
  (text) => ` ${text}\t`,
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text) => `[${text}]`,
  (text) => text.replaceAll('"', "'"),
]

/** Changes of a header or a payload as JSON: its members, its encoding, its characters. */
export const jsonMutation: fc.Arbitrary<Mutation> = fc.oneof(
  ...BY_MEMBER.map((arbitrary) => ({ weight: 4, arbitrary })),
  ...BY_CHARACTER.map((arbitrary) => ({ weight: 1, arbitrary })),
  { weight: 3, arbitrary: fc.constantFrom(...SPELLINGS) },
)
