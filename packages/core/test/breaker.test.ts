import { describe, expect, test } from 'vitest'
import { breakerOf } from '../src/introspection/breaker.js'
import { fakeClock, HOUR, NOW, SECOND } from './fixtures.js'

function start(random = () => 1) {
  const clock = fakeClock()
  const changes: boolean[] = []
  const breaker = breakerOf(clock, (isOpen) => changes.push(isOpen), random)
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.failed()
  }
  /** Makes one call if it may, with this result. */
  const probe = (outcome: 'answered' | 'failed') => {
    expect(breaker.openForMs()).toBe(0)
    breaker.asked()
    breaker[outcome]()
  }
  return { clock, breaker, changes, fail, probe }
}

describe('breaker', () => {
  test('is closed at first, and after four failures', () => {
    const { breaker, fail, changes } = start()
    expect(breaker.openForMs()).toBe(0)
    fail(4)
    expect(breaker.openForMs()).toBe(0)
    expect(changes).toEqual([])
  })

  test('opens for one second after five failures in a row', () => {
    const { breaker, fail, changes, clock } = start()
    fail(5)
    expect(breaker.openForMs()).toBe(SECOND)
    expect(changes).toEqual([true])
    clock.advance(SECOND - 1)
    expect(breaker.openForMs()).toBe(1)
    clock.advance(1)
    expect(breaker.openForMs()).toBe(0)
  })

  test('resets its count after a response', () => {
    const { breaker, fail } = start()
    fail(4)
    breaker.answered()
    fail(4)
    expect(breaker.openForMs()).toBe(0)
  })

  test('lets one probe through, and no second one while the first is in flight', () => {
    const { breaker, fail, clock } = start()
    fail(5)
    clock.advance(SECOND)
    expect(breaker.openForMs()).toBe(0)
    breaker.asked()
    expect(breaker.openForMs()).toBe(SECOND)
  })

  test('lets another probe through if the first has no response after 3 seconds', () => {
    const { breaker, fail, clock } = start()
    fail(5)
    clock.advance(SECOND)
    breaker.asked()
    clock.advance(3 * SECOND - 1)
    expect(breaker.openForMs()).toBeGreaterThan(0)
    clock.advance(1)
    expect(breaker.openForMs()).toBe(0)
  })

  test('closes when the probe succeeds, and emits that once', () => {
    const { breaker, fail, clock, probe, changes } = start()
    fail(5)
    clock.advance(SECOND)
    probe('answered')
    breaker.answered()
    expect(breaker.openForMs()).toBe(0)
    expect(changes).toEqual([true, false])
    fail(4)
    expect(breaker.openForMs()).toBe(0)
  })

  test('doubles the time that it stays open with each failed probe, up to 7 seconds', () => {
    const { breaker, fail, clock, probe, changes } = start()
    fail(5)
    const waits = [1, 2, 4, 7, 7].map((seconds) => seconds * SECOND)
    for (const wait of waits) {
      expect(breaker.openForMs()).toBe(wait)
      clock.advance(wait)
      probe('failed')
    }
    expect(changes).toEqual([true])
  })

  test('starts again with one second after it has closed', () => {
    const { breaker, fail, clock, probe } = start()
    fail(5)
    clock.advance(SECOND)
    probe('failed')
    clock.advance(2 * SECOND)
    probe('answered')
    fail(5)
    expect(breaker.openForMs()).toBe(SECOND)
  })

  test('does not stay open longer because of failed calls that were in flight when it opened', () => {
    const { breaker, fail, clock } = start()
    fail(64)
    expect(breaker.openForMs()).toBe(SECOND)
    clock.advance(SECOND)
    fail(64)
    expect(breaker.openForMs()).toBe(0)
  })

  test('closes when a call that was in flight when it opened succeeds', () => {
    const { breaker, fail, changes } = start()
    fail(5)
    breaker.answered()
    expect(breaker.openForMs()).toBe(0)
    expect(changes).toEqual([true, false])
  })

  test('does not stay open if the wall clock is set back', () => {
    const { breaker, fail, clock } = start()
    fail(5)
    clock.setWall(NOW - HOUR)
    clock.advance(SECOND)
    expect(breaker.openForMs()).toBe(0)
  })

  test('waits for at least half of the back-off, with jitter, so that processes do not retry in lockstep', () => {
    for (const [random, ms] of [
      [0, 500],
      [0.5, 750],
      [0.9, 950],
    ] as const) {
      const { breaker, fail, clock, probe } = start(() => random)
      fail(5)
      expect(breaker.openForMs()).toBe(ms)
      clock.advance(ms)
      probe('failed')
      expect(breaker.openForMs()).toBe(2 * ms)
    }
  })

  test('counts the time that a probe hangs as part of the back-off', () => {
    const { breaker, fail, clock, probe } = start()
    fail(5)
    for (const wait of [1, 2, 4].map((seconds) => seconds * SECOND)) {
      clock.advance(wait)
      probe('failed')
    }
    clock.advance(7 * SECOND)
    breaker.asked()
    clock.advance(3 * SECOND)
    breaker.failed()
    expect(breaker.openForMs()).toBe(4 * SECOND)
  })
})
