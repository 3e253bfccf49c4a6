import { afterEach, describe, expect, test } from 'vitest'
import { checkOrigin, readSessionCookie, sessionCookieNames } from '../src/request/session-cookie.js'
import { codeOf } from './fixtures-tokens.js'

const PUBLISHABLE_KEY = 'pk_test_Y2xlcmsuZXhhbXBsZS5jb20k'
const SUFFIXED = '__session_l2OS3d9k'
const NAMES = [SUFFIXED, '__session']

const read = (cookie: unknown, names = NAMES) => readSessionCookie({ headers: { cookie } as never }, names)
const refusalOf = (cookie: unknown) => codeOf(() => read(cookie))

describe('sessionCookieNames', () => {
  test('returns the name with the instance suffix, then the plain one', async () => {
    const names = await sessionCookieNames(PUBLISHABLE_KEY)
    expect(names).toEqual(NAMES)
    expect(await sessionCookieNames(` ${PUBLISHABLE_KEY}\n`)).toEqual(names)
  })

  test('returns the plain name without a publishable key', () => {
    expect(sessionCookieNames(undefined)).toEqual(['__session'])
  })
})

describe('readSessionCookie', () => {
  test.each<[string, unknown, string]>([
    ['alone', '__session=a.b.c', 'a.b.c'],
    ['among others', 'theme=dark; __session=a.b.c; lang=de', 'a.b.c'],
    ['after others, without a space', 'theme=dark;__session=a.b.c', 'a.b.c'],
    ['after others and several spaces', 'theme=dark; \t __session=a.b.c', 'a.b.c'],
    ['in quotes', '__session="a.b.c"', 'a.b.c'],
    ['with quotes at the end', '__session=a"b"', 'a"b"'],
    ['with quotes at the start', '__session="a"b', '"a"b'],
    ['with an equals sign in it', '__session=a=b=', 'a=b='],
    ['twice, with the same value', '__session=a.b.c; __session=a.b.c', 'a.b.c'],
    ['in one of two headers', ['theme=dark', '__session=a.b.c'], 'a.b.c'],
    ['with the name of the instance', `${SUFFIXED}=a.b.c`, 'a.b.c'],
    ['with the name of the instance, after the plain one', `__session=x.y.z; ${SUFFIXED}=a.b.c`, 'a.b.c'],
    ['with the plain name, if that of the instance is empty', `${SUFFIXED}=; __session=a.b.c`, 'a.b.c'],
    ['large', `__session=${'a'.repeat(8000)}`, 'a'.repeat(8000)],
    ['at the end of 16 KiB', `${';'.repeat(16_369)}__session=a.b.c`, 'a.b.c'],
    ['at the end of 16 KiB in two headers', [';'.repeat(16_368), '__session=a.b.c'], 'a.b.c'],
    ['after the sessions of other instances', `${'__session_other123=x;'.repeat(63)}__session=a.b.c`, 'a.b.c'],
  ])('finds the token %s', (_name, cookie, token) => {
    expect(read(cookie)).toBe(token)
  })

  test.each([
    undefined,
    null,
    '',
    ';',
    '__session',
    '__session=',
    '__session=""',
    'theme=dark',
    '__Host-__session=a.b.c',
    '__Secure-__session=a.b.c',
    '__session_other123=a.b.c',
    '__SESSION=a.b.c',
    ' x__session=a.b.c',
    '__session =a.b.c',
    '\u00a0__session=a.b.c',
    'a=__session=a.b.c',
    'a=b__session=a.b.c',
    '__session;a=b',
    '__session; =a.b.c',
    '__proto__=a.b.c',
    '%5f%5fsession=a.b.c',
  ])('finds none in %j', (cookie) => {
    expect(read(cookie)).toBeUndefined()
  })

  test('does not read the cookie of another instance', () => {
    expect(read(`${SUFFIXED}=a.b.c`, ['__session'])).toBeUndefined()
  })

  test('ignores inherited cookies', () => {
    for (const name of ['toString', 'constructor', '__proto__']) expect(read('a=b', [name])).toBeUndefined()
  })

  test.each([
    ['of the plain name', '__session=a.b.c; __session=x.y.z'],
    ['of the name of the instance', `${SUFFIXED}=a.b.c; ${SUFFIXED}=x.y.z`],
    ['one of which is empty', '__session=a.b.c; __session='],
    ['in two headers', ['__session=a.b.c', '__session=x.y.z']],
  ])('refuses two cookies %s, because an attacker may have set one of them', (_name, cookie) => {
    expect(refusalOf(cookie)).toBe('credentials-ambiguous')
  })

  test('accepts two plain cookies if the cookie of the instance is present', () => {
    expect(read(`__session=x; __session=y; ${SUFFIXED}=a.b.c`)).toBe('a.b.c')
  })

  test.each<[string, unknown]>([
    ['in one header', `__session=a.b.c;${' '.repeat(16_369)}`],
    ['in two headers', ['__session=a.b.c', ' '.repeat(16_369)]],
    ['in many headers', ['__session=a.b.c', ...Array.from({ length: 16_370 }, () => '')]],
  ])('refuses cookies of more than 16 KiB without reading them, %s', (_name, cookie) => {
    expect(refusalOf(cookie)).toBe('credentials-malformed')
  })

  test.each(['__session=a.b.c;', '__session;', 'a__session=a.b.c;'])('refuses more than 64 cookies %j', (pair) => {
    expect(refusalOf(pair.repeat(64))).toBeUndefined()
    expect(refusalOf(pair.repeat(65))).toBe('credentials-malformed')
  })

  test('refuses a value longer than any token', () => {
    expect(refusalOf(`__session=${'a'.repeat(8193)}`)).toBe('token-too-large')
  })

  test.each([5, {}, true, [{ toString: false }], ['a=b', 5]])(
    'refuses %j, which an application may have set',
    (cookie) => {
      expect(refusalOf(cookie)).toBe('credentials-malformed')
    },
  )
})

