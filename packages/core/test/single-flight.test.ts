import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { callsStarted, singleFlight } from '../src/support/single-flight.js'
import { fakeClock, SECOND, withResolvers } from './fixtures.js'

function start() {
  const clock = fakeClock()
  const flights = singleFlight<string>(4 * SECOND, clock)
  let calls = 0
  /** Runs a call that the test settles. */
  const run = (key = 'key', startedAfter?: number) => {
    const call = withResolvers<string>()
    const outcome = flights.run(
      key,
      () => {
        calls++
        return call.promise
      },
      startedAfter,
    )
    return { ...call, outcome }
  }
  return { clock, flights, run, calls: () => calls }
}

describe('singleFlight', () => {
  it('gives concurrent callers with the same key the outcome of one call', async () => {
    const { run, calls } = start()
    const first = run()
    const second = run()
    first.resolve('value')
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['value', 'value'])
    expect(calls()).toBe(1)
  })

  it('gives concurrent callers the same error', async () => {
    const { run } = start()
    const [first, second] = [run(), run()]
    const error = new Error('failed')
    first.reject(error)
    expect(await Promise.allSettled([first.outcome, second.outcome])).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
  })

  it('does not share calls with another key', async () => {
    const { run, calls } = start()
    const [first, second] = [run('a'), run('b')]
    first.resolve('of a')
    second.resolve('of b')
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['of a', 'of b'])
    expect(calls()).toBe(2)
  })

  it('starts another call after the first has settled, even if it failed', async () => {
    const { run } = start()
    const first = run()
    first.reject(new Error('failed'))
    await expect(first.outcome).rejects.toThrow('failed')
    const second = run()
    second.resolve('value')
    expect(await second.outcome).toBe('value')
  })

  it('says since when a call is in flight', async () => {
    const { clock, flights, run } = start()
    expect(flights.startedAt('key')).toBeUndefined()
    const startedAt = { now: clock.now(), monotonic: clock.monotonic() }
    const call = run()
    clock.advance(SECOND)
    expect(flights.startedAt('key')).toEqual(startedAt)
    call.resolve('value')
    await call.outcome
    expect(flights.startedAt('key')).toBeUndefined()
  })
})

describe('a call that does not settle', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('is replaced by that of the next caller once it is overdue', async () => {
    const { clock, flights, run, calls } = start()
    run()
    clock.advance(4 * SECOND)
    expect(flights.startedAt('key')).toBeUndefined()
    const next = run()
    next.resolve('value')
    expect(await next.outcome).toBe('value')
    expect(calls()).toBe(2)
  })

  it('is replaced by that of a waiting caller once it is overdue', async () => {
    const { clock, run, calls } = start()
    run()
    const waiting = run()
    await vi.advanceTimersByTimeAsync(4 * SECOND - 1)
    expect(calls()).toBe(1)
    clock.advance(4 * SECOND)
    await vi.advanceTimersByTimeAsync(1)
    expect(calls()).toBe(2)
    waiting.resolve('value')
    expect(await waiting.outcome).toBe('value')
  })

  it('does not end the sharing of the call that replaced it, if it settles after all', async () => {
    const { clock, run, calls } = start()
    const lost = run()
    clock.advance(4 * SECOND)
    const second = run()
    lost.resolve('late')
    expect(await lost.outcome).toBe('late')
    const third = run()
    second.resolve('value')
    expect(await Promise.all([second.outcome, third.outcome])).toEqual(['value', 'value'])
    expect(calls()).toBe(2)
  })
})

describe('a caller that joins no earlier call', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('waits for it to end, and shares the next call with the others that wait', async () => {
    const { run, calls } = start()
    const first = run()
    const others = Array.from({ length: 10 }, () => run('key', callsStarted()))
    await vi.advanceTimersByTimeAsync(999)
    expect(calls()).toBe(1)
    first.resolve('earlier')
    expect(await first.outcome).toBe('earlier')
    await vi.advanceTimersByTimeAsync(0)
    expect(calls()).toBe(2)
    others[0]!.resolve('later')
    expect(new Set(await Promise.all(others.map(({ outcome }) => outcome)))).toEqual(new Set(['later']))
  })

  it('does not get its error', async () => {
    const { run } = start()
    const first = run()
    const second = run('key', callsStarted())
    first.reject(new Error('earlier'))
    await expect(first.outcome).rejects.toThrow('earlier')
    second.resolve('later')
    expect(await second.outcome).toBe('later')
  })

  it('waits for a second at most, and shares the next call then too', async () => {
    const { run, calls } = start()
    const first = run()
    const others = Array.from({ length: 10 }, () => run('key', callsStarted()))
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls()).toBe(2)
    others[0]!.resolve('later')
    expect(new Set(await Promise.all(others.map(({ outcome }) => outcome)))).toEqual(new Set(['later']))
    first.resolve('earlier')
    expect(await first.outcome).toBe('earlier')
  })

  it('joins a call that started later', async () => {
    const { run, calls } = start()
    const startedAfter = callsStarted()
    const first = run()
    const second = run('key', startedAfter)
    first.resolve('value')
    expect(await second.outcome).toBe('value')
    expect(calls()).toBe(1)
  })

  it('does not keep abandoned calls of other keys from being dropped', async () => {
    const { clock, flights, run } = start()
    run('key')
    run('abandoned')
    clock.advance(3 * SECOND)
    run('key', callsStarted())
    await vi.advanceTimersByTimeAsync(1000)
    clock.advance(2 * SECOND)
    expect(flights.startedAt('key')).toBeDefined()
    expect(flights.startedAt('abandoned')).toBeUndefined()
  })
})
