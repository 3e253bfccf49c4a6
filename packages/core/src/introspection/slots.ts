import type { Clock } from '../support/clock.js'
import { withTimeout } from '../support/timeout.js'
import { ioEndsWithRequest } from '../support/shared-call.js'

/** Bounds the calls at one time. Callers beyond the bound wait for a slot, first come first served. */
export interface Slots {
  /** A slot, if one is free. */
  readonly take: (caller: SlotCaller) => Slot | undefined
  /**
   * Waits for a slot, at most `forMs` milliseconds. Resolves to `undefined` if none becomes free in time, if too many
   * callers wait already, or if the instance is closed.
   */
  readonly wait: (caller: SlotCaller, forMs: number) => Promise<Slot | undefined>
  readonly stats: () => { readonly taken: number; readonly waiting: number }
}

export interface Slot {
  readonly release: () => void
}

export interface SlotCaller {
  /** Whether the token has passed before. A quarter of the slots is kept for those. */
  readonly known: boolean
  /** When to give up hope of this caller, by the monotonic clock, in milliseconds. */
  readonly overdueAt: number
}

interface Waiter extends SlotCaller {
  /**
   * How many slots there are for this caller, as of its arrival: when the first answers after a start make tokens known,
   * those who came with them need not wait until the slots that are kept from then on are empty.
   */
  readonly bound: number
  slot?: Slot
  readonly wake: () => void
}

const MAX_WAITING = 256
const SHARE_OF_UNKNOWN = 0.75

/** @param hasKnown whether any token has passed before: if not, nothing is kept */
export function slotsOf(most: number, hasKnown: () => boolean, clock: Clock, closed: AbortSignal): Slots {
  const taken = new Map<Slot, SlotCaller>()
  const waiting = new Set<Waiter>()
  closed.addEventListener('abort', () => waiting.forEach(({ wake }) => wake()), { once: true })

  const boundFor = ({ known }: SlotCaller, total: number) =>
    known || !hasKnown() ? total : Math.ceil(total * SHARE_OF_UNKNOWN)

  function take(caller: SlotCaller, bound = boundFor(caller, most)): Slot | undefined {
    if (taken.size >= bound) giveUpOverdue()
    // Those who wait come first.
    admit()
    return taken.size < bound ? enter(caller) : undefined
  }

  async function wait(caller: SlotCaller, forMs: number): Promise<Slot | undefined> {
    if (closed.aborted || waiting.size >= boundFor(caller, MAX_WAITING)) return undefined
    const { promise, resolve } = signal()
    const waiter: Waiter = { ...caller, bound: boundFor(caller, most), wake: resolve }
    waiting.add(waiter)
    // On Workers a request must not be woken by another one, so it looks by timers of its own.
    if (ioEndsWithRequest()) await until(() => waiter.slot !== undefined || closed.aborted, forMs)
    else await withTimeout(promise, forMs, () => {})
    waiting.delete(waiter)
    if (waiter.slot || closed.aborted) return waiter.slot
    return take(caller, waiter.bound)
  }

  function enter(caller: SlotCaller): Slot {
    const slot = {
      release: () => {
        taken.delete(slot)
        admit()
      },
    }
    taken.set(slot, caller)
    return slot
  }

  function admit(): void {
    for (const waiter of waiting) {
      if (taken.size >= most) return
      if (taken.size >= waiter.bound) continue
      waiting.delete(waiter)
      waiter.slot = enter(waiter)
      waiter.wake()
    }
  }

  // A runtime that ends I/O with the request that began it, as Workers do, never says how a call or a wait ended.
  function giveUpOverdue(): void {
    for (const [slot, { overdueAt }] of taken) if (clock.monotonic() >= overdueAt) taken.delete(slot)
    for (const waiter of waiting) if (clock.monotonic() >= waiter.overdueAt) waiting.delete(waiter)
  }

  return { take: (caller) => take(caller), wait, stats: () => ({ taken: taken.size, waiting: waiting.size }) }
}

const LOOK_EVERY_MS = 10

async function until(isDone: () => boolean, forMs: number): Promise<void> {
  for (let left = forMs; left > 0 && !isDone(); left -= LOOK_EVERY_MS)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
