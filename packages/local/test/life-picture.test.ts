import { describe, expect, test } from 'vitest'
import { lifePicture } from '../src/explain/life-picture.js'
import { between, moment, timestamp } from '../src/explain/durations.js'

const life = (times: object) =>
  lifePicture({ issuedAt: 10_000, notBefore: null, expiresAt: 70_000, now: 40_000, ...times })

describe('the picture of a life', () => {
  test('has what has passed thick, and what is left thin', () => {
    const [line = '', labels] = life({ now: 40_000 })
    expect(line).toBe(`┼${'━'.repeat(29)}●${'─'.repeat(28)}┼`)
    expect(labels).toBe(`issued${' '.repeat(24)}now${' '.repeat(20)}expires`)
  })

  test('shows a token that is not active yet, and one that has expired', () => {
    expect(life({ now: 5_000 })[0]).toMatch(/^●·+┼─+┼$/)
    expect(life({ now: 80_000 })[0]).toMatch(/^┼━+┼·+●$/)
  })

  test('breaks the line where now is far away', () => {
    expect(life({ now: 9e12 })[0]).toMatch(/^┼━+┼·+…·●$/)
    expect(life({ now: 0 - 9e12 })[0]).toMatch(/^●·…·+┼─+┼$/)
  })

  test('is as wide whatever the times, with each label under its mark', () => {
    const [line, ...labels] = life({ notBefore: 9_000, now: 11_000 })
    expect(line).toHaveLength(60)
    expect(labels).toEqual([expect.stringMatching(/^not before +expires$/), ' issued', '  now'])
  })

  test('is none for a token that does not say when it ends, or ends before it begins', () => {
    expect(life({ expiresAt: null })).toEqual([])
    expect(life({ issuedAt: null })).toEqual([])
    expect(life({ expiresAt: 10_000 })).toEqual([])
  })
})

describe('words of time', () => {
  test.each([
    [0, '0 s'],
    [250, '250 ms'],
    [1_000, '1 s'],
    [1_999, '1 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
    [366 * 86_400_000, '1 y 1 d'],
  ])('say %i ms as %s', (ms, words) => {
    expect(between(0, ms)).toBe(words)
    expect(between(ms, 0)).toBe(words)
  })

  test('say what is past and what is to come', () => {
    expect(moment(0, 60_000)).toBe('1 min ago')
    expect(moment(60_000, 0)).toBe('in 1 min')
    expect(moment(500, 0)).toBe('now')
    expect(timestamp(1_893_456_000_999)).toBe('2030-01-01 00:00:00Z')
  })
})
