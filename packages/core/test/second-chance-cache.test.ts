import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { secondChanceCache, type SecondChanceCache } from '../src/support/second-chance-cache.js'

const keysOf = (cache: { entries: () => Iterable<readonly [string, unknown]> }) =>
  [...cache.entries()].map(([key]) => key)

describe('secondChanceCache', () => {
  it('evicts the oldest entry that was not read', () => {
    const cache = secondChanceCache<number>({ maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) cache.set(key, 1)
    cache.get('a')
    cache.set('d', 1)
    expect(keysOf(cache).sort()).toEqual(['a', 'c', 'd'])
  })

  it('evicts an entry that was read once, and not again', () => {
    const cache = secondChanceCache<number>({ maxEntries: 2 })
    cache.set('a', 1)
    cache.set('b', 1)
    cache.get('a')
    for (const key of ['c', 'd']) cache.set(key, 1)
    expect(keysOf(cache)).toEqual(['c', 'd'])
  })

  it('keeps entries that are read, however many others are stored in between', () => {
    const cache = secondChanceCache<number>({ maxEntries: 10 })
    for (const key of ['a', 'b', 'c']) cache.set(key, 1)
    for (let i = 0; i < 1000; i++) {
      for (const key of ['a', 'b', 'c']) expect(cache.get(key)).toBe(1)
      cache.set(`${i}`, 1)
    }
  })

  it('keeps the entry that it stores, even if all others were read', () => {
    const cache = secondChanceCache<number>({ maxEntries: 2 })
    for (const key of ['a', 'b']) cache.set(key, 1)
    for (const key of ['a', 'b']) cache.get(key)
    cache.set('c', 3)
    expect(cache.get('c')).toBe(3)
    expect(cache.count()).toBe(2)
  })

  it('evicts as many entries as a large one takes', () => {
    const cache = secondChanceCache<number>({ maxEntries: 10, maxSize: 10, sizeOf: (size) => size })
    for (const key of ['a', 'b', 'c', 'd', 'e']) cache.set(key, 2)
    cache.set('f', 7)
    expect([keysOf(cache), cache.size()]).toEqual([['e', 'f'], 9])
  })

  it('replaces a value and its size, and forgets the old one even if the new one is too large', () => {
    const cache = secondChanceCache<number>({ maxEntries: 10, maxSize: 10, sizeOf: (size) => size })
    cache.set('a', 3)
    cache.set('a', 4)
    expect([cache.get('a'), cache.size()]).toEqual([4, 4])
    cache.set('a', 11)
    expect([cache.get('a'), cache.size(), cache.count()]).toEqual([undefined, 0, 0])
  })

  it('stores nothing if it may hold no entries', () => {
    const cache = secondChanceCache<number>({ maxEntries: 0 })
    cache.set('a', 1)
    expect([cache.get('a'), cache.count()]).toEqual([undefined, 0])
  })

  it('never exceeds its bounds, and holds only the last value stored for a key', () => {
    const step = fc.record({
      act: fc.constantFrom('set', 'get', 'delete', 'clear'),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      size: fc.integer({ min: 0, max: 12 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = secondChanceCache<{ size: number }>({ maxEntries: 4, maxSize: 10, sizeOf: ({ size }) => size })
        const stored = new Map<string, { size: number }>()
        const acts = {
          set: (key: string, value: { size: number }) => {
            cache.set(key, value)
            stored.set(key, value)
          },
          get: (key: string) => cache.get(key),
          delete: (key: string) => {
            cache.delete(key)
            stored.delete(key)
          },
          clear: () => {
            cache.clear()
            stored.clear()
          },
        }
        for (const { act, key, size } of steps) {
          acts[act](key, { size })
          const entries = [...cache.entries()]
          expect(entries.every(([key, value]) => stored.get(key) === value)).toBe(true)
          expect(cache.count()).toBe(entries.length)
          expect(cache.size()).toBe(entries.reduce((sum, [, value]) => sum + value.size, 0))
          expect(cache.count() <= 4 && cache.size() <= 10).toBe(true)
        }
      }),
    )
  })

  it('releases a value that was deleted, even if the cache has evicted before and is no longer full', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const cache = secondChanceCache<object>({ maxEntries: 1000 })
    for (let i = 0; i < 1010; i++) cache.set(`first ${i}`, {})
    for (let i = 0; i < 1010; i++) cache.delete(`first ${i}`)
    const released = new WeakRef(addedTo(cache, 'old'))
    // Enough for the map to allocate its table anew.
    for (let i = 0; i < 10_000; i++) {
      cache.set(`${i}`, {})
      cache.delete(`${i - 100}`)
    }
    cache.delete('old')
    await new Promise((resolve) => setTimeout(resolve))
    gc()
    expect(released.deref()).toBeUndefined()
  })
})

function addedTo(cache: SecondChanceCache<object>, key: string): object {
  const value = {}
  cache.set(key, value)
  return value
}
