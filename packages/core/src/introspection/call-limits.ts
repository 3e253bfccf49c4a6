import type { Clock } from '../support/clock.js'
import { tokenBucket, type Rate } from '../support/token-bucket.js'
import type { IntrospectionResult } from './ask-clerk.js'
import { laneOf, type Lane } from './lane.js'
import { notAsked, type NotAsked } from './not-asked.js'

/** When Clerk may be asked about tokens of one kind. */
export interface CallLimits {
  /** Why Clerk must not be asked now; `undefined` if it may be. */
  readonly whyNot: (call: LimitedCall) => NotAsked | undefined
  /** Counts a call that is about to be made. */
  readonly start: (call: LimitedCall) => void
  /** Counts another attempt of a call, unless that is not allowed. */
  readonly mayRetry: (call: LimitedCall) => boolean
  /** Notes how Clerk responded. */
  readonly ended: (call: LimitedCall, result: IntrospectionResult) => void
}

export interface LimitedCall {
  /** Whether the token was accepted before. */
  readonly known: boolean
  /** Whether it is for a guard with `fresh`. */
  readonly fresh: boolean
}

export interface CallLimitsOptions {
  readonly rate: Rate
  readonly clock: Clock
  /** Whether any token was accepted before. */
  readonly hasKnown: () => boolean
  /** Called when Clerk starts to fail and when it responds again. */
  readonly changed: (tokens: 'known' | 'unknown', isFailing: boolean) => void
  readonly random?: (() => number) | undefined
}

/** For each kind of token. Otherwise requests to guards with `fresh` would use up the budget of all others. */
const FRESH_RATE: Rate = { perSecond: 10, burst: 20 }
const KEPT_FOR_KNOWN = 0.25

/**
 * Anyone can send tokens that Clerk has never seen. Known tokens, which were accepted before, therefore have a separate
 * breaker and pause, and a reserved share of the budget: trouble with unknown tokens affects only unknown tokens.
 */
export function callLimits({ rate, clock, hasKnown, changed, random }: CallLimitsOptions): CallLimits {
  const budget = tokenBucket(rate, clock)
  const freshBudget = tokenBucket(FRESH_RATE, clock)
  const lanes = { known: newLane('known'), unknown: newLane('unknown') }

  function newLane(tokens: 'known' | 'unknown'): Lane {
    return laneOf(clock, (isOpen) => changed(tokens, isOpen), random)
  }

  function whyNot({ known, fresh }: LimitedCall): NotAsked | undefined {
    const closed = laneFor(known).closed()
    // Callers can cause failures with unknown tokens on purpose, so those are no outage.
    if (closed) return notAsked(closed.code, closed.forMs, known)
    const nextInMs = Math.max(budget.nextInMs(reserveFor(known)), fresh ? freshBudget.nextInMs() : 0)
    return nextInMs > 0 ? notAsked('verification-rate-limited', nextInMs, false) : undefined
  }

  function start({ known, fresh }: LimitedCall): void {
    if (fresh) freshBudget.take()
    budget.take(reserveFor(known))
    laneFor(known).asked()
  }

  function mayRetry({ known }: LimitedCall): boolean {
    return !laneFor(known).closed() && budget.take(reserveFor(known))
  }

  function ended({ known }: LimitedCall, result: IntrospectionResult): void {
    const lane = laneFor(known)
    if (result.active === undefined && result.isDown) lane.failed()
    else lane.answered()
    if (result.active !== undefined || result.code !== 'verification-rate-limited') return
    const pauseInMs = result.details.retryAfter * 1000
    lane.pause(pauseInMs)
    // If known tokens hit a rate limit, it applies to the instance: unknown tokens must not use up what is left of it.
    if (known) lanes.unknown.pause(pauseInMs)
  }

  function laneFor(known: boolean): Lane {
    return known ? lanes.known : lanes.unknown
  }

  /** Nothing is reserved while no token is known: after a start every caller is new. */
  function reserveFor(known: boolean): number {
    return known || !hasKnown() ? 0 : rate.burst * KEPT_FOR_KNOWN
  }

  return { whyNot, start, mayRetry, ended }
}
