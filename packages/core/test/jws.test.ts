import { describe, expect, it } from 'vitest'
import { decodeHeader, decodePayload, splitJws } from '../src/token/jws.js'
import { codeOf, forge, mint, sessionClaims } from './fixtures-tokens.js'

const HEADER = { alg: 'RS256', typ: 'JWT', kid: 'ins_2a' }
const refusalOf = (token: string) => codeOf(() => splitJws(token))
const payloadRefusalOf = (token: string) => codeOf(() => decodePayload(splitJws(token).encodedPayload))
/** The same part, with a last character that a lenient decoder decodes to the same bytes. */
function withTrailingBits(part: object): string {
  const json = JSON.stringify(part)
  const text = Buffer.from(json + ' '.repeat(4 - (json.length % 3))).toString('base64url')
  return text.replace(/A$/, 'B')
}
const withHeader = (header: object) => forge({ ...HEADER, ...header }, sessionClaims())

describe('splitJws', () => {
  it('splits a signed token', async () => {
    const token = await mint({ cat: 'cl_B7d4PD111AAA' }, { sub: 'user_é' })
    const [header = '', payload = '', signature = ''] = token.split('.')
    const jws = splitJws(token)
    expect(jws.header).toEqual({ alg: 'RS256', typ: 'jwt', kid: 'ins_2a', cat: 'cl_B7d4PD111AAA' })
    expect(jws.encodedHeader).toBe(header)
    expect(jws.encodedPayload).toBe(payload)
    expect(jws.signingInput).toBe(`${header}.${payload}`)
    expect(Buffer.from(jws.signature).toString('base64url')).toBe(signature)
  })

  const good = forge(HEADER, sessionClaims())
  const [h = '', p = '', s = ''] = good.split('.')
  it.each([
    ['nothing', ''],
    ['only dots', '..'],
    ['one part', h],
    ['two parts', `${h}.${p}`],
    ['an empty header', `.${p}.${s}`],
    ['an empty (detached) payload', `${h}..${s}`],
    ['an empty signature', `${h}.${p}.`],
    ['four parts', `${good}.${s}`],
    ['five parts: a JWE', `${h}.${p}.${s}.${s}.${s}`],
    ['a dot at the start', `.${good}`],
    ['a dot at the end', `${good}.`],
    ['8192 dots', '.'.repeat(8192)],
    ['JSON serialization', JSON.stringify({ protected: h, payload: p, signature: s })],
    ['padding in the header', `${h}=.${p}.${s}`],
    ['padding in the signature', `${h}.${p}.${s}=`],
    ['whitespace in the header', `${h.slice(0, 4)} ${h.slice(4)}.${p}.${s}`],
    ['a line break after the signature', `${good}\n`],
    ['a byte order mark at the start', `\ufeff${good}`],
    ['non-zero trailing bits in the header', `${withTrailingBits(HEADER)}.${p}.${s}`],
    ['non-zero trailing bits in the signature', `${h}.${p}.YR`],
    ['invalid UTF-8 in the header', forge(Uint8Array.of(0x7b, 0xff, 0x7d), {})],
    ['an unpaired surrogate in the header', forge('{"alg":"RS256","kid":"\\ud800"}', {})],
    ['a noncharacter in the header', forge('{"alg":"RS256","kid":"\\ufffe"}', {})],
    ['a header that is nested too deeply', forge(`{"a":${'['.repeat(33)}${']'.repeat(33)}}`, {})],
  ])('refuses %s as token-malformed', (_, token) => {
    expect(refusalOf(token)).toBe('token-malformed')
  })

  const none = forge({ ...HEADER, alg: 'none' }, {}).split('.')[0] ?? ''
  it.each([
    ['two parts', `${none}.${p}`],
    ['an empty payload', `${none}..${s}`],
    ['an empty part before the payload', `${none}..${p}.${s}`],
    ['an empty part after the payload', `${none}.${p}..${s}`],
    ['four parts', `${none}.${p}.${s}.${s}`],
    ['five parts: a JWE', `${none}.${p}.${s}.${s}.${s}`],
  ])('checks the form before decoding the header: %s', (_, token) => {
    expect(refusalOf(token)).toBe('token-malformed')
  })

  it.each(['A', '*', 'e30=', 'W10', Buffer.from('{"exp":1,"exp":2}').toString('base64url')])(
    'does not decode the payload: %s',
    (payload) => {
      expect(refusalOf(`${none}.${payload}.${s}`)).toBe('token-invalid-algorithm')
      expect(splitJws(`${h}.${payload}.${s}`).encodedPayload).toBe(payload)
    },
  )

  it('refuses a header part of more than 1024 characters before decoding it', () => {
    const longest = { ...HEADER, x: 'x'.repeat(719) }
    const encoded = (header: object) => forge(header, {}).split('.')[0]!
    expect(encoded(longest)).toHaveLength(1024)
    expect(refusalOf(forge(longest, {}))).toBeUndefined()
    expect(refusalOf(forge({ ...longest, x: 'x'.repeat(720) }, {}))).toBe('token-header-invalid')
    expect(refusalOf(`${'*'.repeat(1025)}.${p}.${s}`)).toBe('token-header-invalid')
  })

  it('decodes the header with the given function', () => {
    const header = decodeHeader(h)
    expect(splitJws(good, (encodedHeader) => (expect(encodedHeader).toBe(h), header)).header).toBe(header)
  })

  it('refuses a token of more than 8 KiB before decoding anything', () => {
    const fill = (length: number) => forge(HEADER, sessionClaims(), 'A'.repeat(length - good.length + s.length))
    expect(fill(8192)).toHaveLength(8192)
    expect(refusalOf(fill(8192))).toBeUndefined()
    expect(refusalOf(fill(8193))).toBe('token-too-large')
    expect(refusalOf('.'.repeat(8193))).toBe('token-too-large')
  })

  it.each([
    '[]',
    '"a"',
    '1',
    'null',
    'true',
    '',
    '\ufeff{"alg":"RS256"}',
    '{"alg":"RS256"}x',
    '{"alg":"none","alg":"RS256"}',
  ])('refuses the header %j as token-header-invalid', (header) => {
    const token = header === '' ? forge(' ', {}) : forge(header, {})
    expect(refusalOf(token)).toBe('token-header-invalid')
  })

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'accepts the algorithm %s',
    (alg) => {
      expect(splitJws(withHeader({ alg })).header.alg).toBe(alg)
    },
  )

  it.each([
    undefined,
    null,
    '',
    1,
    ['RS256'],
    { RS256: 1 },
    'none',
    'None',
    'NONE',
    'nOnE',
    'none ',
    'HS256',
    'HS384',
    'HS512',
    'ES256K',
    'Ed448',
    'RSA-OAEP',
    'dir',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'rs256',
    'RS256 ',
    'RS256\0',
  ])('refuses the algorithm %j as token-invalid-algorithm', (alg) => {
    expect(refusalOf(withHeader({ alg }))).toBe('token-invalid-algorithm')
  })

  it.each([1, null, [], {}, '', 'k'.repeat(129)])('refuses the kid %j as token-header-invalid', (kid) => {
    expect(refusalOf(withHeader({ kid }))).toBe('token-header-invalid')
  })

  it.each([undefined, '__proto__', '../../etc/passwd', 'k'.repeat(128)])('returns the kid %j', (kid) => {
    expect(splitJws(withHeader({ kid })).header.kid).toBe(kid)
  })

  it.each([1, null, []])('refuses the cat %j as token-header-invalid', (cat) => {
    expect(refusalOf(withHeader({ cat }))).toBe('token-header-invalid')
  })

  it.each([
    [undefined, undefined],
    ['JWT', 'jwt'],
    ['jwt', 'jwt'],
    ['application/jwt', 'jwt'],
    ['Application/JWT', 'jwt'],
    ['at+jwt', 'at+jwt'],
    ['AT+JWT', 'at+jwt'],
    ['application/at+jwt', 'at+jwt'],
  ])('reads the typ %j as %j', (typ, expected) => {
    expect(splitJws(withHeader({ typ })).header.typ).toBe(expected)
  })

  const otherTypes = [
    '',
    'JWE',
    'JOSE',
    'dpop+jwt',
    'secevent+jwt',
    'application/application/jwt',
    'at+application/jwt',
  ]
  it.each([...otherTypes, 'jwt ', 1, null, ['JWT']])('refuses the typ %j as token-type-mismatch', (typ) => {
    expect(refusalOf(withHeader({ typ }))).toBe('token-type-mismatch')
  })

  it.each([
    ...[['x'], [], '', null, false, 0, {}, [1], ['alg'], ['b64'], ['x', 'x']].map((crit) => ({ crit })),
    { b64: false },
    { b64: true },
    { b64: false, crit: ['b64'] },
  ])('refuses %j as token-critical-header', (header) => {
    expect(refusalOf(withHeader(header))).toBe('token-critical-header')
  })

  it.each(['enc', 'zip', 'epk', 'p2c'])('refuses %s, a parameter of a JWE, as token-header-invalid', (name) => {
    expect(refusalOf(withHeader({ [name]: null }))).toBe('token-header-invalid')
  })

  it.each(['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'oiat'])('ignores %s', (name) => {
    const { header } = splitJws(withHeader({ [name]: 'https://evil.example.com' }))
    expect(Object.keys(header).sort()).toEqual(['alg', 'cat', 'kid', 'typ'])
  })

  it('does not include token values in the message', () => {
    for (const header of [{ alg: 'secret!' }, { kid: 'secret!'.repeat(40) }, { typ: 'secret!' }, { crit: 'secret!' }])
      expect(() => splitJws(withHeader(header))).toThrow(/^(?!.*secret!)/)
  })
})

