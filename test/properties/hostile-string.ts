import * as fc from 'fast-check'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const oneOf = (text: string) => fc.constantFrom(...text.split(''))
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))
const encoded = (text: fc.Arbitrary<string>) => text.map((one) => Buffer.from(one).toString('base64url'))

export const base64url: fc.Arbitrary<string> = fc.string({ unit: oneOf(BASE64URL), maxLength: 90, size: 'max' })

/** Parts of JSON, whole and broken, and strings with a meaning in a token. */
const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom('{}', '{', '}', '[', '"', '":', '\\u00', '{"alg":"none"}', '{"alg":"ES256","kid":"ES256"}', 'null'),
  fc.constantFrom('"alg"', '"crit":[]', '"__proto__":', '"exp":1e999', '"sub":"user_', '{"a":1,"a":2}'),
)

/** Unexpected characters: controls, other scripts, unpaired surrogates, any code unit. */
const odd = fc.oneof(oneOf('\0\t\n\r\u007f\u0085\u00a0\u2028\ufeff'), oneOf('Аа．＝🔑é\ud800\udc00'), codeUnit)

const piece = fc.oneof(
  { weight: 4, arbitrary: base64url },
  { weight: 4, arbitrary: oneOf('....,; =+/%"\\') },
  { weight: 2, arbitrary: encoded(json) },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)

/** Headers and claims that are valid as far as they go, so that what follows them is checked too. */
const goodJson = fc.constantFrom(
  '{"alg":"ES256","kid":"ES256"}',
  '{"alg":"ES256","kid":"ES256","typ":"at+jwt"}',
  '{"alg":"RS256","typ":"JWT"}',
  '{"alg":"ES256","kid":"other"}',
  '{"sub":"user_1","sid":"sess_1"}',
)

const part = fc.oneof(encoded(json), encoded(goodJson), base64url)
/** Three parts that look like a token. */
const tokenlike = fc.tuple(fc.oneof(part, encoded(goodJson)), part, base64url)

/** Strings that a caller could send as a token. None of them is one. */
export const hostileString: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: tokenlike.map((parts) => parts.join('.')) },
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('mt_', 'oat_', 'ak_'), base64url).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')) },
  { weight: 1, arbitrary: fc.tuple(piece, fc.integer({ min: 1, max: 9000 })).map(([one, count]) => one.repeat(count)) },
)

const scheme = fc.constantFrom(
  'Bearer',
  'bearer',
  'BEARER',
  'Bearer:',
  'Bear',
  'Basic',
  'DPoP',
  'Token',
  'Bearer Bearer',
  '',
)
const gap = fc.constantFrom(' ', '  ', '\t', '', ', ', ' , Bearer ', ' = ', '\r\n')

/** Strings that a caller could send as an `Authorization` header. */
export const hostileHeader: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: hostileString.map((token) => `Bearer ${token}`) },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.tuple(scheme, gap, hostileString), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.flat().join('')),
  },
  { weight: 1, arbitrary: hostileString },
)
