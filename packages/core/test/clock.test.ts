import { describe, expect, test } from 'vitest'
import { elapsedSince, instantOf, systemClock } from '../src/support/clock.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

describe('elapsedSince', () => {
  test('counts while both clocks run', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    expect(elapsedSince(start, clock)).toBe(0)
    clock.advance(SECOND)
    expect(elapsedSince(start, clock)).toBe(SECOND)
  })

  test('does not go back when the wall clock is set back', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    clock.advance(SECOND)
    clock.setWall(NOW - HOUR)
    expect(elapsedSince(start, clock)).toBe(SECOND)
  })

  test('follows the wall clock if the monotonic clock stood still, as while a machine sleeps', () => {
    const clock = fakeClock()
    const start = instantOf(clock)
    clock.setWall(NOW + HOUR)
    expect(elapsedSince(start, clock)).toBe(HOUR)
  })
})

describe('elapsedSince, with a wall clock that returns NaN', () => {
  test('follows the monotonic clock, then and later', () => {
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
  test('reads the given wall clock, and its own monotonic clock', () => {
    const clock = systemClock(() => 7)
    expect(clock.now()).toBe(7)
    const before = clock.monotonic()
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before)
  })

  test('uses Date.now by default', () => {
    const before = Date.now()
    expect(systemClock().now()).toBeGreaterThanOrEqual(before)
  })
})
