import { describe, expect, it } from 'vitest'
import { member, parseJsonObject, type JsonObject } from '../src/support/json.js'

const parse = (text: string) => parseJsonObject(new TextEncoder().encode(text))
const nested = (open: string, inner: string, close: string, depth: number) =>
  `{"a":${open.repeat(depth - 1)}${inner}${close.repeat(depth - 1)}}`

describe('parseJsonObject', () => {
  it.each([
    '{}',
    ' {"a" : 1 , "b":[{"a":":"},{"a":"}"}]} ',
    '{"a":"\\"","b":"\\\\","c:{[":"\\\\\\""}',
    '{"\\u0061":"\\u003a\\ud83d\\ude00","é":"€"}',
    '{"a":{"a":{"a":null}},"b":true,"c":-1.5e3}',
  ])('parses %s as JSON.parse does', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ['an array', '[]'],
    ['a string', '"a"'],
    ['a number', '1'],
    ['true', 'true'],
    ['null', 'null'],
    ['nothing', ''],
    ['an unfinished object', '{"a":'],
    ['an unfinished string', '{"a":"\\'],
    ['something after the object', '{}x'],
    ['two objects', '{}{}'],
    ['a comment', '{}/**/'],
    ['NaN', '{"a":NaN}'],
    ['a byte order mark', '\ufeff{}'],
    ['closing brackets first', `${']'.repeat(100)}${'['.repeat(100)}`],
  ])('refuses %s', (_, text) => {
    expect(parse(text)).toBe('not-an-object')
  })

  it.each([
    ['a stray continuation', [0x7b, 0x22, 0x80, 0x22, 0x7d]],
    ['an overlong encoding of a slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a truncated sequence', [0x22, 0xe2, 0x82]],
  ])('refuses bytes that are not UTF-8: %s', (_, bytes) => {
    expect(parseJsonObject(Uint8Array.from(bytes))).toBe('not-utf8')
  })

  it.each([
    ['at the top level', '{"a":1,"a":1}'],
    ['whose values are objects', '{"a":{"b":1},"a":2}'],
    ['in a nested object', '{"x":[{"a":1,"b":2,"a":3}]}'],
    ['with an escape in one of the names', '{"a":1,"\\u0061":2}'],
    ['with colons and quotes in the strings', '{"a":"\\":","a":":\\\\"}'],
    ['named __proto__', '{"__proto__":1,"__proto__":2}'],
    ['with an integer as its name', '{"1":1,"1":2}'],
  ])('refuses a duplicate member, %s', (_, text) => {
    expect(parse(text)).toBe('duplicate-member')
  })

  it.each([
    ['a string', '{"a":"\\ud800"}'],
    ['a string in an array', '{"a":["\\udc00"]}'],
    ['a name', '{"a":{"\\ud800x":1}}'],
    ['a reversed pair', '{"a":"\\ude00\\ud83d"}'],
  ])('refuses an unpaired surrogate in %s', (_, text) => {
    expect(parse(text)).toBe('forbidden-character')
  })

  it.each([
    ['a value', '{"a":"\ufdd0"}'],
    ['a value, escaped', '{"a":"\\ufdef"}'],
    ['a value in an array', '{"a":["\ufffe"]}'],
    ['a name', '{"a":{"x\uffff":1}}'],
    ['a name, escaped', '{"\\uffff":1}'],
    ['a value outside the BMP', '{"a":"\u{1fffe}"}'],
    ['a value outside the BMP, escaped', '{"a":"\\ud83f\\udfff"}'],
    ['a value in the last plane', '{"a":"\u{10ffff}"}'],
  ])('refuses a noncharacter in %s', (_, text) => {
    expect(parse(text)).toBe('forbidden-character')
  })

  it('accepts the neighbours of the noncharacters', () => {
    for (const character of ['\ufdcf', '\ufdf0', '\ufffd', '\u{10000}', '\u{1fffd}', '\u{20000}', '\u{10fffd}'])
      expect(parse(`{"${character}":"${character}"}`)).toEqual({ [character]: character })
  })

  it.each([
    ['arrays', '[', '', ']'],
    ['objects', '{"a":', '1', '}'],
  ])('accepts %s 32 levels deep, and no deeper', (_, open, inner, close) => {
    expect(parse(nested(open, inner, close, 32))).toBeTypeOf('object')
    expect(parse(nested(open, inner, close, 33))).toBe('too-deep')
    expect(parse(nested(open, inner, close, 100_000))).toBe('too-deep')
  })

  it('counts depth, not brackets: siblings and brackets in strings do not count', () => {
    for (const beside of ['[]', '{}'])
      expect(parse(`{"a":[${Array(100).fill(beside).join()}],"b":"${'[{'.repeat(100)}"}`)).toBeTypeOf('object')
  })

  it('returns members with the names of inherited properties as own properties', () => {
    const object = parse('{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}') as JsonObject
    expect(object['role']).toBeUndefined()
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor'])
    expect(({} as JsonObject)['role']).toBeUndefined()
  })

  it('freezes deeply', () => {
    const object = parse('{"a":[{"b":{}}]}') as { a: [{ b: object }] }
    for (const one of [object, object.a, object.a[0], object.a[0].b]) expect(Object.isFrozen(one)).toBe(true)
  })
})

describe('member', () => {
  it('returns own properties, and no inherited ones', () => {
    const object = parse('{"sub":"user_2a","__proto__":{"sid":"sess_2a"}}') as JsonObject
    expect(member(object, 'sub')).toBe('user_2a')
    for (const name of ['sid', 'toString', 'constructor', 'hasOwnProperty'])
      expect(member(object, name)).toBeUndefined()
  })
})
