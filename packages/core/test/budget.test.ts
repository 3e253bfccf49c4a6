import { describe, expect, test } from 'vitest'
import { budgetOf } from '../src/budget.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

const STRANGER = false
const KNOWN = true

function start(perSecond = 80, burst = 160) {
  const clock = fakeClock()
  const budget = budgetOf({ perSecond, burst }, clock)
  /** How many of so many are granted. */
  const taken = (known: boolean, asked = 10_000) =>
    Array.from({ length: asked }, () => budget.take(known)).filter(Boolean).length
  return { clock, budget, taken }
}

describe('budget', () => {
  test('grants a burst to known tokens', () => {
    expect(start().taken(KNOWN)).toBe(160)
  })

  test('keeps a quarter of the burst from strangers, for known tokens', () => {
    const { taken } = start()
    expect(taken(STRANGER)).toBe(120)
    expect(taken(KNOWN)).toBe(40)
    expect(taken(STRANGER)).toBe(0)
  })

  test('grants so many a second from then on', () => {
    const { taken, clock } = start()
    taken(KNOWN)
    clock.advance(SECOND)
    expect(taken(KNOWN)).toBe(80)
    clock.advance(SECOND / 80)
    expect(taken(KNOWN)).toBe(1)
  })

  test('leaves the quarter alone however long strangers go on', () => {
    const { taken, clock } = start()
    let strangers = taken(STRANGER)
    for (let second = 0; second < 60; second++) {
      clock.advance(SECOND)
      strangers += taken(STRANGER)
      expect(taken(KNOWN, 40)).toBe(40)
    }
    expect(strangers).toBeLessThanOrEqual(120 + 60 * 80)
  })

  test('gives strangers nothing until the quarter is full again', () => {
    const { taken, clock } = start()
    taken(KNOWN)
    clock.advance(SECOND / 2)
    expect(taken(STRANGER)).toBe(0)
    clock.advance(SECOND / 2)
    expect(taken(STRANGER)).toBe(40)
  })

  test('saves up no more than a burst', () => {
    const { taken, clock } = start()
    clock.advance(HOUR)
    expect(taken(KNOWN)).toBe(160)
  })

  test('grants nothing more because the clock on the wall is set back', () => {
    const { taken, clock } = start()
    taken(KNOWN)
    clock.setWall(NOW - HOUR)
    expect(taken(KNOWN)).toBe(0)
    clock.advance(SECOND)
    expect(taken(KNOWN)).toBe(80)
  })

  test('says when there is one more', () => {
    const { budget, taken, clock } = start(2, 8)
    taken(KNOWN)
    expect(budget.nextInMs(KNOWN)).toBe(500)
    expect(budget.nextInMs(STRANGER)).toBe(1500)
    clock.advance(500)
    expect(budget.nextInMs(KNOWN)).toBe(0)
    expect(budget.take(KNOWN)).toBe(true)
  })

  test('lets strangers in where the burst is one', () => {
    expect(start(1, 1).taken(STRANGER)).toBe(1)
  })

  test('never grants one more where the rate is 0', () => {
    const { budget, taken, clock } = start(0, 1)
    taken(KNOWN)
    clock.advance(HOUR)
    expect(taken(KNOWN)).toBe(0)
    expect(budget.nextInMs(KNOWN)).toBe(Number.POSITIVE_INFINITY)
  })
})
