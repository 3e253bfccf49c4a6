import { describe, expect, test } from 'vitest'
import { sizeInMemory } from '../src/support/size-in-memory.js'

const list = (length: number, item: (i: number) => unknown) => Array.from({ length }, (_, i) => item(i))

describe('sizeInMemory', () => {
  // The measured heap growth of each value; see test/caches/memory.js.
  test.each<[string, unknown, number]>([
    ['a string', 'a'.repeat(1000), 1000],
    ['a string of two bytes per character', '中'.repeat(1000), 2000],
    ['a number', 5, 8],
    ['an empty object', {}, 28],
    ['objects without common names', list(100, (i) => ({ [`k${i}`]: 1 })), 100 * 160],
    ['objects with an index as a name', list(100, (i) => ({ [i]: 1 })), 100 * 180],
    ['nested lists', list(100, () => []), 100 * 32],
    ['many members in one object', Object.fromEntries(list(100, (i) => [`k${i}`, 1]) as [string, number][]), 100 * 48],
    ['permissions', list(100, (i) => `org:feature_${i}:read`), 100 * 60],
  ])('is at least the measured size of %s', (_name, value, measured) => {
    expect(sizeInMemory(value)).toBeGreaterThanOrEqual(measured)
    expect(sizeInMemory(value)).toBeLessThan(5 * measured + 200)
  })

  test('grows with each member, item, name and character', () => {
    const sizes = [
      null,
      {},
      { a: 1 },
      { ab: 1 },
      { ab: 'x' },
      { ab: 'xy' },
      { ab: 'xy', c: [1] },
      { ab: 'xy', c: [1, 2] },
    ]
    const measured = sizes.map((value) => sizeInMemory(value))
    expect(measured).toEqual([...measured].sort((a, b) => a - b))
    expect(new Set(measured).size).toBe(sizes.length)
  })

  test('counts an index as a name with its own table, and any other name by its length', () => {
    expect(sizeInMemory({ 0: 1 })).toBe(sizeInMemory({ 4294967294: 1 }))
    expect(sizeInMemory({ 9: 1 })).toBeGreaterThan(sizeInMemory({ a: 1 }))
    expect(sizeInMemory({ '/': 1 })).toBe(sizeInMemory({ ':': 1 }))
    expect(sizeInMemory({ ':': 1 })).toBe(sizeInMemory({ a: 1 }))
  })

  test('counts a value that is not JSON as small', () => {
    for (const value of [undefined, true, () => {}, 5n]) expect(sizeInMemory(value)).toBe(sizeInMemory(5))
  })
})
