import { elapsedSince, type Clock, type Instant } from '../support/clock.js'
import { secondChanceCache } from '../support/second-chance-cache.js'

/** A response of the issuer. */
export interface Answer {
  /** Number of the request, from 1, in the order of their start. */
  readonly question: number
  /** When the request started. */
  readonly fetchedAt: Instant
}

/**
 * Remembers key ids that the issuer does not publish, so that a made-up one causes only one request.
 *
 * A key id is absent if it is missing from the response to a request that started after the key id first arrived. An
 * earlier request proves nothing: the key may have been published in between.
 */
export interface AbsentKids {
  /**
   * Whether `kid`, which is missing from `answer`, is absent. If not, the issuer must be asked.
   *
   * @param arrivedAfter how many requests had started when the token arrived
   */
  readonly isAbsent: (kid: string, arrivedAfter: number, answer: Answer) => boolean
  /** Forgets the key ids that the issuer now publishes. */
  readonly published: (kids: Iterable<string>) => void
}

interface Arrival {
  /** How many requests had started when this key id arrived. */
  readonly arrivedAfter: number
  /** How long a response without the key is trusted, in milliseconds. */
  readonly trustedForMs: number
}

const MAX_KIDS = 1000
const MAX_TRUSTED_FOR_MS = 60_000

/** @param askAgainInMs milliseconds until asking again about an absent key id; doubles each time, up to a minute */
export function absentKids(askAgainInMs: number, clock: Clock): AbsentKids {
  const arrivals = secondChanceCache<Arrival>({ maxEntries: MAX_KIDS })

  return {
    isAbsent: (kid, arrivedAfter, answer) => {
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
      for (const kid of kids) arrivals.delete(kid)
    },
  }
}
