import type { Found, Lease, SharedStats, Sharing } from '../fleet/sharing.js'
import { elapsedSince, instantOf, type Clock } from '../support/clock.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { Availability } from './availability.js'
import type { Seal } from './seal.js'
import type { Claim, SharedSpace } from './store.js'

/** Values in the store, each asked for by one process at a time. */
export interface SharedValues {
  readonly claim: Sharing['claim']
  readonly stats: () => Pick<SharedStats, 'hits' | 'misses'>
}

export interface SharedValuesParts {
  /** Opens the store when it is first used. */
  readonly opened: () => SharedSpace
  readonly attempt: Availability['attempt']
  readonly seal: Seal
  /** Names a value after what it is about. */
  readonly keyOf: (about: readonly string[]) => Promise<string>
  readonly clock: Clock
  readonly isClosed: () => boolean
}

/** The deadline of a call to Clerk, with some reserve. */
const LEASE_IN_MS = 4000
const MAX_WAIT_FOR_LEASE_IN_MS = 1000
const LOOK_EVERY_MS = 25
/** Clocks of processes that are further apart make the other's values look too old or from the future. */
const MAX_CLOCK_DIFFERENCE_IN_MS = 5000

/** What is stored under a name. */
interface StoredValue {
  /** When the question was asked: milliseconds since the epoch, by the clock of the process that asked. */
  readonly at: number
  /** How long the answer took, in milliseconds. */
  readonly took: number
  readonly position: string
  readonly value: unknown
}

export function sharedValues({ opened, attempt, seal, keyOf, clock, isClosed }: SharedValuesParts): SharedValues {
  let hits = 0
  let misses = 0

  async function claim<T>(
    about: readonly string[],
    isUsable: (found: Found) => MaybePromise<T | undefined>,
  ): Promise<{ readonly found: T } | Lease> {
    const key = await keyOf(about)
    const owner = crypto.randomUUID()
    const since = instantOf(clock)
    for (;;) {
      const asked = instantOf(clock)
      const answer = await attempt(() => opened().claim(key, { owner, forMs: LEASE_IN_MS }))
      if (!answer) return withoutLease
      if (answer.isLeased) return leaseOf(key, owner, answer.position, asked.now)
      const found = answer.value && (await foundOf(answer.value, key))
      const usable = found && (await isUsable(found))
      if (usable !== undefined) {
        hits++
        return { found: usable }
      }
      if (answer.value) await removeValue(key, answer.value)
      // The holder takes too long, or every value that others store is of no use here.
      if (elapsedSince(since, clock) >= MAX_WAIT_FOR_LEASE_IN_MS)
        return leaseOf(key, owner, answer.position, clock.now())
      if (!answer.value) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS * (0.5 + Math.random())))
    }
  }

  async function removeValue(key: string, { text }: NonNullable<Claim['value']>): Promise<void> {
    await attempt(() => opened().remove(key, text))
  }

  async function foundOf({ text, ageInMs }: NonNullable<Claim['value']>, key: string): Promise<Found | undefined> {
    const stored = (await seal.open(text, key)) as StoredValue | undefined
    if (!stored) return undefined
    // The store's clock cannot be trusted to age a value that someone has stored again.
    const ageByOurClock = clock.now() - stored.at
    if (!(ageByOurClock >= -MAX_CLOCK_DIFFERENCE_IN_MS)) return undefined
    return {
      value: stored.value,
      position: stored.position,
      ageInMs: Math.max(ageByOurClock, ageInMs + stored.took, 0),
    }
  }

  function leaseOf(key: string, owner: string, position: string, at: number): Lease {
    misses++
    const settle: Lease['settle'] = async (outcome) => {
      if (isClosed()) return
      const stored = { at, took: clock.now() - at, position, value: outcome?.value } satisfies StoredValue
      const sealed = outcome && { text: await seal.seal(stored, key), forMs: Math.ceil(outcome.forMs) }
      await attempt(() => opened().settle(key, owner, sealed))
    }
    return { settle }
  }

  const withoutLease: Lease = { settle: async () => {} }

  return { claim, stats: () => ({ hits, misses }) }
}
