import { describe, expect, test } from 'vitest'
import { verifiedCache, type CacheBounds, type VerifiedToken } from '../src/token/verified-cache.js'
import { fakeClock, noRevocations, HOUR, MINUTE, NOW, SECOND } from './fixtures.js'

function start(bounds: CacheBounds = {}) {
  const clock = fakeClock()
  return { clock, cache: verifiedCache(bounds, clock, noRevocations(clock)) }
}

function verified(auth: string, { goodUntil = NOW + MINUTE, size = 100 } = {}): VerifiedToken {
  return {
    auth: auth as never,
    kid: 'key_1',
    alg: 'ES256',
    thumbprint: 'thumbprint',
    issuedAt: NOW / 1000,
    signedDigest: 'signed',
    goodUntil,
    size,
  }
}

describe('verifiedCache › stores an entry', () => {
  test('under its digest', () => {
    const { cache } = start()
    cache.set('a', verified('alice'))
    expect(cache.get('a')).toMatchObject({ auth: 'alice', kid: 'key_1', thumbprint: 'thumbprint' })
    expect(cache.get('b')).toBeUndefined()
    expect(cache.get('__proto__')).toBeUndefined()
    expect(cache.stats()).toEqual({ entries: 1, bytes: 100, hits: 1, misses: 2 })
  })

  test('until the token expires, to the millisecond', () => {
    const { clock, cache } = start()
    cache.set('a', verified('alice', { goodUntil: NOW + MINUTE }))
    clock.advance(MINUTE - 1)
    expect(cache.get('a')?.auth).toBe('alice')
    clock.advance(1)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
  })

  test('no longer if the wall clock is set back', () => {
    const { clock, cache } = start()
    cache.set('a', verified('alice'))
    clock.advance(MINUTE)
    clock.setWall(NOW)
    expect(cache.get('a')).toBeUndefined()
  })

  test('no longer if only the wall clock advances', () => {
    const { clock, cache } = start()
    cache.set('a', verified('alice'))
    clock.setWall(NOW + MINUTE)
    expect(cache.get('a')).toBeUndefined()
    clock.setWall(NOW)
    expect(cache.get('a')).toBeUndefined()
  })

  test('but not while the clock is invalid', () => {
    const { clock, cache } = start()
    cache.set('a', verified('alice'))
    clock.setWall(Number.NaN)
    expect(cache.get('a')).toBeUndefined()
  })
})

describe('verifiedCache › is bounded', () => {
  test('by the number of entries: one that was not read is evicted first', () => {
    const { cache } = start({ maxEntries: 2 })
    cache.set('a', verified('alice'))
    cache.set('b', verified('bob'))
    cache.get('a')
    cache.set('c', verified('carol'))
    expect(['a', 'b', 'c'].map((digest) => cache.get(digest)?.auth)).toEqual(['alice', undefined, 'carol'])
  })

  test('by one entry, or by one byte, if that is the bound', () => {
    const one = start({ maxEntries: 1 }).cache
    for (const digest of ['a', 'b']) one.set(digest, verified(digest))
    expect(['a', 'b'].map((digest) => one.get(digest)?.auth)).toEqual([undefined, 'b'])

    const small = start({ maxBytes: 1 }).cache
    small.set('a', verified('alice', { size: 1 }))
    small.set('b', verified('bob', { size: 2 }))
    expect(['a', 'b'].map((digest) => small.get(digest)?.auth)).toEqual(['alice', undefined])
  })

  test('by the total size', () => {
    const { cache } = start({ maxBytes: 250 })
    for (const digest of ['a', 'b', 'c']) cache.set(digest, verified(digest))
    expect(cache.stats()).toMatchObject({ entries: 2, bytes: 200 })
    expect(cache.get('a')).toBeUndefined()
  })

  test('by the size of an entry: one that exceeds the total evicts nothing', () => {
    const { cache } = start({ maxBytes: 250 })
    cache.set('a', verified('alice'))
    cache.set('b', verified('bob', { size: 251 }))
    expect(cache.get('b')).toBeUndefined()
    expect(cache.get('a')?.auth).toBe('alice')
  })

  test('to 10,000 entries and 64 MiB by default', () => {
    const { cache } = start()
    for (let i = 0; i < 10_001; i++) cache.set(`${i}`, verified(`${i}`, { size: 1 }))
    expect(cache.stats().entries).toBe(10_000)
    cache.set('large', verified('large', { size: 64 * 1024 * 1024 }))
    expect(cache.stats()).toMatchObject({ entries: 1, bytes: 64 * 1024 * 1024 })
    cache.set('too large', verified('large', { size: 64 * 1024 * 1024 + 1 }))
    expect(cache.get('too large')).toBeUndefined()
  })

  test.each<[string, CacheBounds]>([
    ['maxEntries', { maxEntries: 0 }],
    ['maxBytes', { maxBytes: 0 }],
  ])('to nothing if %s is 0', (_name, bounds) => {
    const { cache } = start(bounds)
    cache.set('a', verified('alice', { size: 1 }))
    expect(cache.get('a')).toBeUndefined()
    expect(cache.stats().entries).toBe(0)
  })

  test('and does not count a token twice', () => {
    const { cache } = start()
    cache.set('a', verified('alice'))
    cache.set('a', verified('alice', { size: 300 }))
    expect(cache.stats()).toMatchObject({ entries: 1, bytes: 300 })
  })
})

describe('verifiedCache › forgets', () => {
  test('one digest', () => {
    const { cache } = start()
    cache.set('a', verified('alice'))
    cache.set('b', verified('bob'))
    cache.forget({ digest: 'a' })
    cache.forget({ digest: 'unknown' })
    expect([cache.get('a')?.auth, cache.get('b')?.auth]).toEqual([undefined, 'bob'])
    expect(cache.stats()).toMatchObject({ entries: 1, bytes: 100 })
  })

  // Entries are deleted during iteration, so every position is tested.
  test.each([
    ['the first', (i: number) => i === 0],
    ['the last', (i: number) => i === 9],
    ['every second one', (i: number) => i % 2 === 0],
    ['all but one', (i: number) => i !== 4],
    ['all', () => true],
    ['none', () => false],
  ])('the entries that match: %s', (_name, isMeant) => {
    const { cache } = start()
    for (let i = 0; i < 10; i++) cache.set(`${i}`, verified(`${i}`))
    cache.forget((auth) => isMeant(Number(auth)))
    const left = Array.from({ length: 10 }, (_, i) => i).filter((i) => !isMeant(i))
    expect(Array.from({ length: 10 }, (_, i) => i).filter((i) => cache.get(`${i}`))).toEqual(left)
    expect(cache.stats().bytes).toBe(100 * left.length)
  })

  test('and stores an entry again', () => {
    const { clock, cache } = start()
    cache.set('a', verified('alice'))
    cache.forget(() => true)
    clock.advance(SECOND)
    cache.set('a', verified('alice'))
    expect(cache.get('a')?.auth).toBe('alice')
    clock.advance(HOUR)
    expect(cache.get('a')).toBeUndefined()
  })
})