describe('decodePayload', () => {
  const [h = '', p = '', s = ''] = forge(HEADER, sessionClaims()).split('.')

  it('decodes the claims', async () => {
    const token = await mint({}, { sub: 'user_é' })
    expect(decodePayload(splitJws(token).encodedPayload)).toEqual(sessionClaims({ sub: 'user_é' }))
  })

  it.each([
    ['padding in the payload', `${h}.${p}=.${s}`],
    ['non-zero trailing bits in the payload', `${h}.${withTrailingBits(sessionClaims())}.${s}`],
    ['invalid UTF-8 in the payload', forge(HEADER, Uint8Array.of(0x7b, 0xff, 0x7d))],
    ['an unpaired surrogate in the payload', forge(HEADER, '{"sub":"\\ud800"}')],
    ['a noncharacter in the payload', forge(HEADER, '{"sub":"\\ufdd0"}')],
    ['a payload that is nested too deeply', forge(HEADER, `{"a":${'['.repeat(3000)}`)],
    ['a payload that is an array', forge(HEADER, '[]')],
    ['a payload that is a string', forge(HEADER, '"a"')],
    ['a payload that is a token', forge({ ...HEADER, cty: 'JWT' }, `${h}.${p}.${s}`)],
    ['a payload with something after it', forge(HEADER, '{}x')],
  ])('refuses %s as token-malformed', (_, token) => {
    expect(payloadRefusalOf(token)).toBe('token-malformed')
  })

  it.each(['{"exp":1,"exp":2}', '{"sub":"a","\\u0073ub":"b"}', '{"o":{"id":"a","id":"b"}}'])(
    'refuses the payload %s, with a duplicate claim, as token-claim-invalid',
    (payload) => {
      expect(payloadRefusalOf(forge(HEADER, payload))).toBe('token-claim-invalid')
    },
  )
})
