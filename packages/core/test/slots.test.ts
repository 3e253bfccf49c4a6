import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { slotsOf, type Slot } from '../src/introspection/slots.js'
import { fakeClock, SECOND, turn } from './fixtures.js'

const LONG = 60 * SECOND

function start({ most = 4, hasKnown = true } = {}) {
  const clock = fakeClock()
  const closing = new AbortController()
  let anyKnown = hasKnown
  const slots = slotsOf(most, () => anyKnown, clock, closing.signal)
  const entered: string[] = []
  const held = new Map<string, Slot>()
  const callerOf = (known: boolean) => ({ known, overdueAt: clock.monotonic() + 4 * SECOND })
  const enter = (name: string, slot: Slot | undefined) => {
    if (!slot) return
    entered.push(name)
    held.set(name, slot)
  }
  /** Takes a slot or waits for one. */
  const arrive = async (name: string, known = false, forMs = LONG) => {
    const caller = callerOf(known)
    enter(name, slots.take(caller) ?? (await slots.wait(caller, forMs)))
  }
  const leave = async (name: string) => {
    held.get(name)!.release()
    await turn()
  }
  onTestFinished(() => closing.abort())
  return { clock, slots, entered, arrive, leave, close: () => closing.abort(), learn: () => (anyKnown = true) }
}

const arriveAll = ({ arrive }: ReturnType<typeof start>, count: number, name: string, known = false) => {
  for (let i = 0; i < count; i++) void arrive(`${name}${i}`, known)
}

describe('slots', () => {
  test('are all available to unknown tokens while no token is known, and then three quarters of them', async () => {
    const started = start({ hasKnown: false })
    arriveAll(started, 5, 'new')
    expect(started.entered).toEqual(['new0', 'new1', 'new2', 'new3'])
    started.learn()
    await started.leave('new0')
    expect(started.entered.at(-1)).toBe('new4')
    arriveAll(started, 1, 'late')
    await started.leave('new1')
    expect(started.slots.stats()).toEqual({ taken: 3, waiting: 1 })
    await started.leave('new2')
    expect(started.entered.at(-1)).toBe('late0')
  })

  test('go to waiting callers, first come first served', async () => {
    const started = start({ most: 1, hasKnown: false })
    arriveAll(started, 4, 'new')
    for (const name of ['new0', 'new1', 'new2']) await started.leave(name)
    expect(started.entered).toEqual(['new0', 'new1', 'new2', 'new3'])
  })

  test('that are reserved for known tokens go to them, ahead of waiting unknown tokens', async () => {
    const started = start()
    arriveAll(started, 3, 'new')
    arriveAll(started, 2, 'known', true)
    arriveAll(started, 1, 'late')
    expect(started.entered).toEqual(['new0', 'new1', 'new2', 'known0'])
    await started.leave('new0')
    expect(started.entered.at(-1)).toBe('known1')
    await started.leave('new1')
    await started.leave('new2')
    expect(started.entered.at(-1)).toBe('late0')
  })

  test('have at most 256 waiting callers, three quarters of them with unknown tokens', async () => {
    const started = start()
    arriveAll(started, 3 + 300, 'new')
    await turn()
    expect(started.slots.stats()).toEqual({ taken: 3, waiting: 192 })
    arriveAll(started, 1 + 100, 'known', true)
    await turn()
    expect(started.slots.stats()).toEqual({ taken: 4, waiting: 256 })
    const cold = start({ hasKnown: false })
    arriveAll(cold, 4 + 300, 'new')
    expect(cold.slots.stats()).toEqual({ taken: 4, waiting: 256 })
  })

  test('are awaited until the deadline, or until the instance is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { slots, arrive, entered, close } = start({ most: 1 })
    void arrive('first')
    const second = arrive('second', false, SECOND)
    await vi.advanceTimersByTimeAsync(SECOND)
    await second
    const third = arrive('third')
    close()
    await third
    await arrive('fourth')
    expect(entered).toEqual(['first'])
    expect(slots.stats()).toEqual({ taken: 1, waiting: 0 })
  })

  test('of an abandoned call are released, and so are the places of waiting callers', async () => {
    const { slots, arrive, clock, entered, leave } = start({ most: 2 })
    for (const name of ['lost0', 'lost1', 'lost2']) void arrive(name)
    clock.advance(4 * SECOND)
    await arrive('new')
    expect(slots.stats()).toEqual({ taken: 1, waiting: 0 })
    expect(entered).toEqual(['lost0', 'lost1', 'new'])
    await leave('lost0')
    expect(slots.stats().taken).toBe(1)
  })
})
