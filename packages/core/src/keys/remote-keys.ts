import { absentKids } from './absent-kids.js'
import { aheadInMs, warnOfClock, type SentBetween } from './clock-skew.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import { AuthError } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import { fetchKeySet, KeySetRefused, type KeySetAnswer, type KeySetRequest } from './fetch-key-set.js'
import type { VerificationKey } from './jwk.js'
import { keyOf, usableKeys, type KeySet } from './jwks.js'
import type { KeySource } from './key-source.js'
import { isLocalIssuer } from '../token/local-issuer.js'
import { withTimeout } from '../support/timeout.js'
import { ABANDONED, ioEndsWithRequest, sharedCall, type SharedCall } from '../support/shared-call.js'
import { tokenBucket, type Rate } from '../support/token-bucket.js'

export interface KeyPolicy {
  /** How long a key set is fresh, in milliseconds. Default: `Cache-Control: max-age` of the response, or 5 minutes. */
  readonly freshInMs?: number
  /**
   * How long a key set is used after it is no longer fresh, while the issuer is unavailable, in milliseconds. Default 1
   * hour.
   */
  readonly staleInMs?: number
  /**
   * Minimum milliseconds between fetches for unknown key ids, with bursts of two. Default 10 seconds; 0 on loopback.
   */
  readonly unknownKidEveryMs?: number
  /** Timeout for one fetch, including the body, in milliseconds. Default 3 seconds. */
  readonly timeoutInMs?: number
}

