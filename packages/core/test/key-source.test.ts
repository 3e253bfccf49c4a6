import { describe, expect, onTestFinished, test } from 'vitest'
import { importJwk, type VerificationKey } from '../src/keys/jwk.js'
import { importKeySet, type KeySet } from '../src/keys/jwks.js'
import { singleKey, staticKeys } from '../src/keys/key-source.js'
import { codeOf, findKey, keyPair, refusalOf, turn } from './fixtures.js'

const { publicJwk } = keyPair('P-256')
const KEY = importJwk(publicJwk) as VerificationKey
const SET = importKeySet({
  keys: [
    { ...publicJwk, kid: 'one' },
    { kid: 'oct', kty: 'oct' },
  ],
}) as KeySet

describe('staticKeys', () => {
  test('returns a key without a promise', () => {
    expect(findKey(staticKeys(SET), 'one')).toBe(SET.get('one'))
  })

  test.each([
    ['a kid that the set lacks', 'two', 'jwk-kid-mismatch'],
    ['no kid, if there are several keys', undefined, 'jwk-kid-mismatch'],
    ['a key that may not verify', 'oct', 'jwk-unsuitable'],
  ])('refuses %s immediately, because there is no issuer to ask', async (_name, kid, code) => {
    expect(await codeOf(() => findKey(staticKeys(SET), kid))).toBe(code)
    expect(await codeOf(() => findKey(staticKeys(Promise.resolve(SET)), kid))).toBe(code)
  })

  test('is ready from the start, and counts no fetch', async () => {
    const keys = staticKeys(SET)
    expect(keys.ready()).toBe(true)
    await keys.load()
    keys.close()
    expect(findKey(keys, 'one')).toBe(SET.get('one'))
    expect(keys.stats()).toEqual({ size: 1, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 })
  })

  test('waits for keys that are built asynchronously, once', async () => {
    const keys = staticKeys(Promise.resolve(SET))
    expect(keys.ready()).toBe(false)
    expect(keys.stats().size).toBe(0)
    expect(await findKey(keys, 'one')).toBe(SET.get('one'))
    expect(keys.ready()).toBe(true)
    expect(findKey(keys, 'one')).toBe(SET.get('one'))
  })

  test('rejects warmUp() with the reason why the set is invalid, and refuses requests as misconfigured', async () => {
    const broken = new TypeError('option "jwks" has no usable key')
    const keys = staticKeys(Promise.reject(broken))
    const refusals = [await refusalOf(() => findKey(keys, 'one')), await refusalOf(() => findKey(keys, 'one'))]
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: 'verification-misconfigured', message: broken.message, cause: broken })
    expect(refusals[0]).not.toBe(refusals[1])
    await expect(keys.load()).rejects.toBe(broken)
    expect(keys.ready()).toBe(false)
  })
})

describe('singleKey', () => {
  test.each(['one', 'any other', undefined])('is used for every token: kid %s', (kid) => {
    expect(findKey(singleKey(KEY), kid)).toBe(KEY)
  })

  test('is ready from the start, and counts no fetch', async () => {
    const keys = singleKey(KEY)
    expect(keys.ready()).toBe(true)
    await keys.load()
    keys.close()
    expect(findKey(keys, 'one')).toBe(KEY)
    expect(keys.stats()).toEqual({ size: 1, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 })
  })

  test('waits for a key that is built asynchronously, once', async () => {
    const keys = singleKey(Promise.resolve(KEY))
    expect(keys.ready()).toBe(false)
    expect(keys.stats().size).toBe(0)
    await keys.load()
    expect(keys.ready()).toBe(true)
    expect(keys.stats().size).toBe(1)
    expect(findKey(keys, 'one')).toBe(KEY)
  })

  test('rejects warmUp() with the reason why the key is invalid, and refuses requests as misconfigured', async () => {
    const broken = new TypeError('option "jwtKey" is no public key')
    const keys = singleKey(Promise.reject(broken))
    expect(await refusalOf(() => findKey(keys, 'one'))).toMatchObject({
      code: 'verification-misconfigured',
      cause: broken,
    })
    await expect(keys.load()).rejects.toBe(broken)
    expect(keys.ready()).toBe(false)
  })
})

test('an invalid key that is never used causes no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  onTestFinished(() => void process.off('unhandledRejection', listen))
  staticKeys(Promise.reject(new TypeError('broken')))
  singleKey(Promise.reject(new TypeError('broken')))
  await turn()
  expect(unhandled).toEqual([])
})
