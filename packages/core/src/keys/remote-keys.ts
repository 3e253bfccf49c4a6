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
  /** Milliseconds for which a key set is fresh. Default: the answer's `Cache-Control: max-age`, or 5 minutes. */
  readonly freshInMs?: number
  /** Milliseconds past its freshness for which a key set serves while the issuer cannot be asked. Default 1 hour. */
  readonly staleInMs?: number
  /** Milliseconds between fetches that unknown key ids cause; one more is spare. Default 10 seconds; 0 on loopback. */
  readonly unknownKidEveryMs?: number
  /** Milliseconds for one fetch, from connection to the last octet. Default 3 seconds. */
  readonly timeoutInMs?: number
}

export interface RemoteKeysOptions extends KeySetRequest {
  readonly policy: KeyPolicy
  readonly clock: Clock
  /** Milliseconds by which the issuer's clock may differ from ours. */
  readonly clockSkewInMs: number
  readonly emit: EventListener
  /** From 0 to 1. Spreads refreshes and retries, so that a fleet does not ask in step. */
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

/** One answer of the issuer. A later one takes its place as a whole. */
interface Snapshot {
  readonly set: KeySet
  /** Which of the fetches this is the answer to, counted from 1. */
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
  /** Fulfils when the fetch has ended, well or badly. */
  readonly ended: SharedCall<void>
}

/**
 * The key set of an issuer: fetched when it is first needed, refreshed by requests in the background, and asked for
 * again when a token names a key that it lacks.
 *
 * Three things hold it together. All callers share one fetch. Unknown key ids cause few fetches, and are refused only
 * once the issuer was asked about them. And a set in hand serves on while the issuer fails, but never against its
 * answer: a key that the answer lacks is gone at once.
 */
export function remoteKeys(options: RemoteKeysOptions): KeySource {
  const { clock, clockSkewInMs, emit, policy, random = Math.random } = options
  const { staleInMs = HOUR, timeoutInMs = 3 * SECOND } = policy
  // A local instance may be asked at any time, so that in tests every made-up key id is 401, however many there are.
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
    // On Workers a fetch in the background would end with this request, unless `refresh` began it.
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
      // A token without a `kid` is for the only key of a set, and this set has several.
      if (kid === undefined || absent.isAbsent(kid, arrivedAfter, serving)) throw new AuthError('jwk-kid-mismatch')
      await askForUnknown(serving)
    }
  }

  /** Past its freshness a key set serves only once the refresh has ended, or has taken too long. */
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

  /** For a key id that the set in hand lacks: made up, or new since the issuer was last asked. */
  async function askForUnknown(answer: Snapshot): Promise<void> {
    // A fetch that began before the token arrived may bring the key, but cannot prove that it is absent.
    const asked = fetchInFlight()
    if (asked) return endOf(asked)
    if (!mayAsk() || !questions.take()) throw cannotAskYet(answer)
    return ask()
  }

  /** What was answered just now serves those who asked, however short its freshness and whatever the clock did. */
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
      message: 'the key set lacks the key of the token, and the issuer cannot be asked about it yet',
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

  /** What comes of a fetch that was given up does not count any more. */
  function end(asked: Fetching, outcome: () => void): void {
    if (fetching !== asked) return
    fetching = undefined
    outcome()
  }

  /** For a fetch that ended with the request that began it. That is no failure of the issuer, so the next caller asks. */
  function drop(asked: Fetching): void {
    if (fetching === asked) fetching = undefined
  }

  // A given `fetch` may never settle, so a fetch that is overdue is given up.
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
    // Nothing in the new set can verify, and something in the old one can: that is a fault, not a rotation.
    if (usableKeys(set) === 0 && snapshot && usableKeys(snapshot.set) > 0)
      return refuse(new KeySetRefused('the key set holds no key that can verify', retryAfterInMs))

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
    // A local instance runs on the clock of this machine, so a difference means that a test has set the clock.
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

/** How often the issuer may be asked because of unknown key ids. */
function rateOfQuestions(everyMs: number): Rate {
  if (everyMs === 0) return { perSecond: 1, burst: Number.POSITIVE_INFINITY }
  return { perSecond: 1000 / everyMs, burst: UNKNOWN_KID_BURST }
}

/** `Retry-After`, which is at least a second. */
function secondsFrom(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND))
}
