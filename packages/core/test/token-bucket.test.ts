import { describe, expect, test } from 'vitest'
import { tokenBucket } from '../src/token-bucket.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

const EVERY = 10 * SECOND

function start(everyMs = EVERY) {
  const clock = fakeClock()
  const bucket = tokenBucket(2, everyMs, clock)
  /** How many of so many are granted. */
  const taken = (asked = 1000) => Array.from({ length: asked }, () => bucket.take()).filter(Boolean).length
  return { clock, taken, nextInMs: bucket.nextInMs }
}

describe('tokenBucket', () => {
  test('gives a burst, then one per period', () => {
    const { clock, taken } = start()
    expect(taken()).toBe(2)
    clock.advance(EVERY - 1)
    expect(taken()).toBe(0)
    clock.advance(1)
    expect(taken()).toBe(1)
    clock.advance(EVERY)
    expect(taken()).toBe(1)
  })

  test.each([1, EVERY - 1, EVERY, HOUR])(
    'counts the period from the first of a burst, %i ms after the start',
    (idle) => {
      const { clock, taken } = start()
      clock.advance(idle)
      expect(taken(1)).toBe(1)
      clock.advance(EVERY - 1)
      expect(taken()).toBe(1)
      clock.advance(1)
      expect(taken()).toBe(1)
    },
  )

  test('saves no more than the burst, however long nobody asks', () => {
    const { clock, taken } = start()
    expect(taken()).toBe(2)
    clock.advance(HOUR)
    expect(taken()).toBe(2)
  })

  test('gives at most one per period in the long run, whatever the rhythm of the asking', () => {
    for (const step of [1, 7, 999, 3333, 9999, 10_001, 19_999]) {
      const { clock, taken } = start()
      let given = 0
      for (let at = 0; at <= HOUR / 4; at += step) {
        given += taken(3)
        clock.advance(step)
      }
      expect(given, `asked every ${step} ms`).toBeLessThanOrEqual(2 + HOUR / 4 / EVERY)
    }
  })

  test('gives none more when the clock on the wall is set back', () => {
    const { clock, taken } = start()
    taken()
    clock.setWall(NOW - HOUR)
    expect(taken()).toBe(0)
    clock.advance(EVERY)
    expect(taken()).toBe(1)
  })

  test('says in how many milliseconds there is a token', () => {
    const { clock, taken, nextInMs } = start()
    clock.advance(HOUR)
    expect(nextInMs()).toBe(0)
    taken(1)
    clock.advance(3 * SECOND)
    expect(nextInMs()).toBe(0)
    taken(1)
    expect(nextInMs()).toBe(7 * SECOND)
    clock.advance(7 * SECOND - 1)
    expect([nextInMs(), taken()]).toEqual([1, 0])
    clock.advance(1)
    expect([nextInMs(), taken()]).toEqual([0, 1])
  })

  test('gives every time where the period is 0', () => {
    expect(start(0).taken()).toBe(1000)
  })
})
