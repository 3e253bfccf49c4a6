import type { AuthenticatedAuth } from '../auth/auth.js'
import { askClerk, type ClerkQuestion, type IntrospectionResult } from './ask-clerk.js'
import { tokenBucket, type Rate } from '../support/token-bucket.js'
import { elapsedSince, instantOf, type Instant } from '../support/clock.js'
import { AuthError, type AuthErrorCode, type TokenType } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import type { Introspection, OpaquePolicy } from './introspection.js'
import { laneOf, type Lane } from './lane.js'
import { notAsked, notAskedError, type NotAsked } from './not-asked.js'
import type { Revocations } from '../fleet/revocations.js'
import type { SharedAnswers } from './shared-answers.js'
import type { Asked, IntrospectionCache } from './introspection-cache.js'
import { singleFlight } from '../support/single-flight.js'
import type { Slots } from './slots.js'

export interface RemotePolicy {
  /** Timeout for one verification including retries, in milliseconds. Default 3 seconds. */
  readonly timeoutInMs?: number
  /**
   * How long an accepted token is cached, in milliseconds, but never past its expiry. 0 disables caching. Default 30
   * seconds.
   */
  readonly rememberInMs?: number
  /**
   * How much longer an accepted token is accepted while Clerk cannot be asked, in milliseconds: at most 1 hour, and
   * never past its expiry. Applies after a network failure, a timeout, a 5xx, or a 429 to a known token, but not with
   * `fresh`, and not while the shared store cannot be read. Default 0.
   */
  readonly staleInMs?: number
  /** Maximum number of concurrent calls; further requests wait for up to one second. Default 64. */
  readonly maxInFlight?: number
  /** Calls per second for each kind of token, with bursts of twice as many. Default: by kind, within Clerk's limits. */
  readonly callsPerSecond?: number
  /** Retries after a transient failure. Default 1. */
  readonly retries?: number
}

/** Statistics of remote verification for one kind of token. */
export interface RemoteStats {
  /** Calls made to Clerk. */
  readonly calls: number
  /** Requests that needed no call, because of the cache or a shared call. */
  readonly saved: number
  /** Requests refused with 503 without a call: the budget was used up or Clerk was failing. */
  readonly refused: number
  /** Calls that Clerk bills: those about M2M tokens and API keys that it answered. */
  readonly billed: number
  /** Requests accepted because of `staleInMs`. */
  readonly stale: number
}

/** Verifies opaque tokens of one kind. Both functions fail with an {@link AuthError}. */
export interface OpaqueVerifier {
  /** The caller of a token with a cached answer; `undefined` if Clerk must be asked. */
  readonly recall: (digest: string) => AuthenticatedAuth | undefined
  /** @param digest SHA-256 of the token */
  readonly verify: (token: string, digest: string) => Promise<AuthenticatedAuth>
  /** Accepts only an answer of Clerk to a call that started after `startedAfter`. */
  readonly verifyAgain: (token: string, digest: string, startedAfter: number) => Promise<AuthenticatedAuth>
  readonly stats: () => RemoteStats
}

export interface OpaqueVerifierOptions extends ClerkQuestion {
  readonly tokenType: TokenType
  readonly localPolicy: OpaquePolicy
  readonly rate: Rate
  readonly policy: RemotePolicy
  readonly introspections: IntrospectionCache
  readonly revocations: Revocations
  /** Answers of other processes. */
  readonly shared: SharedAnswers | undefined
  /** Whether revocations of other processes would be known. Default: yes, without a shared store. */
  readonly knowsRevocations?: () => boolean
  /** Shared by all kinds of token. */
  readonly slots: Slots
  readonly emit: EventListener
  /** Aborts pending calls. */
  readonly closed: AbortSignal
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: () => number
}

type Outcome = IntrospectionResult | Introspection | NotAsked | { readonly active: false; readonly code: AuthErrorCode }

/** A question to Clerk about a token. */
interface Question {
  readonly token: string
  readonly digest: string
  /** The number of the call. */
  readonly call: number
  /** Whether the token was accepted before. */
  readonly known: boolean
  /** Whether cached answers do not count. */
  readonly fresh: boolean
}

/** For each kind of token. Otherwise requests to guards with `fresh` would use up the budget of all others. */
const FRESH_RATE: Rate = { perSecond: 10, burst: 20 }
const KEPT_FOR_KNOWN = 0.25
const MAX_WAIT_IN_MS = 1000
const GRACE_IN_MS = 1000
/** With less time left, an attempt cannot succeed. */
const MIN_ATTEMPT_IN_MS = 100

/**
 * Verifies opaque tokens of one kind by asking Clerk, as rarely as possible: results are cached, and callers with the
 * same token share a call.
 *
 * Anyone can send tokens that Clerk has never seen. Known tokens, which were accepted before, therefore have a separate
 * breaker and pause, and a reserved share of the budget and the slots: trouble with unknown tokens affects only unknown
 * tokens.
 *
 * If Clerk cannot be asked, the result is 503: `verification-unavailable`, `verification-rate-limited` or
 * `verification-misconfigured`.
 */
