import { sha256 } from '#signature'
import { askClerk, type ClerkQuestion, type Verdict } from './ask-clerk.js'
import { breakerOf } from './breaker.js'
import { budgetOf, type Rate } from './budget.js'
import { elapsedSince, instantOf, type Instant } from './clock.js'
import { AuthError } from './errors.js'
import type { EventListener } from './events.js'
import { andThen, type Eventually } from './eventually.js'
import { withPatience } from './patience.js'
import type { MachineAuth, RemoteVerdicts } from './remote-verdicts.js'
import { ABANDONED, sharedCall, type SharedCall } from './shared-call.js'
import { warnOnce } from './warning.js'

export interface RemotePolicy {
  /** Milliseconds for one verification, a second attempt included. Default 3 seconds. */
  readonly timeoutInMs?: number
  /** Milliseconds for which Clerk's word on a token is remembered, never past the token's expiry. 0: not at all. Default 30 seconds. */
  readonly rememberInMs?: number
  /** Calls at one time. Default 64. */
  readonly maxInFlight?: number
  /** Calls a second of each kind; twice as many at once. Default: by kind, within what Clerk allows an instance. */
  readonly callsPerSecond?: number
  /** Further attempts after a failure that may pass. Default 1. */
  readonly retries?: number
}

/** What remote verification of one kind has come to. */
export interface RemoteStats {
  /** Calls made to Clerk. */
  readonly calls: number
  /** Requests answered without one, from what is remembered or together with another request. */
  readonly saved: number
  /** Requests answered with 503, without a call: the budget was used up, or Clerk had not answered for a while. */
  readonly refused: number
  /** Calls that Clerk bills: those about M2M tokens and API keys that it answered. */
  readonly billed: number
}

export interface RemoteVerifier {
  /** Who an opaque token speaks for. Throws or rejects with an {@link AuthError}. */
  readonly verify: (token: string) => Eventually<MachineAuth>
  readonly stats: () => RemoteStats
}

export interface RemoteVerifierOptions extends ClerkQuestion {
  readonly rate: Rate
  readonly policy: RemotePolicy
  readonly verdicts: RemoteVerdicts
  readonly inFlight: InFlight
  readonly emit: EventListener
  /** Ends what is in flight. */
  readonly closed: AbortSignal
}

/** The calls that have no answer yet, by what is asked. */
export interface InFlight {
  readonly calls: Map<string, Call>
  readonly most: number
}

interface Call {
  /** By the monotonic clock, in milliseconds. */
  readonly overdueAt: number
  readonly verdict: SharedCall<Verdict>
}

const SHARE_OF_STRANGERS = 0.75
const GRACE_IN_MS = 1000
const MISCONFIGURED =
  'Clerk refuses to verify opaque tokens: check the secret key, the machine secret key and the API URL'
/** Below this a second attempt has no time to succeed. */
const MIN_ATTEMPT_IN_MS = 100

/**
 * Verifies opaque tokens of one kind by asking Clerk, as rarely as can be: a verdict is remembered, callers with one
 * token share a call, and made-up tokens use up no more than the strangers' share of the budget.
 *
 * What cannot be asked is 503: `verification-unavailable`, `verification-rate-limited` or `verification-misconfigured`.
 */
