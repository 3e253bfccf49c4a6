import { absentKids } from './absent-kids.js'
import { backOffOf } from './back-off.js'
import { aheadInMs, reportClockSkew } from './clock-skew.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import { AuthError } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import { fetchKeySet, KeySetRefused, type KeySetAnswer, type KeySetRequest } from './fetch-key-set.js'
import type { VerificationKey } from './jwk.js'
import { keyOf, usableKeys, type KeySet } from './jwks.js'
import type { KeySource } from './key-source.js'
import { claimKeySet, shareKeySet, type SharedKeySet } from './shared-key-set.js'
import type { Lease, Sharing } from '../fleet/sharing.js'
import { isLocalIssuer } from '../token/local-issuer.js'
import { withTimeout } from '../support/timeout.js'
import { ioEndsWithRequest } from '../support/io-ends-with-request.js'
import { singleFlight } from '../support/single-flight.js'
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
  /** Shares the key set with other processes. */
  readonly sharing?: Sharing | undefined
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
const UNKNOWN_KID_BURST = 2
const GRACE_IN_MS = SECOND
const KEY_SET = 'key set'

/** A response of the issuer. A later one replaces it as a whole. */
interface Snapshot {
  readonly set: KeySet
  /** The JWK Set itself, if this process has fetched it. */
  readonly json: unknown
  /** The number of the question that it answers, from 1. */
  readonly question: number
  readonly fetchedAt: Instant
  /** The age in milliseconds from which it is no longer fresh. */
  readonly freshFor: number
  /** The age in milliseconds from which it is refreshed in the background. */
  readonly refreshFrom: number
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
  const { sharing, clock, clockSkewInMs, emit, policy, random = Math.random } = options
  const { staleInMs = HOUR, timeoutInMs = 3 * SECOND } = policy
  // No limit for a local instance, so that in tests every made-up key id gets 401.
  const unknownKidEveryMs = policy.unknownKidEveryMs ?? (isLocalIssuer(options.url) ? 0 : 10 * SECOND)

