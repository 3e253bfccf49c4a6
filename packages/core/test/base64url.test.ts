import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeBase64url as portable } from '../src/support/base64url.js'
import { decodeBase64url as ofNode } from '../src/crypto/signature.node.js'

describe.each([
  ['everywhere', portable],
  ['on Node', ofNode],
])('decodeBase64url %s', (_, decodeBase64url) => {
  const decode = (text: string) => Array.from(decodeBase64url(text) ?? [])

  it.each(Array.from({ length: 70 }, (_, length) => length))('decodes what Node encodes: %i bytes', (length) => {
    const bytes = randomBytes(length)
    expect(decode(bytes.toString('base64url'))).toEqual([...bytes])
    expect(decodeBase64url(bytes.toString('base64url'))).toBeDefined()
  })

  it('decodes each character of the alphabet', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    expect(decode(alphabet)).toEqual([...Buffer.from(alphabet, 'base64url')])
  })

  it.each([
    ['padding', 'YQ=='],
    ['only padding', '===='],
    ['one character too many', 'YWJjZ'],
    ['one character too many, with no bit set', 'YWJjA'],
    ['a single character', 'A'],
    ['the + of base64', 'ab+d'],
    ['the / of base64', 'ab/d'],
    ['a space', 'ab d'],
    ['a tab', 'ab\td'],
    ['a line feed', 'YWJj\n'],
    ['a carriage return', 'YWJ\r'],
    ['a form feed', 'ab\fd'],
    ['NUL', 'ab\0d'],
    ['DEL', 'ab\x7fd'],
    ['a percent escape', 'YW%41'],
    ['a dot', 'ab.d'],
    ['a letter that looks like A', 'YW\u0410j'],
    ['a full-width letter', 'YW\uff21j'],
    ['a character whose low byte is a letter', 'YW\u0141j'],
    ['a byte order mark', '\ufeffYWJ'],
    ['an unpaired surrogate', 'YW\ud800j'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  it.each([
    ['one byte', 'YQ', ['YR', 'YS', 'Yf']],
    ['two bytes', 'YWI', ['YWJ', 'YWK', 'YWL']],
  ])('has one encoding for %s: non-zero trailing bits are refused', (_, canonical, others) => {
    expect(decodeBase64url(canonical)).toBeDefined()
    expect(others.map(decodeBase64url)).toEqual(others.map(() => undefined))
  })
})
