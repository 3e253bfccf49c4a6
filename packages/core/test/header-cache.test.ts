import { describe, expect, test } from 'vitest'
import { headerCache } from '../src/token/header-cache.js'
import { splitJws } from '../src/token/jws.js'
import { codeOf, issuerKey } from './fixtures.js'

const KEY = issuerKey()
const jwsOf = (header: object = {}) => splitJws(KEY.token({}, { ...header }))

describe('headerCache', () => {
  test('decodes a header each time until it is cached', () => {
    const { decode, remember } = headerCache()
    const jws = jwsOf()
    expect(decode(jws.encodedHeader)).toEqual(jws.header)
    expect(decode(jws.encodedHeader)).not.toBe(decode(jws.encodedHeader))
    remember(jws)
    expect(decode(jws.encodedHeader)).toBe(jws.header)
  })

  test('keeps what it cached first', () => {
    const { decode, remember } = headerCache()
    const first = jwsOf()
    remember(first)
    remember(jwsOf())
    expect(decode(first.encodedHeader)).toBe(first.header)
  })

  test('decodes every other header, and refuses a bad one', async () => {
    const { decode, remember } = headerCache()
    remember(jwsOf())
    expect(decode(jwsOf({ kid: 'other' }).encodedHeader)).toMatchObject({ kid: 'other' })
    const none = KEY.token({}, { alg: 'none' }).split('.')[0]!
    expect(await codeOf(() => decode(none))).toBe('token-invalid-algorithm')
  })

  test('holds at most 100 headers', () => {
    const { decode, remember } = headerCache()
    const all = Array.from({ length: 101 }, (_, i) => jwsOf({ kid: `key_${i}` }))
    const remembered = () => all.filter(({ encodedHeader, header }) => decode(encodedHeader) === header).length
    for (const jws of all.slice(0, 100)) remember(jws)
    expect(remembered()).toBe(100)
    remember(all[100]!)
    expect(remembered()).toBe(1)
  })
})
