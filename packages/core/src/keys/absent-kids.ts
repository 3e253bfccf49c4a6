import { LRUCache } from 'lru-cache'
import { elapsedSince, type Clock, type Instant } from '../support/clock.js'

/** An answer of the issuer. */
export interface Answer {
  /** Questions are counted from 1, in the order in which they began. */
  readonly question: number
  /** When the question began. */
  readonly fetchedAt: Instant
}

/**
 * Remembers the key ids that the issuer does not publish, so that a made-up one is asked about once.
 *
 * A key id is absent if an answer lacks it whose question began after the key id first arrived. An older question
 * proves nothing: the key may have been published in between.
 */
export interface AbsentKids {
  /**
   * Whether `kid`, which `answer` lacks, is absent. If not, it has to be asked about.
   *
   * @param arrivedAfter how many questions had begun when the token arrived
   */
  readonly isAbsent: (kid: string, arrivedAfter: number, answer: Answer) => boolean
  /** Forgets the key ids that the issuer now publishes. */
  readonly published: (kids: Iterable<string>) => void
}

interface Arrival {
  /** How many questions had begun when this key id arrived. */
  readonly arrivedAfter: number
  /** Milliseconds for which an answer without the key counts. */
  readonly trustedForMs: number
}

const MAX_KIDS = 1000
const MAX_TRUSTED_FOR_MS = 60_000

/** @param askAgainInMs when an absent key id is asked about again; doubles each time, up to a minute */
export function absentKids(askAgainInMs: number, clock: Clock): AbsentKids {
  // Made when first needed: it allocates for all of its entries, and most instances never meet an unknown key id.
  let arrivals: LRUCache<string, Arrival> | undefined

  return {
    isAbsent: (kid, arrivedAfter, answer) => {
      arrivals ??= new LRUCache({ max: MAX_KIDS })
      const first = arrivals.get(kid)
      if (!first) arrivals.set(kid, { arrivedAfter, trustedForMs: askAgainInMs })
      if (answer.question > arrivedAfter) return true
      if (!first || answer.question <= first.arrivedAfter) return false

      if (elapsedSince(answer.fetchedAt, clock) < first.trustedForMs) return true
      const trustedForMs = Math.max(askAgainInMs, Math.min(MAX_TRUSTED_FOR_MS, 2 * first.trustedForMs))
      arrivals.set(kid, { arrivedAfter, trustedForMs })
      return false
    },
    published: (kids) => {
      for (const kid of kids) arrivals?.delete(kid)
    },
  }
}
