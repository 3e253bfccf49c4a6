import type { EventListener } from '../auth/events.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import { withTimeout } from '../support/timeout.js'
import { warn } from '../support/warning.js'

export type Access = 'read' | 'write'

/** Makes requests to the store, which may be down, slow or full. */
export interface Availability {
  /**
   * The answer of the store; `undefined` if it failed, took too long, or has just failed. Never rejects.
   *
   * @param when `at-once` even if it has just failed
   */
  readonly attempt: <T>(access: Access, request: () => Promise<T>, when?: 'at-once') => Promise<T | undefined>
  /** `any` request, or each `write` only, as of a store that is full or has become a read-only replica. */
  readonly failing: () => 'any' | 'write' | undefined
  readonly stats: () => { readonly isConnected: boolean | null; readonly failures: number }
}

interface Reporter {
  readonly clock: Clock
  readonly emit: EventListener
}

/** A request to the store takes a millisecond; a store that takes longer than this only delays the callers. */
const TIMEOUT_IN_MS = 250
const SLICES = 5
/** The store is left alone for a second after a failure, or after this many timeouts in a row. */
const TIMEOUTS_TO_PAUSE = 3
const PAUSE_IN_MS = 1000

const TIMED_OUT: unique symbol = Symbol('timed out')

/**
 * Asks the store, and reports when it fails and when it is back. After a failure, no requests are made for a second,
 * except `at-once`: the log is still read, so that revocations arrive within a second after the store is back.
 *
 * @param recovered called when the store is back
 */
export function availabilityOf(
  { clock, emit }: Reporter,
  recovered: () => void,
  isClosed: () => boolean,
): Availability {
  let failing: 'any' | 'write' | undefined
  let failedAt: Instant | undefined
  let hasAnswered = false
  /** Whether nothing was written since the store could be read again. */
  let isWriteUntried = false
  let failures = 0
  /** Since the last answer. */
  let timeouts = 0

  async function attempt<T>(access: Access, request: () => Promise<T>, when?: 'at-once'): Promise<T | undefined> {
    if (when !== 'at-once' && isPaused(access)) return undefined
    try {
      const answer = await orTimeout(request())
      if (answer !== TIMED_OUT) {
        answered(access)
        return answer
      }
      if (++timeouts >= TIMEOUTS_TO_PAUSE) failed(access, new Error(`no answer within ${TIMEOUT_IN_MS} ms`))
      else failures++
    } catch (error) {
      // Closing the store ends its requests, which is no outage.
      if (!isClosed()) failed(access, error)
    }
    return undefined
  }

  function isPaused(access: Access): boolean {
    const concerns = failing === 'any' || failing === access
    return concerns && failedAt !== undefined && elapsedSince(failedAt, clock) < PAUSE_IN_MS
  }

  function answered(access: Access): void {
    timeouts = 0
    hasAnswered = true
    // Otherwise a store that is full would recover with each heartbeat.
    if (failing === 'write' && access === 'read') return
    if (access === 'write') isWriteUntried = false
    if (!failing) return
    isWriteUntried = access === 'read'
    failing = undefined
    emit({ type: 'shared-store-recovered' })
    recovered()
  }

  function failed(access: Access, error: unknown): void {
    failures++
    failedAt = instantOf(clock)
    if (!failing) report(error)
    failing = access === 'write' && (failing === 'write' || isWriteUntried) ? 'write' : 'any'
  }

  function report(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown'
    emit({ type: 'shared-store-failed', reason })
    warn(
      'CLERK_AUTH_SHARED',
      `the shared store failed (${reason}). Until it is back, each process asks Clerk itself, and revocations do not ` +
        'reach the other processes.',
    )
  }

  return {
    attempt,
    failing: () => failing,
    stats: () => ({ isConnected: failing ? false : hasAnswered || null, failures }),
  }
}

/**
 * Waits in slices: while the event loop is busy, a timer fires before the answer that has arrived meanwhile is read, so
 * one long timer would not tell a slow store from a busy process.
 */
async function orTimeout<T>(answer: Promise<T>): Promise<T | typeof TIMED_OUT> {
  for (let slice = 0; slice < SLICES; slice++) {
    const settled = await withTimeout<T | typeof TIMED_OUT>(answer, TIMEOUT_IN_MS / SLICES, () => TIMED_OUT)
    if (settled !== TIMED_OUT) return settled
  }
  return TIMED_OUT
}
