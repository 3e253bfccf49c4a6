import { describe, expect, test } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import { remoteVerdicts } from '../src/introspection/remembered.js'
import type { CacheBounds } from '../src/token/verified-cache.js'
import { fakeClock, HOUR, MINUTE, NOW, SECOND } from './fixtures.js'
import { AUTHS } from './fixtures-machines.js'

const AUTH = AUTHS.m2m_token

function start({ rememberInMs = 30 * SECOND, ...bounds }: CacheBounds & { rememberInMs?: number } = {}) {
  const clock = fakeClock()
  return { clock, verdicts: remoteVerdicts(rememberInMs, bounds, clock) }
}

const until = (expiresAt: number | null): AuthenticatedAuth => ({ ...AUTH, expiresAt })

describe('remoteVerdicts › a token that passed', () => {
  test('is remembered for 30 seconds, and not a moment longer', () => {
    const { verdicts, clock } = start()
    expect(verdicts.get('a')).toBeUndefined()
    verdicts.passed('a', AUTH)
    clock.advance(30 * SECOND - 1)
    expect(verdicts.get('a')).toBe(AUTH)
    clock.advance(1)
    expect(verdicts.get('a')).toBeUndefined()
    expect(verdicts.stats().entries).toBe(0)
  })

  test('is remembered for 30 seconds from when it passed, however often it is asked for', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', AUTH)
    for (let second = 0; second < 30; second++) {
      expect(verdicts.get('a')).toBe(AUTH)
      clock.advance(SECOND)
    }
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('is never remembered past its expiry', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', until(NOW + 7 * SECOND))
    clock.advance(7 * SECOND - 1)
    expect(verdicts.get('a')).toBeDefined()
    clock.advance(1)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('is remembered for as long where it never expires', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', until(null))
    clock.advance(30 * SECOND - 1)
    expect(verdicts.get('a')).toBeDefined()
    clock.advance(1)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test.each([NOW, NOW - 1, Number.NaN])('is not remembered where it expires at %d', (expiresAt) => {
    const { verdicts } = start()
    verdicts.passed('a', until(expiresAt))
    expect(verdicts.stats().entries).toBe(0)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('is remembered for a millisecond where that is left of it', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', until(NOW + 1))
    expect(verdicts.get('a')).toBeDefined()
    clock.advance(1)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('does not live longer because the clock on the wall is set back', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', AUTH)
    verdicts.passed('b', until(NOW + 7 * SECOND))
    clock.setWall(NOW - HOUR)
    clock.advance(7 * SECOND)
    expect(verdicts.get('a')).toBe(AUTH)
    expect(verdicts.get('b')).toBeUndefined()
    clock.advance(23 * SECOND)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('lives no longer when the clock on the wall jumps ahead, as after a sleep', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', AUTH)
    clock.setWall(NOW + 30 * SECOND)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('lets nobody in by a clock that gives NaN', () => {
    const { verdicts, clock } = start()
    verdicts.passed('a', AUTH)
    clock.setWall(Number.NaN)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('is kept within so many octets, however large its claims are', () => {
    const { verdicts } = start({ maxBytes: 1024 * 1024 })
    const claims = { text: 'x'.repeat(30_000) }
    for (let i = 0; i < 100; i++) verdicts.passed(String(i), { ...AUTH, claims })
    expect(verdicts.get('99')).toMatchObject({ claims })
    expect(verdicts.stats().entries).toBeGreaterThan(0)
    expect(verdicts.stats().entries * 30_000).toBeLessThan(1024 * 1024)
  })

  test('is not remembered where that is turned off', () => {
    for (const { verdicts } of [start({ rememberInMs: 0 }), start({ maxEntries: 0 }), start({ maxBytes: 0 })]) {
      verdicts.passed('a', AUTH)
      expect(verdicts.get('a')).toBeUndefined()
      expect(verdicts.stats().entries).toBe(0)
      expect(verdicts.isKnown('a')).toBe(true)
    }
  })
})

describe('remoteVerdicts › a token that was refused', () => {
  test.each([
    ['for now', false, 5 * SECOND],
    ['for good', true, 5 * MINUTE],
  ] as const)('%s is remembered for as long', (_name, isLasting, forMs) => {
    const { verdicts, clock } = start()
    const code = 'token-expired'
    verdicts.refused('a', code, isLasting)
    clock.advance(forMs - 1)
    expect(verdicts.get('a')).toBe(code)
    clock.advance(1)
    expect(verdicts.get('a')).toBeUndefined()
  })

  test('passes no longer, and is known no longer', () => {
    const { verdicts } = start()
    verdicts.passed('a', AUTH)
    verdicts.refused('a', 'token-revoked', true)
    expect(verdicts.get('a')).toBe('token-revoked')
    expect(verdicts.isKnown('a')).toBe(false)
    expect(verdicts.stats()).toEqual({ entries: 0, refused: 1, known: 0 })
  })

  test('drives out none that passed, and no more than 1,000 are kept', () => {
    const { verdicts } = start({ maxEntries: 10 })
    for (let i = 0; i < 10; i++) verdicts.passed(`good ${i}`, AUTH)
    for (let i = 0; i < 10_000; i++) verdicts.refused(`bad ${i}`, 'token-not-found', false)
    expect(verdicts.stats()).toEqual({ entries: 10, refused: 1000, known: 10 })
    for (let i = 0; i < 10; i++)
      expect([verdicts.get(`good ${i}`), verdicts.isKnown(`good ${i}`)]).toEqual([AUTH, true])
  })

  test('does not stay refused because the clock on the wall is set back', () => {
    const { verdicts, clock } = start()
    verdicts.refused('a', 'token-not-found', false)
    clock.setWall(NOW - HOUR)
    clock.advance(5 * SECOND)
    expect(verdicts.get('a')).toBeUndefined()
  })
})

describe('remoteVerdicts › a known token', () => {
  test('is one that passed in the last 10 minutes', () => {
    const { verdicts, clock } = start()
    expect(verdicts.isKnown('a')).toBe(false)
    verdicts.passed('a', AUTH)
    clock.advance(10 * MINUTE - 1)
    expect(verdicts.isKnown('a')).toBe(true)
    clock.advance(1)
    expect(verdicts.isKnown('a')).toBe(false)
    expect(verdicts.stats().known).toBe(0)
  })

  test('does not become one by asking', () => {
    const { verdicts } = start()
    verdicts.get('a')
    expect(verdicts.isKnown('a')).toBe(false)
    expect(verdicts.stats()).toEqual({ entries: 0, refused: 0, known: 0 })
  })

  test.each([1, 100])('is one of %i at most where that is the bound', (maxEntries) => {
    const { verdicts } = start({ maxEntries })
    for (let i = 0; i < 1000; i++) verdicts.passed(String(i), AUTH)
    expect(verdicts.stats()).toEqual({ entries: maxEntries, refused: 0, known: maxEntries })
    expect(verdicts.get('999')).toBe(AUTH)
    expect(verdicts.get('0')).toBeUndefined()
  })
})

describe('remoteVerdicts › forget', () => {
  function filled() {
    const { verdicts } = start()
    verdicts.passed('one', AUTHS.m2m_token)
    verdicts.passed('two', AUTHS.oauth_token)
    verdicts.refused('three', 'token-revoked', true)
    return verdicts
  }

  test('drops what is remembered of one token', () => {
    const verdicts = filled()
    verdicts.forget({ digest: 'one' })
    verdicts.forget({ digest: 'three' })
    expect(verdicts.stats()).toMatchObject({ entries: 1, refused: 0 })
    expect(verdicts.get('two')).toBe(AUTHS.oauth_token)
  })

  test('drops those of which something is true', () => {
    const verdicts = filled()
    verdicts.forget(({ tokenType }) => tokenType === 'm2m_token')
    expect([verdicts.get('one'), verdicts.get('two')]).toEqual([undefined, AUTHS.oauth_token])
    expect(verdicts.get('three')).toBe('token-revoked')
  })

  test('drops all, the refused too', () => {
    const verdicts = filled()
    verdicts.forget('all')
    expect(verdicts.stats()).toMatchObject({ entries: 0, refused: 0 })
  })

  test('leaves a known token known: its share of the budget stays', () => {
    const verdicts = filled()
    verdicts.forget('all')
    expect([verdicts.isKnown('one'), verdicts.isKnown('two')]).toEqual([true, true])
  })

  test('begins another epoch, and nothing else does', () => {
    const verdicts = filled()
    const first = verdicts.epoch()
    verdicts.passed('four', AUTH)
    verdicts.refused('four', 'token-revoked', true)
    expect(verdicts.epoch()).toBe(first)
    const epochs = (['all', { digest: 'x' }, () => false] as const).map((which) => {
      verdicts.forget(which)
      return verdicts.epoch()
    })
    expect(new Set([first, ...epochs]).size).toBe(4)
  })
})
