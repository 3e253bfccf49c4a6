import { describe, expect, test } from 'vitest'
import { elapsedSince, instantOf, systemClock } from '../src/support/clock.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

describe('elapsedSince', () => {
  test('counts on while both clocks go', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    expect(elapsedSince(start, clock)).toBe(0)
    clock.advance(SECOND)
    expect(elapsedSince(start, clock)).toBe(SECOND)
  })

  test('makes nothing younger when the clock on the wall is set back', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    clock.advance(SECOND)
    clock.setWall(NOW - HOUR)
    expect(elapsedSince(start, clock)).toBe(SECOND)
  })

  test('goes by the clock on the wall where the other one stood still, as while a machine sleeps', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    clock.setWall(NOW + HOUR)
    expect(elapsedSince(start, clock)).toBe(HOUR)
  })
})

describe('elapsedSince, with a clock on the wall that gives NaN', () => {
  test('goes by the other one, then and after', () => {
    const clock = fakeClock()
    const before = instantOf(clock)
    clock.setWall(Number.NaN)
    const meanwhile = instantOf(clock)
    clock.advance(SECOND)
    expect(elapsedSince(before, clock)).toBe(SECOND)
    expect(elapsedSince(meanwhile, clock)).toBe(SECOND)
    clock.setWall(NOW + SECOND)
    expect(elapsedSince(meanwhile, clock)).toBe(SECOND)
  })
})

describe('systemClock', () => {
  test('reads the given clock on the wall, and a second one of its own', () => {
    const clock = systemClock(() => 7)
    expect(clock.now()).toBe(7)
    const before = clock.monotonic()
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before)
  })

  test('goes by Date.now unless told otherwise', () => {
    const before = Date.now()
    expect(systemClock().now()).toBeGreaterThanOrEqual(before)
  })
})
