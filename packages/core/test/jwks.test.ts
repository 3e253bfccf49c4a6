import { describe, expect, test } from 'vitest'
import { importKeySet, keyOf, usableKeys, type KeySet } from '../src/keys/jwks.js'
import { codeOf, keyPair } from './fixtures.js'

const ONE = keyPair('P-256').publicJwk
const TWO = keyPair('P-256').publicJwk

async function setOf(...keys: readonly unknown[]): Promise<KeySet> {
  const set = await importKeySet({ keys })
  if (typeof set === 'string') throw new Error(set)
  return set
}

describe('importKeySet › invalid key sets', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'not-a-jwk-set'],
    ['null', null, 'not-a-jwk-set'],
    ['a string', 'keys', 'not-a-jwk-set'],
    ['a list', [], 'not-a-jwk-set'],
    ['an empty object', {}, 'not-a-jwk-set'],
    ['keys as an object', { keys: {} }, 'not-a-jwk-set'],
    ['keys as null', { keys: null }, 'not-a-jwk-set'],
    ['keys as an array-like object', { keys: { length: 1, 0: ONE } }, 'not-a-jwk-set'],
    ['keys on a prototype set through __proto__', JSON.parse('{"__proto__":{"keys":[]}}'), 'not-a-jwk-set'],
    ['no keys', { keys: [] }, 'empty'],
    ['only keys without a kid', { keys: [ONE, TWO] }, 'empty'],
    ['only values that are not keys', { keys: [null, 1, 'x', [], {}] }, 'empty'],
    [
      'more than 64 keys',
      { keys: Array.from({ length: 65 }, (_, i) => ({ ...ONE, kid: `key_${i}` })) },
      'too-many-keys',
    ],
    ['more than 64 values that are not keys', { keys: Array.from({ length: 10_000 }) }, 'too-many-keys'],
  ])('%s', async (_name, jwks, fault) => {
    expect(await importKeySet(jwks)).toBe(fault)
  })
})

describe('importKeySet', () => {
  test('accepts 64 keys', async () => {
    const set = await setOf(...Array.from({ length: 64 }, (_, i) => ({ ...ONE, kid: `key_${i}` })))
    expect(usableKeys(set)).toBe(64)
  })

  test('skips a bad key without refusing the set', async () => {
    const set = await setOf(null, 1, 'x', {}, { kid: 'oct', kty: 'oct', k: 'c2VjcmV0' }, { ...ONE, kid: 'one' })
    expect([...set.keys()]).toEqual(['oct', 'one'])
    expect(usableKeys(set)).toBe(1)
    expect(keyOf(set, 'one')).toBeDefined()
    expect(await codeOf(() => keyOf(set, 'oct'))).toBe('jwk-unsuitable')
  })

  test.each<[string, unknown]>([
    ['a number', 1],
    ['null', null],
    ['a list', ['one']],
    ['empty', ''],
    ['longer than 128 characters', 'k'.repeat(129)],
  ])('drops a key whose kid is %s', async (_name, kid) => {
    expect([...(await setOf({ ...ONE, kid }, { ...TWO, kid: 'two' })).keys()]).toEqual(['two'])
  })

  test.each(['__proto__', 'constructor', 'toString', 'k'.repeat(128)])(
    'treats the kid %s like any other',
    async (kid) => {
      const set = await setOf({ ...JSON.parse(`{"kid":"${kid}"}`), ...ONE })
      expect(keyOf(set, kid)).toBeDefined()
      expect(keyOf(set, 'hasOwnProperty')).toBeUndefined()
    },
  )
})

describe('importKeySet › two keys with one kid', () => {
  const kid = 'same'
  test('count as one key if they are equal', async () => {
    const set = await setOf({ ...ONE, kid }, { ...ONE, kid, use: 'sig' })
    expect(keyOf(set, kid)).toBeDefined()
    expect(usableKeys(set)).toBe(1)
  })

  test.each<[string, readonly object[]]>([
    [
      'they differ',
      [
        { ...ONE, kid },
        { ...TWO, kid },
      ],
    ],
    [
      'a third equals the first',
      [
        { ...ONE, kid },
        { ...TWO, kid },
        { ...ONE, kid },
      ],
    ],
    [
      'the second may not verify',
      [
        { ...ONE, kid },
        { ...ONE, kid, use: 'enc' },
      ],
    ],
    [
      'the first may not verify',
      [
        { kid, kty: 'oct', k: 'c2VjcmV0' },
        { ...ONE, kid },
      ],
    ],
  ])('are both dropped if %s', async (_name, keys) => {
    const set = await setOf(...keys)
    expect(await codeOf(() => keyOf(set, kid))).toBe('jwk-unsuitable')
    expect(usableKeys(set)).toBe(0)
  })
})

describe('keyOf', () => {
  test("returns the key with the token's kid, or undefined", async () => {
    const set = await setOf({ ...ONE, kid: 'one' }, { ...TWO, kid: 'two' })
    expect(keyOf(set, 'one')).toBe(set.get('one'))
    expect(keyOf(set, 'two')).toBe(set.get('two'))
    expect(keyOf(set, 'One')).toBeUndefined()
    expect(keyOf(set, '')).toBeUndefined()
  })

  test('returns the only key of a set for a token without a kid', async () => {
    const set = await setOf({ ...ONE, kid: 'one' })
    expect(keyOf(set, undefined)).toBe(set.get('one'))
    expect(keyOf(set, 'two')).toBeUndefined()
  })

  test('returns no key of several for a token without a kid, even if only one can verify', async () => {
    expect(keyOf(await setOf({ ...ONE, kid: 'one' }, { ...TWO, kid: 'two' }), undefined)).toBeUndefined()
    expect(keyOf(await setOf({ ...ONE, kid: 'one' }, { kid: 'oct', kty: 'oct' }), undefined)).toBeUndefined()
  })
})
