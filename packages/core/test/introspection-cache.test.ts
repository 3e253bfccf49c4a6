import { describe, expect, test } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import { introspectionCache } from '../src/introspection/introspection-cache.js'
import type { CacheBounds } from '../src/token/verified-cache.js'
import { fakeClock, noRevocations, HOUR, MINUTE, NOW, SECOND } from './fixtures.js'
import { AUTHS } from './fixtures-machines.js'

const AUTH = AUTHS.m2m_token

function start({ rememberInMs = 30 * SECOND, ...bounds }: CacheBounds & { rememberInMs?: number } = {}) {
  const clock = fakeClock()
  const revocations = noRevocations(clock)
  return { clock, revocations, introspections: introspectionCache(rememberInMs, bounds, clock, revocations) }
}

const until = (expiresAt: number | null): AuthenticatedAuth => ({ ...AUTH, expiresAt })

describe('introspectionCache › a valid token', () => {
  test('is cached for exactly 30 seconds', () => {
    const { introspections, clock } = start()
    expect(introspections.get('a')).toBeUndefined()
    introspections.passed('a', AUTH)
    clock.advance(30 * SECOND - 1)
    expect(introspections.get('a')).toBe(AUTH)
    clock.advance(1)
    expect(introspections.get('a')).toBeUndefined()
    expect(introspections.stats().entries).toBe(0)
  })

  test('is cached for 30 seconds from its verification, regardless of how often it is used', () => {
    const { introspections, clock } = start()
    introspections.passed('a', AUTH)
    for (let second = 0; second < 30; second++) {
      expect(introspections.get('a')).toBe(AUTH)
      clock.advance(SECOND)
    }
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is never cached past its expiry', () => {
    const { introspections, clock } = start()
    introspections.passed('a', until(NOW + 7 * SECOND))
    clock.advance(7 * SECOND - 1)
    expect(introspections.get('a')).toBeDefined()
    clock.advance(1)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is cached for just as long if it never expires', () => {
    const { introspections, clock } = start()
    introspections.passed('a', until(null))
    clock.advance(30 * SECOND - 1)
    expect(introspections.get('a')).toBeDefined()
    clock.advance(1)
    expect(introspections.get('a')).toBeUndefined()
  })

  test.each([NOW, NOW - 1, Number.NaN])('is not cached if it expires at %d', (expiresAt) => {
    const { introspections } = start()
    introspections.passed('a', until(expiresAt))
    expect(introspections.stats().entries).toBe(0)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is cached for a millisecond if it expires in a millisecond', () => {
    const { introspections, clock } = start()
    introspections.passed('a', until(NOW + 1))
    expect(introspections.get('a')).toBeDefined()
    clock.advance(1)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is not cached longer if the wall clock is set back', () => {
    const { introspections, clock } = start()
    introspections.passed('a', AUTH)
    introspections.passed('b', until(NOW + 7 * SECOND))
    clock.setWall(NOW - HOUR)
    clock.advance(7 * SECOND)
    expect(introspections.get('a')).toBe(AUTH)
    expect(introspections.get('b')).toBeUndefined()
    clock.advance(23 * SECOND)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('expires from the cache if the wall clock jumps ahead, as after sleep', () => {
    const { introspections, clock } = start()
    introspections.passed('a', AUTH)
    clock.setWall(NOW + 30 * SECOND)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is refused if the clock returns NaN', () => {
    const { introspections, clock } = start()
    introspections.passed('a', AUTH)
    clock.setWall(Number.NaN)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('stays within the bound in bytes, regardless of the size of its claims', () => {
    const { introspections } = start({ maxBytes: 1024 * 1024 })
    const claims = { text: 'x'.repeat(30_000) }
    for (let i = 0; i < 100; i++) introspections.passed(String(i), { ...AUTH, claims })
    expect(introspections.get('99')).toMatchObject({ claims })
    expect(introspections.stats().entries).toBeGreaterThan(0)
    expect(introspections.stats().entries * 30_000).toBeLessThan(1024 * 1024)
  })

  test('is not cached if that is turned off', () => {
    for (const { introspections } of [start({ rememberInMs: 0 }), start({ maxEntries: 0 }), start({ maxBytes: 0 })]) {
      introspections.passed('a', AUTH)
      expect(introspections.get('a')).toBeUndefined()
      expect(introspections.stats().entries).toBe(0)
      expect(introspections.isKnown('a')).toBe(true)
    }
  })
})

describe('introspectionCache › a refused token', () => {
  test.each([
    ['temporarily', false, 5 * SECOND],
    ['permanently', true, 5 * MINUTE],
  ] as const)('is cached for the right time if it is refused %s', (_name, isLasting, forMs) => {
    const { introspections, clock } = start()
    const code = 'token-expired'
    introspections.refused('a', code, isLasting)
    clock.advance(forMs - 1)
    expect(introspections.get('a')).toBe(code)
    clock.advance(1)
    expect(introspections.get('a')).toBeUndefined()
  })

  test('is no longer accepted, and no longer known', () => {
    const { introspections } = start()
    introspections.passed('a', AUTH)
    introspections.refused('a', 'token-revoked', true)
    expect(introspections.get('a')).toBe('token-revoked')
    expect(introspections.isKnown('a')).toBe(false)
    expect(introspections.stats()).toEqual({ entries: 0, refused: 1, known: 0 })
  })

  test('does not evict valid tokens, and at most 1,000 are kept', () => {
    const { introspections } = start({ maxEntries: 10 })
    for (let i = 0; i < 10; i++) introspections.passed(`good ${i}`, AUTH)
    for (let i = 0; i < 10_000; i++) introspections.refused(`bad ${i}`, 'token-not-found', false)
    expect(introspections.stats()).toEqual({ entries: 10, refused: 1000, known: 10 })
    for (let i = 0; i < 10; i++)
      expect([introspections.get(`good ${i}`), introspections.isKnown(`good ${i}`)]).toEqual([AUTH, true])
  })

  test('does not stay refused longer if the wall clock is set back', () => {
    const { introspections, clock } = start()
    introspections.refused('a', 'token-not-found', false)
    clock.setWall(NOW - HOUR)
    clock.advance(5 * SECOND)
    expect(introspections.get('a')).toBeUndefined()
  })
})

describe('introspectionCache › a known token', () => {
  test('was verified in the last 10 minutes', () => {
    const { introspections, clock } = start()
    expect(introspections.isKnown('a')).toBe(false)
    introspections.passed('a', AUTH)
    clock.advance(10 * MINUTE - 1)
    expect(introspections.isKnown('a')).toBe(true)
    clock.advance(1)
    expect(introspections.isKnown('a')).toBe(false)
    expect(introspections.stats().known).toBe(0)
  })

  test('does not become known by a lookup', () => {
    const { introspections } = start()
    introspections.get('a')
    expect(introspections.isKnown('a')).toBe(false)
    expect(introspections.stats()).toEqual({ entries: 0, refused: 0, known: 0 })
  })

  test.each([1, 100])('is one of at most %i if that is the bound', (maxEntries) => {
    const { introspections } = start({ maxEntries })
    for (let i = 0; i < 1000; i++) introspections.passed(String(i), AUTH)
    expect(introspections.stats()).toEqual({ entries: maxEntries, refused: 0, known: maxEntries })
    expect(introspections.get('999')).toBe(AUTH)
    expect(introspections.get('0')).toBeUndefined()
  })
})

describe('introspectionCache › forget', () => {
  function filled() {
    const { introspections } = start()
    introspections.passed('one', AUTHS.m2m_token)
    introspections.passed('two', AUTHS.oauth_token)
    introspections.refused('three', 'token-revoked', true)
    return introspections
  }

  test('drops the results of one token', () => {
    const introspections = filled()
    introspections.forget({ digest: 'one' })
    introspections.forget({ digest: 'three' })
    expect(introspections.stats()).toMatchObject({ entries: 1, refused: 0 })
    expect(introspections.get('two')).toBe(AUTHS.oauth_token)
  })

  test('drops the results that match a condition', () => {
    const introspections = filled()
    introspections.forget(({ tokenType }) => tokenType === 'm2m_token')
    expect([introspections.get('one'), introspections.get('two')]).toEqual([undefined, AUTHS.oauth_token])
    expect(introspections.get('three')).toBe('token-revoked')
  })

  test('drops all results, including refusals', () => {
    const introspections = filled()
    introspections.forget('all')
    expect(introspections.stats()).toMatchObject({ entries: 0, refused: 0 })
  })

  test('leaves a known token known, so that it keeps its share of the budget', () => {
    const introspections = filled()
    introspections.forget('all')
    expect([introspections.isKnown('one'), introspections.isKnown('two')]).toEqual([true, true])
  })
})

describe('introspectionCache › a tombstone', () => {
  const tombstone = { subject: 'tokenId', id: AUTH.id, effect: 'ask-again', at: NOW } as const

  test('outdates the results that it concerns, and no others', () => {
    const { introspections, revocations } = start()
    introspections.passed('one', AUTHS.m2m_token)
    introspections.passed('two', AUTHS.oauth_token)
    revocations.add({ tombstone, forMs: MINUTE })
    expect([introspections.get('one'), introspections.get('two')]).toEqual([undefined, AUTHS.oauth_token])
    expect(introspections.stats().entries).toBe(1)
  })

  test('does not outdate later results', () => {
    const { introspections, revocations } = start()
    revocations.add({ tombstone, forMs: MINUTE })
    introspections.passed('one', AUTH)
    revocations.add({ tombstone: { ...tombstone, id: 'another' }, forMs: MINUTE })
    expect(introspections.get('one')).toBe(AUTH)
  })

  test('of one digest, or of all tokens, outdates a refusal', () => {
    const { introspections, revocations } = start()
    introspections.refused('one', 'token-not-found', false)
    introspections.refused('two', 'token-not-found', false)
    revocations.add({ tombstone: { subject: 'token', id: 'one', effect: 'ask-again', at: NOW }, forMs: MINUTE })
    expect([introspections.get('one'), introspections.get('two')]).toEqual([undefined, 'token-not-found'])
    revocations.add({ tombstone: { subject: 'all', effect: 'ask-again', at: NOW }, forMs: MINUTE })
    expect(introspections.get('two')).toBeUndefined()
  })
})

describe('introspectionCache › a result that is older than its arrival', () => {
  test('lives for the rest of its time', () => {
    const { introspections, clock } = start()
    introspections.passed('one', AUTH, { ageInMs: 20 * SECOND })
    introspections.refused('two', 'token-not-found', false, 4 * SECOND)
    clock.advance(SECOND)
    expect([introspections.get('one'), introspections.get('two')]).toEqual([AUTH, undefined])
    clock.advance(9 * SECOND)
    expect(introspections.get('one')).toBeUndefined()
  })

  test('is not stored if its time is over', () => {
    const { introspections } = start()
    introspections.passed('one', AUTH, { ageInMs: 30 * SECOND })
    expect(introspections.stats().entries).toBe(0)
  })
})
