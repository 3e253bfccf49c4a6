import type { AuthenticatedAuth } from '../auth/auth.js'
import { askClerk, type ClerkQuestion, type IntrospectionResult } from './ask-clerk.js'
import type { Rate } from '../support/token-bucket.js'
import { elapsedSince, instantOf, type Instant } from '../support/clock.js'
import { AuthError, type AuthErrorCode, type TokenType } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import { callLimits, type LimitedCall } from './call-limits.js'
import type { Introspection, OpaquePolicy } from './introspection.js'
import { notAsked, notAskedError, type NotAsked } from './not-asked.js'
import type { RemotePolicy, RemoteStats } from './remote.js'
import type { Revocations } from '../fleet/revocations.js'
import type { SharedAnswers } from './shared-answers.js'
import type { Asked, IntrospectionCache } from './introspection-cache.js'
import { singleFlight, type SingleFlight } from '../support/single-flight.js'
import type { Slots } from './slots.js'

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

/** A question to Clerk about a token. With `fresh`, cached answers do not count. */
interface Question extends LimitedCall {
  readonly token: string
  readonly digest: string
  /** The number of the call. */
  readonly call: number
}

const MAX_WAIT_IN_MS = 1000
const GRACE_IN_MS = 1000
/** With less time left, an attempt cannot succeed. */
const MIN_ATTEMPT_IN_MS = 100

/**
 * Verifies opaque tokens of one kind by asking Clerk, as rarely as possible: results are cached, and callers with the
 * same token share a call. {@link callLimits} and the slots limit the calls.
 *
 * If Clerk cannot be asked, the result is 503: `verification-unavailable`, `verification-rate-limited` or
 * `verification-misconfigured`.
 */
export function opaqueVerifier(options: OpaqueVerifierOptions): OpaqueVerifier {
  const { tokenType, form, localPolicy, rate, policy, introspections, revocations, shared, slots } = options
  const { clock, emit, closed, random, knowsRevocations = () => true } = options
  const { timeoutInMs = 3000, retries = 1 } = policy
  const limits = callLimits({ rate, clock, hasKnown: introspections.hasKnown, changed: emitBreaker, random })
  const calls = singleFlight<Outcome>(timeoutInMs + GRACE_IN_MS, clock)
  const freshCalls = singleFlight<Outcome>(timeoutInMs + GRACE_IN_MS, clock)
  const counts = { calls: 0, saved: 0, refused: 0, billed: 0, stale: 0 }

  function emitBreaker(tokens: 'known' | 'unknown', isOpen: boolean): void {
    emit({ type: isOpen ? 'breaker-opened' : 'breaker-closed', tokenType, tokens })
  }

  function recall(digest: string): AuthenticatedAuth | undefined {
    const remembered = rememberedOutcome(digest)
    return remembered && callerOf(remembered)
  }

  async function verify(token: string, digest: string): Promise<AuthenticatedAuth> {
    checkShape(token)
    const known = introspections.isKnown(digest)
    const before = revocations.sequence()
    // Calls from before a revocation are not joined: their answer may be older than it.
    const outcome = await joinOrAsk(calls, `${before} ${digest}`, (call) =>
      ask({ token, digest, call, known, fresh: false }),
    )
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
    const before = revocations.sequence()
    const askAgain = (call: number) => askWithin({ token, digest, call, known: true, fresh: true })
    const outcome = await joinOrAsk(freshCalls, `${before} ${digest}`, askAgain, startedAfter)
    const caller = callerOf(outcome)
    return revocations.mustAskAgain({ digest, auth: caller, issuedAt: 'opaque' }, before)
      ? verifyAgain(token, digest, startedAfter)
      : caller
  }

  async function joinOrAsk(
    flights: SingleFlight<Outcome>,
    key: string,
    ask: (call: number) => Promise<Outcome>,
    startedAfter?: number,
  ): Promise<Outcome> {
    let isOwn = false
    const outcome = await flights.run(
      key,
      (call) => {
        isOwn = true
        return ask(call)
      },
      startedAfter,
    )
    if (!isOwn && !('notAskedForMs' in outcome)) counts.saved++
    return outcome
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
    return limits.whyNot(question) ?? askInSlot(question)
  }

  async function askInSlot(question: Question): Promise<Outcome> {
    const { digest, call, known, fresh } = question
    const since = instantOf(clock)
    const caller = { known, overdueAt: since.monotonic + timeoutInMs + GRACE_IN_MS }
    const waitInMs = Math.min(MAX_WAIT_IN_MS, timeoutInMs - MIN_ATTEMPT_IN_MS)
    const slot = slots.take(caller) ?? (await slots.wait(caller, waitInMs))
    if (!slot) return notAsked('verification-unavailable', 1000, false)
    try {
      if (elapsedSince(since, clock) >= timeoutInMs) return notAsked('verification-unavailable', 1000, false)
      // While this call waited, another one may have got the answer, or shown that Clerk must not be asked.
      const outcome = (fresh ? undefined : rememberedOutcome(digest)) ?? limits.whyNot(question)
      if (outcome) return outcome
      limits.start(question)
      const before = revocations.sequence()
      const result = await attempts(question, since)
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

  async function attempts(question: Question, since: Instant): Promise<IntrospectionResult> {
    for (let left = retries; ; left--) {
      const timeLeft = timeoutInMs - elapsedSince(since, clock)
      counts.calls++
      const askedAt = clock.monotonic()
      const result = await askClerk(options, question.token, timeLeft, closed)
      const outcome = result.active ? 'passed' : result.code
      emit({ type: 'verification-asked', tokenType, outcome, tookInMs: clock.monotonic() - askedAt })
      if (result.active !== undefined && form.isBilled) counts.billed++
      limits.ended(question, result)
      const mayHelp = result.active === undefined && result.again && left > 0 && !closed.aborted
      const hasTime = timeoutInMs - elapsedSince(since, clock) >= MIN_ATTEMPT_IN_MS
      if (!mayHelp || !hasTime || !limits.mayRetry(question)) return result
    }
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
    else if (!revocations.forgottenSince(before)) {
      const isLasting = 'isLasting' in result && result.isLasting
      introspections.refused(digest, result.code, isLasting, 'ageInMs' in asked ? asked.ageInMs : 0)
    }
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