export interface RemoteKeysOptions extends KeySetRequest {
  readonly policy: KeyPolicy
  readonly clock: Clock
  /** Allowed difference between the issuer's clock and ours, in milliseconds. */
  readonly clockSkewInMs: number
  readonly emit: EventListener
  /** From 0 to 1. Jitter for refreshes and retries, so that a fleet does not fetch in lockstep. */
  readonly random?: () => number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const REFRESH_FROM = 0.8
const WAIT_PAST_FRESHNESS_IN_MS = 500
const MAX_BACK_OFF_IN_MS = MINUTE
const MAX_BACK_OFF_WITHOUT_KEYS_IN_MS = 5 * SECOND
const UNKNOWN_KID_BURST = 2
const GRACE_IN_MS = SECOND

/** A response of the issuer. A later one replaces it as a whole. */
interface Snapshot {
  readonly set: KeySet
  /** The number of the fetch, from 1. */
  readonly question: number
  readonly fetchedAt: Instant
  /** Milliseconds of age. */
  readonly freshFor: number
  readonly refreshFrom: number
}

interface Failure {
  readonly at: Instant
  readonly count: number
  /** Milliseconds. */
  readonly backOff: number
  readonly cause: unknown
}

interface Fetching {
  readonly since: Instant
  /** Fulfils when the fetch has ended, whether it succeeded or failed. */
  readonly ended: SharedCall<void>
}

/**
 * The key set of an issuer: fetched on first use, refreshed in the background, and fetched again when a token names a
 * key that it lacks.
 *
 * It guarantees three things. Concurrent callers share one fetch. Unknown key ids cause few fetches, and are refused
 * only after asking the issuer. A key set stays in use while the issuer fails, but a key missing from a new response is
 * dropped immediately.
 */
export function remoteKeys(options: RemoteKeysOptions): KeySource {
  const { clock, clockSkewInMs, emit, policy, random = Math.random } = options
  const { staleInMs = HOUR, timeoutInMs = 3 * SECOND } = policy
  // No limit for a local instance, so that in tests every made-up key id gets 401.
  const unknownKidEveryMs = policy.unknownKidEveryMs ?? (isLocalIssuer(options.url) ? 0 : 10 * SECOND)

  let snapshot: Snapshot | undefined
  let failure: Failure | undefined
  let fetching: Fetching | undefined
  let fetches = 0
  let failures = 0
  const closed = new AbortController()
  let notAsked = 0
  const questions = tokenBucket(rateOfQuestions(unknownKidEveryMs), clock)
  const absent = absentKids(unknownKidEveryMs, clock)

  function inHand(kid: string | undefined): VerificationKey | undefined {
    const serving = snapshotThatServes()
    if (!serving) return undefined
    const age = elapsedSince(serving.fetchedAt, clock)
    // On Workers a background fetch would end with this request, unless `refresh` started it.
    if (age >= serving.refreshFrom && mayAsk() && !ioEndsWithRequest()) void ask()
    return age >= serving.freshFor && waitLeftPastFreshness() > 0 ? undefined : keyOf(serving.set, kid)
  }

  async function find(kid: string | undefined): Promise<VerificationKey> {
    const arrivedAfter = fetches
    await waitForFreshKeys()
    for (;;) {
      const serving = snapshotAfterAsking()
      if (!serving) throw unavailable()
      const key = keyOf(serving.set, kid)
      if (key) return key
      // A token without a `kid` can only use a set with a single key, and this set has several.
      if (kid === undefined || absent.isAbsent(kid, arrivedAfter, serving)) throw new AuthError('jwk-kid-mismatch')
      await askForUnknown(serving)
    }
  }

  /** A key set that is no longer fresh is used only after the refresh has ended or taken too long. */
  async function waitForFreshKeys(): Promise<void> {
    const serving = snapshotThatServes()
    if (!serving) return askWithoutKeys()
    if (elapsedSince(serving.fetchedAt, clock) < serving.freshFor) return
    const waitInMs = waitLeftPastFreshness()
    if (waitInMs <= 0) return
    const asked = fetchInFlight()
    await withTimeout(asked ? endOf(asked) : ask(), waitInMs, () => {})
  }

  function waitLeftPastFreshness(): number {
    const asked = fetchInFlight()
    if (asked) return WAIT_PAST_FRESHNESS_IN_MS - elapsedSince(asked.since, clock)
    return mayAsk() ? WAIT_PAST_FRESHNESS_IN_MS : 0
  }

  function refresh(): Promise<void> | undefined {
    const serving = snapshotThatServes()
    const isDue = serving && elapsedSince(serving.fetchedAt, clock) >= serving.refreshFrom
    return isDue && mayAsk() ? ask() : undefined
  }

  /** For a key id missing from the current set: made up, or published since the last fetch. */
  async function askForUnknown(answer: Snapshot): Promise<void> {
    // A fetch that started before the token arrived may find the key, but cannot prove that it is absent.
    const asked = fetchInFlight()
    if (asked) return endOf(asked)
    if (!mayAsk() || !questions.take()) throw cannotAskYet(answer)
    return ask()
  }

  /**
   * A response that just arrived is used by the callers who waited for it, regardless of its freshness and of clock
   * changes.
   */
  function snapshotAfterAsking(): Snapshot | undefined {
    return failure ? snapshotThatServes() : snapshot
  }

  async function askWithoutKeys(): Promise<void> {
    const asked = fetchInFlight()
    if (asked) return endOf(asked)
    if (!mayAsk()) throw unavailable()
    questions.take()
    return ask()
  }

  function snapshotThatServes(): Snapshot | undefined {
    if (!snapshot || elapsedSince(snapshot.fetchedAt, clock) < snapshot.freshFor + staleInMs) return snapshot
    return undefined
  }

  function mayAsk(): boolean {
    return !fetchInFlight() && !closed.signal.aborted && backOffLeft() <= 0
  }

  function backOffLeft(): number {
    if (!failure) return 0
    const most = snapshotThatServes() ? MAX_BACK_OFF_IN_MS : MAX_BACK_OFF_WITHOUT_KEYS_IN_MS
    return Math.min(failure.backOff, most) - elapsedSince(failure.at, clock)
  }

  function unavailable(): AuthError {
    return new AuthError('keys-unavailable', { retryAfter: secondsFrom(backOffLeft()), cause: failure?.cause })
  }

  /** Not a 401, because the key may be new. */
  function cannotAskYet({ refreshFrom, fetchedAt }: Snapshot): AuthError {
    const refreshInMs = refreshFrom - elapsedSince(fetchedAt, clock)
    const retryInMs = Math.max(0, backOffLeft(), Math.min(questions.nextInMs(), refreshInMs))
    notAsked++
    emit({ type: 'keys-not-asked', retryInMs: Math.round(retryInMs) })
    return new AuthError('keys-unavailable', {
      message: 'the key of the token is not in the key set, and the issuer cannot be asked about it yet',
      retryAfter: secondsFrom(retryInMs),
      cause: failure?.cause,
    })
  }

  function ask(): Promise<void> {
    const since = instantOf(clock)
    const question = ++fetches
    const ended = fetchKeySet(options, timeoutInMs, closed.signal).then(
      (answer) => end(asked, () => accept(answer, since, question)),
      (cause: unknown) => end(asked, () => refuse(cause)),
    )
    const asked: Fetching = { since, ended: sharedCall(ended) }
    fetching = asked
    return withTimeout(ended, timeLeftFor(asked), () => giveUp(asked))
  }

  /** Ignores the outcome of an abandoned fetch. */
  function end(asked: Fetching, outcome: () => void): void {
    if (fetching !== asked) return
    fetching = undefined
    outcome()
  }

  /**
   * For a fetch that ended with the request that started it. The issuer did not fail, so the next caller fetches again.
   */
  function drop(asked: Fetching): void {
    if (fetching === asked) fetching = undefined
  }

  // A custom `fetch` may never settle, so an overdue fetch is abandoned.
  function fetchInFlight(): Fetching | undefined {
    if (fetching && timeLeftFor(fetching) <= 0) giveUp(fetching)
    return fetching
  }

  async function endOf(asked: Fetching): Promise<void> {
    const ended = await withTimeout(asked.ended(), timeLeftFor(asked), () => giveUp(asked))
    if (ended !== ABANDONED) return
    drop(asked)
    const next = fetchInFlight()
    return next ? endOf(next) : ask()
  }

  function giveUp(asked: Fetching): void {
    end(asked, () => refuse(new Error('the fetch did not end')))
  }

  function timeLeftFor({ since }: Fetching): number {
    return timeoutInMs + GRACE_IN_MS - (clock.monotonic() - since.monotonic)
  }

  function accept({ set, maxAgeInMs, retryAfterInMs, sent }: KeySetAnswer, since: Instant, question: number): void {
    // The new set has no usable keys but the old one does: an error, not a rotation.
    if (usableKeys(set) === 0 && snapshot && usableKeys(snapshot.set) > 0)
      return refuse(new KeySetRefused('the key set has no usable key', retryAfterInMs))

    const freshFor = policy.freshInMs ?? maxAgeInMs ?? 5 * MINUTE
    const refreshFrom = freshFor * (REFRESH_FROM + (1 - REFRESH_FROM) * 0.5 * random())
    snapshot = { set, question, fetchedAt: since, freshFor, refreshFrom }
    failure = undefined
    absent.published(set.keys())
    const keys = usableKeys(set)
    emit({ type: 'keys-fetched', keys, unsuitable: set.size - keys, tookInMs: elapsedSince(since, clock) })
    if (sent) compareClocks(sent, since)
  }

  function compareClocks(sent: SentBetween, since: Instant): void {
    // A local instance uses the clock of this machine, so a difference means that a test has set the clock.
    if (isLocalIssuer(options.url)) return
    const ahead = aheadInMs(sent, clock.now(), clock.monotonic() - since.monotonic)
    if (!(Math.abs(ahead) > clockSkewInMs)) return
    emit({ type: 'clock-skew', aheadInMs: Math.round(ahead) })
    warnOfClock(ahead, clockSkewInMs)
  }

  function refuse(cause: unknown): void {
    failures++
    const count = (failure?.count ?? 0) + 1
    const doubled = Math.min(MAX_BACK_OFF_IN_MS, SECOND * 2 ** (count - 1)) * (0.75 + 0.5 * random())
    const asked = cause instanceof KeySetRefused ? (cause.retryAfterInMs ?? 0) : 0
    failure = { at: instantOf(clock), count, backOff: Math.max(doubled, asked), cause }
    const serving = snapshotThatServes() !== undefined
    const reason = cause instanceof KeySetRefused ? cause.message : 'no answer'
    emit({ type: 'keys-failed', reason, serving, retryInMs: Math.round(backOffLeft()) })
  }

  return {
    inHand,
    find,
    refresh,
    load: async () => {
      if (snapshotThatServes()) return refresh()
      await askWithoutKeys()
      if (!snapshotAfterAsking()) throw unavailable()
    },
    ready: () => snapshotThatServes() !== undefined,
    stats: () => ({
      size: snapshot ? usableKeys(snapshot.set) : 0,
      ageInMs: snapshot ? Math.round(elapsedSince(snapshot.fetchedAt, clock)) : null,
      fetches,
      failures,
      notAsked,
    }),
    close: () => closed.abort(new Error('closed')),
  }
}

/** How often the issuer may be asked about unknown key ids. */
function rateOfQuestions(everyMs: number): Rate {
  if (everyMs === 0) return { perSecond: 1, burst: Number.POSITIVE_INFINITY }
  return { perSecond: 1000 / everyMs, burst: UNKNOWN_KID_BURST }
}

/** `Retry-After`, at least one second. */
function secondsFrom(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND))
}
