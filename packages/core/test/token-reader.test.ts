import { describe, expect, test } from 'vitest'
import { headerOrCookieReader, readHeader } from '../src/request/token-reader.js'
import { codeOf } from './fixtures-tokens.js'

const ORIGINS = ['https://app.example.com']
const readEither = headerOrCookieReader({ names: ['__session'], origins: ORIGINS })

describe('readHeader', () => {
  test('reads no cookie', () => {
    expect(readHeader({ headers: { cookie: '__session=a.b.c' }, method: 'GET' })).toBeUndefined()
  })
})

describe('headerOrCookieReader', () => {
  const source = (headers: Record<string, string>, method = 'GET') => ({ headers, method })

  test('returns the token of the header, and does not read the cookie', () => {
    const cookie = '__session=x; __session=y'
    expect(readEither(source({ authorization: 'Bearer a.b.c', cookie }, 'POST'))).toEqual({
      token: 'a.b.c',
      from: 'header',
    })
  })

  test.each<[string, Record<string, string>]>([
    ['without an Authorization header', {}],
    ['with a credential of another scheme', { authorization: 'Basic YTpi' }],
  ])('returns the token of the cookie %s', (_name, headers) => {
    const cookie = '__session=a.b.c'
    expect(readEither(source({ ...headers, cookie }))).toEqual({ token: 'a.b.c', from: 'cookie' })
  })

  test('does not fall back to the cookie if the header is malformed', () => {
    const cookie = '__session=a.b.c'
    expect(codeOf(() => readEither(source({ authorization: 'Bearer', cookie })))).toBe('credentials-malformed')
  })

  test('reads a Request, and requires an authorized origin', async () => {
    const request = (origin: string) =>
      new Request('https://api.example.com', { method: 'POST', headers: { Cookie: '__session=a.b.c', Origin: origin } })
    expect(await readEither(request('https://app.example.com'))).toEqual({ token: 'a.b.c', from: 'cookie' })
    expect(codeOf(() => readEither(request('https://evil.example')))).toBe('origin-not-allowed')
  })

  test('treats a source without a method as one that may change state', () => {
    expect(codeOf(() => readEither(new Headers({ cookie: '__session=a.b.c' })))).toBe('origin-not-allowed')
    const header = (name: string) => ({ cookie: '__session=a.b.c', origin: 'https://app.example.com' })[name]
    expect(readEither(header)).toEqual({ token: 'a.b.c', from: 'cookie' })
  })

  test('does not require an origin if there is no cookie', () => {
    expect(readEither(source({ origin: 'https://evil.example' }, 'POST'))).toBeUndefined()
  })

  test('waits once for its cookie names, if the platform computes them asynchronously', async () => {
    const read = headerOrCookieReader({ names: Promise.resolve(['__session']), origins: ORIGINS })
    const first = read(source({ cookie: '__session=a.b.c' }))
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toEqual({ token: 'a.b.c', from: 'cookie' })
    expect(read(source({ cookie: '__session=a.b.c' }))).toEqual({ token: 'a.b.c', from: 'cookie' })
  })
})