describe('checkOrigin, for a source without a method', () => {
  const everywhere = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => void delete everywhere['method'])

  test('ignores an inherited method', () => {
    everywhere['method'] = 'GET'
    expect(codeOf(() => checkOrigin(new Headers(), []))).toBe('origin-not-allowed')
  })
})

describe('checkOrigin', () => {
  const ORIGINS = ['https://app.example.com', 'https://admin.example.com']
  const outcomeOf = (method: string | undefined, headers: Record<string, unknown>) =>
    codeOf(() => checkOrigin({ headers: headers as never, ...(method !== undefined && { method }) }, ORIGINS)) ?? 'fits'

  test.each<[string, Record<string, unknown>]>([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['POST', { origin: 'https://app.example.com' }],
    ['DELETE', { origin: 'https://admin.example.com', 'sec-fetch-site': 'same-site' }],
    ['POST', { 'sec-fetch-site': 'same-origin' }],
    ['POST', { origin: 'https://api.example.com', 'sec-fetch-site': 'same-origin' }],
    ['GET', { upgrade: 'websocket', origin: 'https://app.example.com' }],
  ])('accepts %s with %j', (method, headers) => {
    expect(outcomeOf(method, headers)).toBe('fits')
  })

  test.each<[string | undefined, Record<string, unknown>]>([
    ['POST', {}],
    ['PUT', {}],
    ['PATCH', {}],
    ['DELETE', {}],
    ['OPTIONS', {}],
    ['get', {}],
    ['CONNECT', {}],
    [undefined, {}],
    ['POST', { origin: 'null' }],
    ['POST', { origin: '' }],
    ['POST', { origin: 'https://evil.example' }],
    ['POST', { origin: 'https://app.example.com.evil.example' }],
    ['POST', { origin: 'http://app.example.com' }],
    ['POST', { origin: 'https://app.example.com/' }],
    ['POST', { origin: 'https://APP.example.com' }],
    ['POST', { origin: 'https://app.example.com, https://evil.example' }],
    ['POST', { origin: ['https://app.example.com', 'https://evil.example'] }],
    ['POST', { 'sec-fetch-site': 'same-site' }],
    ['POST', { 'sec-fetch-site': 'none' }],
    ['POST', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['POST', { referer: 'https://app.example.com/' }],
    ['GET', { upgrade: 'websocket', origin: 'https://evil.example' }],
    ['GET', { upgrade: 'websocket' }],
  ])('refuses %s with %j', (method, headers) => {
    expect(outcomeOf(method, headers)).toBe('origin-not-allowed')
  })
})
