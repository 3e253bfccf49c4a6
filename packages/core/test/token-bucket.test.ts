import { describe, expect, test } from 'vitest'
import { tokenBucket } from '../src/support/token-bucket.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

const RESERVE = 40
const NONE = 0

function start(perSecond = 80, burst = 160) {
  const clock = fakeClock()
  const budget = tokenBucket({ perSecond, burst }, clock)
  /** How many of `asked` requests are granted. */
  const taken = (reserve: number, asked = 10_000) =>
    Array.from({ length: asked }, () => budget.take(reserve)).filter(Boolean).length
  return { clock, budget, taken }
}

describe('tokenBucket', () => {
  test('grants a burst to known tokens', () => {
    expect(start().taken(NONE)).toBe(160)
  })

  test('reserves a quarter of the burst for known tokens', () => {
    const { taken } = start()
    expect(taken(RESERVE)).toBe(120)
    expect(taken(NONE)).toBe(40)
    expect(taken(RESERVE)).toBe(0)
  })

  test('then grants the given number per second', () => {
    const { taken, clock } = start()
    taken(NONE)
    clock.advance(SECOND)
    expect(taken(NONE)).toBe(80)
    clock.advance(SECOND / 80)
    expect(taken(NONE)).toBe(1)
  })

  test('keeps the reserved quarter, however long unknown tokens keep coming', () => {
    const { taken, clock } = start()
    let strangers = taken(RESERVE)
    for (let second = 0; second < 60; second++) {
      clock.advance(SECOND)
      strangers += taken(RESERVE)
      expect(taken(NONE, 40)).toBe(40)
    }
    expect(strangers).toBeLessThanOrEqual(120 + 60 * 80)
  })

  test('grants unknown tokens nothing until the reserved quarter is full again', () => {
    const { taken, clock } = start()
    taken(NONE)
    clock.advance(SECOND / 2)
    expect(taken(RESERVE)).toBe(0)
    clock.advance(SECOND / 2)
    expect(taken(RESERVE)).toBe(40)
  })

  test('accumulates no more than a burst', () => {
    const { taken, clock } = start()
    clock.advance(HOUR)
    expect(taken(NONE)).toBe(160)
  })

  test('grants no more if the wall clock is set back', () => {
    const { taken, clock } = start()
    taken(NONE)
    clock.setWall(NOW - HOUR)
    expect(taken(NONE)).toBe(0)
    clock.advance(SECOND)
    expect(taken(NONE)).toBe(80)
  })

  test('returns when the next one is available', () => {
    const { budget, taken, clock } = start(2, 8)
    taken(NONE)
    expect(budget.nextInMs(NONE)).toBe(500)
    expect(budget.nextInMs(2)).toBe(1500)
    clock.advance(500)
    expect(budget.nextInMs(NONE)).toBe(0)
    expect(budget.take(NONE)).toBe(true)
  })

  test('grants unknown tokens one if the burst is one', () => {
    expect(start(1, 1).taken(RESERVE)).toBe(1)
  })

  test('never grants another one if the rate is 0', () => {
    const { budget, taken, clock } = start(0, 1)
    taken(NONE)
    clock.advance(HOUR)
    expect(taken(NONE)).toBe(0)
    expect(budget.nextInMs(NONE)).toBe(Number.POSITIVE_INFINITY)
  })
})
