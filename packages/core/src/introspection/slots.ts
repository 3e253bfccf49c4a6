import type { Clock } from '../support/clock.js'
import { withTimeout } from '../support/timeout.js'
import { ioEndsWithRequest } from '../support/io-ends-with-request.js'

/** Limits the number of concurrent calls. Callers above the limit wait for a slot, first come, first served. */
export interface Slots {
  /** A slot, if one is free. */
  readonly take: (caller: SlotCaller) => Slot | undefined
  /**
   * Waits for a slot for at most `forMs` milliseconds. Resolves to `undefined` if none becomes free in time, if too
   * many callers are waiting, or if the instance is closed.
   */
  readonly wait: (caller: SlotCaller, forMs: number) => Promise<Slot | undefined>
  readonly stats: () => { readonly taken: number; readonly waiting: number }
}

export interface Slot {
  readonly release: () => void
}

export interface SlotCaller {
  /** Whether the token was accepted before. A quarter of the slots is reserved for those. */
  readonly known: boolean
  /** When to give up on this caller, by the monotonic clock, in milliseconds. */
  readonly overdueAt: number
}

/** A taken slot, or a place in the queue. */
interface Holder extends SlotCaller {
  /** When its request last showed that it is alive, by the monotonic clock. Only on runtimes that end I/O with it. */
  aliveAt: number
}

interface Waiter extends Holder {
  /**
   * The number of slots available to this caller, fixed on arrival: when the first answers after a start make tokens
   * known, callers already waiting are not subject to the reservation that begins then.
   */
  readonly bound: number
  slot?: OwnedSlot
  readonly wake: () => void
}

interface OwnedSlot extends Slot {
  /** Must be called by the request that holds the slot. */
  readonly keepAlive: () => void
}

const MAX_WAITING = 256
const SHARE_OF_UNKNOWN = 0.75

/** @param hasKnown whether any token was accepted before; if not, nothing is reserved */
export function slotsOf(most: number, hasKnown: () => boolean, clock: Clock, closed: AbortSignal): Slots {
  const taken = new Map<Slot, Holder>()
  const waiting = new Set<Waiter>()
  closed.addEventListener('abort', () => waiting.forEach(({ wake }) => wake()), { once: true })

  const boundFor = ({ known }: SlotCaller, total: number) =>
    known || !hasKnown() ? total : Math.ceil(total * SHARE_OF_UNKNOWN)

  function take(caller: SlotCaller, bound = boundFor(caller, most)): Slot | undefined {
    if (taken.size >= bound) giveUpOverdue()
    // Waiting callers come first.
    admit()
    if (taken.size >= bound) return undefined
    const slot = enter({ ...caller, aliveAt: clock.monotonic() })
    slot.keepAlive()
    return slot
  }

  async function wait(caller: SlotCaller, forMs: number): Promise<Slot | undefined> {
    if (closed.aborted || waiting.size >= boundFor(caller, MAX_WAITING)) return undefined
    const { promise, resolve } = signal()
    const waiter: Waiter = { ...caller, aliveAt: clock.monotonic(), bound: boundFor(caller, most), wake: resolve }
    waiting.add(waiter)
    // On Workers a request must not be woken by another one, so it polls with its own timers.
    if (ioEndsWithRequest()) await poll(waiter, forMs)
    else await withTimeout(promise, forMs, () => {})
    waiting.delete(waiter)
    waiter.slot?.keepAlive()
    if (waiter.slot || closed.aborted) return waiter.slot
    return take(caller, waiter.bound)
  }

  async function poll(waiter: Waiter, forMs: number): Promise<void> {
    for (let left = forMs; left > 0 && !waiter.slot && !closed.aborted; left -= LOOK_EVERY_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      waiter.aliveAt = clock.monotonic()
      giveUpOverdue()
      admit()
    }
  }

  function enter(holder: Holder): OwnedSlot {
    let heart: ReturnType<typeof setInterval> | undefined
    const slot: OwnedSlot = {
      keepAlive: () => {
        if (ioEndsWithRequest()) heart = setInterval(() => (holder.aliveAt = clock.monotonic()), LOOK_EVERY_MS)
      },
      release: () => {
        clearInterval(heart)
        taken.delete(slot)
        admit()
      },
    }
    taken.set(slot, holder)
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

  // On runtimes that end I/O with the request that started it, such as Workers, a call or a wait may never settle.
  function giveUpOverdue(): void {
    for (const [slot, holder] of taken) if (isOverdue(holder)) taken.delete(slot)
    for (const waiter of waiting) if (isOverdue(waiter)) waiting.delete(waiter)
  }

  function isOverdue({ overdueAt, aliveAt }: Holder): boolean {
    const now = clock.monotonic()
    return now >= overdueAt || (ioEndsWithRequest() && now - aliveAt >= ENDED_AFTER_MS)
  }

  return { take: (caller) => take(caller), wait, stats: () => ({ taken: taken.size, waiting: waiting.size }) }
}

const LOOK_EVERY_MS = 10
/** Long enough for a request that computes or waits for its turn. */
const ENDED_AFTER_MS = 300

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