  let snapshot: Snapshot | undefined
  /** How often the issuer, or another process, was asked. */
  let asks = 0
  let fetches = 0
  let failures = 0
  let notAsked = 0
  const closed = new AbortController()
  const inFlight = singleFlight<void>(timeoutInMs + GRACE_IN_MS, clock)
  const backOff = backOffOf(clock, random)
  const budget = tokenBucket(rateForUnknownKids(unknownKidEveryMs), clock)
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
    const arrivedAfter = asks
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
    await withTimeout(ask(), waitInMs, () => {})
  }

  function waitLeftPastFreshness(): number {
    const askedAt = inFlight.startedAt(KEY_SET)
    if (askedAt) return WAIT_PAST_FRESHNESS_IN_MS - elapsedSince(askedAt, clock)
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
    if (isAsking() || (mayAsk() && budget.take())) return ask()
    throw cannotAskYet(answer)
  }

  /**
   * A response that just arrived is used by the callers who waited for it, regardless of its freshness and of clock
   * changes.
   */
  function snapshotAfterAsking(): Snapshot | undefined {
    return backOff.failure() ? snapshotThatServes() : snapshot
  }

  async function askWithoutKeys(): Promise<void> {
    if (!isAsking()) {
      if (!mayAsk()) throw unavailable()
      budget.take()
    }
    return ask()
  }

  function snapshotThatServes(): Snapshot | undefined {
    if (!snapshot || elapsedSince(snapshot.fetchedAt, clock) < snapshot.freshFor + staleInMs) return snapshot
    return undefined
  }

  function mayAsk(): boolean {
    return !isAsking() && !closed.signal.aborted && backOffLeft() <= 0
  }

  function isAsking(): boolean {
    return inFlight.startedAt(KEY_SET) !== undefined
  }

  function backOffLeft(): number {
    return backOff.leftInMs(snapshotThatServes() !== undefined)
  }

  function unavailable(): AuthError {
    return new AuthError('keys-unavailable', {
      retryAfter: secondsFrom(backOffLeft()),
      cause: backOff.failure()?.cause,
    })
  }

  /** Not a 401, because the key may be new. */
  function cannotAskYet({ refreshFrom, fetchedAt }: Snapshot): AuthError {
    const refreshInMs = refreshFrom - elapsedSince(fetchedAt, clock)
    const retryInMs = Math.max(0, backOffLeft(), Math.min(budget.nextInMs(), refreshInMs))
    notAsked++
    emit({ type: 'keys-not-asked', retryInMs: Math.round(retryInMs) })
    return new AuthError('keys-unavailable', {
      message: 'the key of the token is not in the key set, and the issuer cannot be asked about it yet',
      retryAfter: secondsFrom(retryInMs),
      cause: backOff.failure()?.cause,
    })
  }

  /** Joins the fetch in flight, or starts one. Fulfils when it has ended, whether it succeeded or failed. */
  function ask(): Promise<void> {
    return inFlight.run(KEY_SET, async () => {
      const question = ++asks
      const claimed = sharing && (await claimKeySet(sharing, options.url, snapshotAge()))
      if (claimed && 'found' in claimed) return adopt(claimed.found)
      fetches++
      const since = instantOf(clock)
      const outcome = await fetchKeySet(options, timeoutInMs, closed.signal).then(
        (answer) => () => accept(answer, since, question),
        (cause: unknown) => () => refuse(cause, since),
      )
      // An abandoned fetch may end after a later one has started.
      if (question === asks) outcome()
      if (!claimed) return
      if (snapshot?.question === question) share(claimed, snapshot)
      else void claimed.settle()
    })
  }

  function snapshotAge(): number {
    return snapshot ? elapsedSince(snapshot.fetchedAt, clock) : Number.POSITIVE_INFINITY
  }

  function share(lease: Lease, { json, freshFor }: Snapshot): void {
    shareKeySet(lease, { jwks: json, freshFor }, freshFor * REFRESH_FROM)
  }

  /** Takes over the key set of another process. It was asked for earlier, so it does not prove that a key is absent. */
  function adopt({ set, ageInMs, freshFor }: SharedKeySet): void {
    const { now, monotonic } = instantOf(clock)
    const fetchedAt = { now: now - ageInMs, monotonic: monotonic - ageInMs }
    const question = snapshot?.question ?? 0
    replaceSnapshot({ set, json: undefined, question, fetchedAt, freshFor, refreshFrom: refreshFromOf(freshFor) })
    emit({ type: 'keys-shared', keys: usableKeys(set), ageInMs })
  }

  function accept(answer: KeySetAnswer, since: Instant, question: number): void {
    const { set, json, maxAgeInMs, retryAfterInMs, sent } = answer
    // The new set has no usable keys but the old one does: an error, not a rotation.
    if (usableKeys(set) === 0 && snapshot && usableKeys(snapshot.set) > 0)
      return refuse(new KeySetRefused('the key set has no usable key', retryAfterInMs), since)

    const freshFor = policy.freshInMs ?? maxAgeInMs ?? 5 * MINUTE
    replaceSnapshot({ set, json, question, fetchedAt: since, freshFor, refreshFrom: refreshFromOf(freshFor) })
    const keys = usableKeys(set)
    emit({ type: 'keys-fetched', keys, unsuitable: set.size - keys, tookInMs: elapsedSince(since, clock) })
    // A local instance uses the clock of this machine, so a difference means that a test has set the clock.
    if (!sent || isLocalIssuer(options.url)) return
    const ahead = aheadInMs(sent, clock.now(), clock.monotonic() - since.monotonic)
    reportClockSkew(ahead, clockSkewInMs, emit)
  }

  function replaceSnapshot(next: Snapshot): void {
    snapshot = next
    backOff.answered()
    absent.published(next.set.keys())
  }

  function refreshFromOf(freshFor: number): number {
    return freshFor * (REFRESH_FROM + (1 - REFRESH_FROM) * 0.5 * random())
  }

  function refuse(cause: unknown, since: Instant): void {
    failures++
    backOff.failed(cause, cause instanceof KeySetRefused ? (cause.retryAfterInMs ?? 0) : 0)
    const serving = snapshotThatServes() !== undefined
    const reason = cause instanceof KeySetRefused ? cause.message : 'no answer'
    const tookInMs = elapsedSince(since, clock)
    emit({ type: 'keys-failed', reason, serving, retryInMs: Math.round(backOffLeft()), tookInMs })
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
function rateForUnknownKids(everyMs: number): Rate {
  if (everyMs === 0) return { perSecond: 1, burst: Number.POSITIVE_INFINITY }
  return { perSecond: 1000 / everyMs, burst: UNKNOWN_KID_BURST }
}

/** `Retry-After`, at least one second. */
function secondsFrom(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND))
}