export function opaqueVerifier(options: OpaqueVerifierOptions): OpaqueVerifier {
  const { tokenType, form, localPolicy, rate, policy, introspections, revocations, shared, slots } = options
  const { clock, emit, closed, random, knowsRevocations = () => true } = options
  const { timeoutInMs = 3000, retries = 1 } = policy
  const budget = tokenBucket(rate, clock)
  const freshBudget = tokenBucket(FRESH_RATE, clock)
  const lanes = { known: newLane('known'), unknown: newLane('unknown') }
  const calls = singleFlight<Outcome>(timeoutInMs + GRACE_IN_MS, clock)
  const freshCalls = singleFlight<Outcome>(timeoutInMs + GRACE_IN_MS, clock)
  const counts = { calls: 0, saved: 0, refused: 0, billed: 0, stale: 0 }

  function newLane(tokens: 'known' | 'unknown'): Lane {
    const changed = (isOpen: boolean) => emit({ type: isOpen ? 'breaker-opened' : 'breaker-closed', tokenType, tokens })
    return laneOf(clock, changed, random)
  }

  function recall(digest: string): AuthenticatedAuth | undefined {
    const remembered = rememberedOutcome(digest)
    return remembered && callerOf(remembered)
  }

  async function verify(token: string, digest: string): Promise<AuthenticatedAuth> {
    checkShape(token)
    const known = introspections.isKnown(digest)
    let isShared = true
    const before = revocations.sequence()
    // Calls from before a revocation are not joined: their answer may be older than it.
    const outcome = await calls.run(`${before} ${digest}`, (call) => {
      isShared = false
      return ask({ token, digest, call, known, fresh: false })
    })
    if (isShared && !('notAskedForMs' in outcome)) counts.saved++
    const stale = staleCaller(outcome, digest, known)
    if (stale) return stale
    const caller = callerOf(outcome)
    // Clerk may have answered before the revocation.
    return revocations.mustAskAgain({ digest, auth: caller, issuedAt: 'opaque' }, before)
      ? verify(token, digest)
      : caller
  }

  async function verifyAgain(token: string, digest: string, startedAfter: number): Promise<AuthenticatedAuth> {
    checkShape(token)
    const auth = introspections.askedAfter(digest, startedAfter)
    if (auth) return callerOf({ active: true, auth })
    let isShared = true
    const before = revocations.sequence()
    const ask = (call: number) => {
      isShared = false
      return askWithin({ token, digest, call, known: true, fresh: true })
    }
    const outcome = await freshCalls.run(`${before} ${digest}`, ask, startedAfter)
    if (isShared && !('notAskedForMs' in outcome)) counts.saved++
    const caller = callerOf(outcome)
    return revocations.mustAskAgain({ digest, auth: caller, issuedAt: 'opaque' }, before)
      ? verifyAgain(token, digest, startedAfter)
      : caller
  }

  /** The caller from an earlier answer, if Clerk could not be asked for a reason that the caller has not caused. */
  function staleCaller(outcome: Outcome, digest: string, known: boolean): AuthenticatedAuth | undefined {
    if (outcome.active !== undefined) return undefined
    const isLimited = !('notAskedForMs' in outcome) && outcome.code === 'verification-rate-limited' && known
    if (!(outcome.isDown || isLimited) || !knowsRevocations()) return undefined
    const auth = introspections.stale(digest)
    if (!auth) return undefined
    counts.stale++
    emit({ type: 'verification-stale', tokenType, code: outcome.code })
    return callerOf({ active: true, auth })
  }

  async function ask(question: Question): Promise<Outcome> {
    if (!shared) return askWithin(question)
    const { digest } = question
    const before = revocations.sequence()
    const claimed = await shared.claim(digest)
    if ('found' in claimed) {
      const { result, ageInMs } = claimed.found
      counts.saved++
      remember(result, digest, before, { ageInMs })
      return result
    }
    const outcome = await askWithin(question)
    shared.share(claimed, outcome)
    return outcome
  }

  async function askWithin(question: Question): Promise<Outcome> {
    return whyNot(question) ?? askInSlot(question)
  }

  async function askInSlot(question: Question): Promise<Outcome> {
    const { token, digest, call, known, fresh } = question
    const since = instantOf(clock)
    const caller = { known, overdueAt: since.monotonic + timeoutInMs + GRACE_IN_MS }
    const waitInMs = Math.min(MAX_WAIT_IN_MS, timeoutInMs - MIN_ATTEMPT_IN_MS)
    const slot = slots.take(caller) ?? (await slots.wait(caller, waitInMs))
    if (!slot) return notAsked('verification-unavailable', 1000, false)
    try {
      if (elapsedSince(since, clock) >= timeoutInMs) return notAsked('verification-unavailable', 1000, false)
      // While this call waited, another one may have got the answer, or shown that Clerk must not be asked.
      const outcome = (fresh ? undefined : rememberedOutcome(digest)) ?? whyNot(question)
      if (outcome) return outcome
      if (fresh) freshBudget.take()
      budget.take(reserveFor(known))
      laneFor(known).asked()
      const before = revocations.sequence()
      const result = await attempts(token, known, since)
      remember(result, digest, before, { call })
      return result
    } finally {
      slot.release()
    }
  }

  function rememberedOutcome(digest: string): Outcome | undefined {
    const remembered = introspections.get(digest)
    if (remembered === undefined) return undefined
    counts.saved++
    return typeof remembered === 'string' ? { active: false, code: remembered } : { active: true, auth: remembered }
  }

  /** Why Clerk must not be asked now. */
  function whyNot({ known, fresh }: Question): NotAsked | undefined {
    const closed = laneFor(known).closed()
    // Callers can cause failures with unknown tokens on purpose, so those are no outage.
    if (closed) return notAsked(closed.code, closed.forMs, known)
    const nextInMs = Math.max(budget.nextInMs(reserveFor(known)), fresh ? freshBudget.nextInMs() : 0)
    return nextInMs > 0 ? notAsked('verification-rate-limited', nextInMs, false) : undefined
  }

  function laneFor(known: boolean): Lane {
    return known ? lanes.known : lanes.unknown
  }

  /** Nothing is reserved while no token is known: after a start every caller is new. */
  function reserveFor(known: boolean): number {
    return known || !introspections.hasKnown() ? 0 : rate.burst * KEPT_FOR_KNOWN
  }

  async function attempts(token: string, known: boolean, since: Instant): Promise<IntrospectionResult> {
    const lane = laneFor(known)
    for (let left = retries; ; left--) {
      const timeLeft = timeoutInMs - elapsedSince(since, clock)
      counts.calls++
      const askedAt = clock.monotonic()
      const result = await askClerk(options, token, timeLeft, closed)
      note(result, known, clock.monotonic() - askedAt)
      const mayRetry = result.active === undefined && result.again && left > 0 && !closed.aborted
      const hasTime = timeoutInMs - elapsedSince(since, clock) >= MIN_ATTEMPT_IN_MS
      if (!mayRetry || !hasTime || lane.closed() || !budget.take(reserveFor(known))) return result
    }
  }

  function note(result: IntrospectionResult, known: boolean, tookInMs: number): void {
    const lane = laneFor(known)
    emit({ type: 'verification-asked', tokenType, outcome: result.active ? 'passed' : result.code, tookInMs })
    if (result.active !== undefined) {
      if (form.isBilled) counts.billed++
      return lane.answered()
    }
    const { code, details } = result
    if (result.isDown) lane.failed()
    else lane.answered()
    if (code !== 'verification-rate-limited') return
    lane.pause(details.retryAfter * 1000)
    // If known tokens hit a rate limit, it applies to the instance: unknown tokens must not use up what is left of it.
    if (known) lanes.unknown.pause(details.retryAfter * 1000)
  }

  /** @param before the last revocation before Clerk was asked: the answer may be older than later ones */
  function remember(result: Outcome, digest: string, before: number, asked: Asked): void {
    if (result.active === undefined) return
    const token = { digest, auth: result.active ? result.auth : undefined, issuedAt: 'opaque' } as const
    // A cached result is only compared with later tombstones.
    if (revocations.refuse(token)) return introspections.refused(digest, 'token-revoked', true)
    if (revocations.outdateSince(token, before)) return
    if (result.active) introspections.passed(digest, result.auth, asked)
    // Of an unknown token, nothing but the digest is known: it may be what was forgotten because it was just created.
    else if (!revocations.forgottenSince(before))
      introspections.refused(
        digest,
        result.code,
        'isLasting' in result && result.isLasting,
        'ageInMs' in asked ? asked.ageInMs : 0,
      )
  }

  /** Callers who share a call each get their own error. */
  function callerOf(outcome: Outcome): AuthenticatedAuth {
    if (outcome.active) {
      form.check?.(outcome.auth, localPolicy)
      return outcome.auth
    }
    if (outcome.active === false) throw new AuthError(outcome.code)
    if (!('notAskedForMs' in outcome)) throw new AuthError(outcome.code, outcome.details)
    counts.refused++
    emit({ type: 'verification-not-asked', tokenType, code: outcome.code })
    throw notAskedError(outcome, tokenType)
  }

  return { recall, verify, verifyAgain, stats: () => ({ ...counts }) }
}

const SHAPE = /^[\w-]{16,512}$/

/** Refuses strings that cannot be opaque tokens without asking Clerk: calls cost time and money. */
function checkShape(token: string): void {
  if (!SHAPE.test(token)) throw new AuthError('token-malformed')
}