export function remoteVerifier(options: RemoteVerifierOptions): RemoteVerifier {
  const { tokenType, rate, policy, verdicts, inFlight, clock, emit, closed } = options
  const { timeoutInMs = 3000, retries = 1 } = policy
  const budget = budgetOf(rate, clock)
  const breaker = breakerOf(clock, (isOpen) => emit({ type: isOpen ? 'breaker-opened' : 'breaker-closed', tokenType }))
  const counts = { calls: 0, saved: 0, refused: 0, billed: 0 }
  /** Clerk asked not to be asked until then. */
  let paused: { readonly since: Instant; readonly forMs: number } | undefined

  function verify(token: string): Eventually<MachineAuth> {
    return andThen(sha256(token), (digest) => {
      const remembered = verdicts.get(digest)
      if (remembered !== undefined) {
        counts.saved++
        if (typeof remembered === 'string') throw new AuthError(remembered)
        return remembered
      }
      giveUpOverdue()
      const shared = inFlight.calls.get(questionOf(digest))
      if (!shared) return ask(token, digest)
      counts.saved++
      return answerOf(shared, token, digest)
    })
  }

  // A given `fetch` may never settle, so callers stop waiting for a call that is overdue, and it takes no place.
  async function answerOf(shared: Call, token: string, digest: string): Promise<MachineAuth> {
    const verdict = await withPatience(shared.verdict(), shared.overdueAt - clock.monotonic(), () => {
      throw notAsked('verification-unavailable', 1000)
    })
    if (verdict !== ABANDONED) return judge(verdict)
    const question = questionOf(digest)
    if (inFlight.calls.get(question) === shared) inFlight.calls.delete(question)
    return verify(token)
  }

  /** The oldest is the first. */
  function giveUpOverdue(): void {
    for (const [question, { overdueAt }] of inFlight.calls) {
      if (clock.monotonic() < overdueAt) return
      inFlight.calls.delete(question)
    }
  }

  /** Nobody shares a call from before something was forgotten: its answer may be from before a revocation. */
  function questionOf(digest: string): string {
    return `${verdicts.epoch()} ${digest}`
  }

  function ask(token: string, digest: string): Promise<MachineAuth> {
    const known = verdicts.isKnown(digest)
    checkMayAsk(known)
    const question = questionOf(digest)
    const overdueAt = clock.monotonic() + timeoutInMs + GRACE_IN_MS
    const verdict = attempts(token, known)
      .then((verdict) => remember(verdict, digest, question))
      // Where this call was given up, another one may have its place.
      .finally(() => inFlight.calls.get(question) === call && inFlight.calls.delete(question))
    const call: Call = { overdueAt, verdict: sharedCall(verdict) }
    inFlight.calls.set(question, call)
    return verdict.then(judge)
  }

  function checkMayAsk(known: boolean): void {
    const most = known ? inFlight.most : Math.ceil(inFlight.most * SHARE_OF_STRANGERS)
    if (inFlight.calls.size >= most) throw notAsked('verification-unavailable', 1000)
    if (pausedForMs() > 0) throw notAsked('verification-rate-limited', pausedForMs())
    if (breaker.openForMs() > 0) throw notAsked('verification-unavailable', breaker.openForMs())
    if (!budget.take(known)) throw notAsked('verification-rate-limited', budget.nextInMs(known))
    breaker.asked()
  }

  function pausedForMs(): number {
    return paused ? paused.forMs - elapsedSince(paused.since, clock) : 0
  }

  function notAsked(code: 'verification-unavailable' | 'verification-rate-limited', waitInMs: number): AuthError {
    counts.refused++
    emit({ type: 'verification-not-asked', tokenType, code })
    return new AuthError(code, { retryAfter: Math.min(60, Math.max(1, Math.ceil(waitInMs / 1000))) })
  }

  async function attempts(token: string, known: boolean): Promise<Verdict> {
    const since = instantOf(clock)
    for (let left = retries; ; left--) {
      const timeLeft = timeoutInMs - elapsedSince(since, clock)
      counts.calls++
      const verdict = await askClerk(options, token, timeLeft, closed)
      note(verdict)
      const mayRetry = verdict.active === undefined && verdict.again && left > 0 && !closed.aborted
      const hasTime = timeoutInMs - elapsedSince(since, clock) >= MIN_ATTEMPT_IN_MS
      const isLeftAlone = pausedForMs() > 0 || breaker.openForMs() > 0
      if (!mayRetry || !hasTime || isLeftAlone || !budget.take(known)) return verdict
    }
  }

  function note(verdict: Verdict): void {
    emit({ type: 'verification-asked', tokenType, outcome: verdict.active ? 'passed' : verdict.code })
    if (verdict.active !== undefined) {
      if (tokenType !== 'oauth_token') counts.billed++
      return breaker.answered()
    }
    const { code, details } = verdict
    if (verdict.isDown) breaker.failed()
    else breaker.answered()
    if (code === 'verification-misconfigured') warnOnce('CLERK_AUTH_MISCONFIGURED', `${MISCONFIGURED} (${tokenType})`)
    if (code === 'verification-rate-limited') paused = { since: instantOf(clock), forMs: details.retryAfter * 1000 }
  }

  function remember(verdict: Verdict, digest: string, question: string): Verdict {
    // Asked before something was forgotten: it may be from before a revocation, or from before the token was made.
    if (question !== questionOf(digest)) return verdict
    if (verdict.active) verdicts.passed(digest, verdict.auth)
    if (verdict.active === false) verdicts.refused(digest, verdict.code, verdict.isLasting)
    return verdict
  }

  return { verify, stats: () => ({ ...counts }) }
}

/** Callers who share a call have an error each. */
function judge(verdict: Verdict): MachineAuth {
  if (verdict.active) return verdict.auth
  throw new AuthError(verdict.code, verdict.active === undefined ? verdict.details : {})
}
