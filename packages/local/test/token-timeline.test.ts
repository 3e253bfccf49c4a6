import { describe, expect, test } from 'vitest'
import { lifePicture } from '../src/explain/life-picture.js'
import { between, moment, timestamp } from '../src/support/durations.js'

const timeline = (times: object) =>
  lifePicture({ issuedAt: 10_000, notBefore: null, expiresAt: 70_000, now: 40_000, ...times })

describe('the timeline of a token', () => {
  test('draws elapsed time thick, and remaining time thin', () => {
    const [line = '', labels] = timeline({ now: 40_000 })
    expect(line).toBe(`┼${'━'.repeat(29)}●${'─'.repeat(28)}┼`)
    expect(labels).toBe(`issued${' '.repeat(24)}now${' '.repeat(20)}expires`)
  })

  test('marks now before a token is active, and after it has expired', () => {
    expect(timeline({ now: 5_000 })[0]).toMatch(/^●·+┼─+┼$/)
    expect(timeline({ now: 80_000 })[0]).toMatch(/^┼━+┼·+●$/)
  })

  test('shortens the line if now is far away', () => {
    expect(timeline({ now: 9e12 })[0]).toMatch(/^┼━+┼·+…·●$/)
    expect(timeline({ now: 0 - 9e12 })[0]).toMatch(/^●·…·+┼─+┼$/)
  })

  test('has a fixed width, with each label under its mark', () => {
    const [line, ...labels] = timeline({ notBefore: 9_000, now: 11_000 })
    expect(line).toHaveLength(60)
    expect(labels).toEqual([expect.stringMatching(/^not before +expires$/), ' issued', '  now'])
  })

  test('is empty for a token without issue or expiry time, or with no lifetime', () => {
    expect(timeline({ expiresAt: null })).toEqual([])
    expect(timeline({ issuedAt: null })).toEqual([])
    expect(timeline({ expiresAt: 10_000 })).toEqual([])
  })
})

describe('durations and times', () => {
  test.each([
    [0, '0 s'],
    [250, '250 ms'],
    [1_000, '1 s'],
    [1_999, '1 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
    [366 * 86_400_000, '1 y 1 d'],
  ])('format %i ms as %s', (ms, formatted) => {
    expect(between(0, ms)).toBe(formatted)
    expect(between(ms, 0)).toBe(formatted)
  })

  test('format past and future times', () => {
    expect(moment(0, 60_000)).toBe('1 min ago')
    expect(moment(60_000, 0)).toBe('in 1 min')
    expect(moment(500, 0)).toBe('now')
    expect(timestamp(1_893_456_000_999)).toBe('2030-01-01 00:00:00Z')
  })
})
