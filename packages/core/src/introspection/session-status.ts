import type { SessionAuth } from '../auth/auth.js'
import { AuthError } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import type { Clock } from '../support/clock.js'
import type { HttpAnswer } from '../support/http.js'
import { safeGet } from '../support/safe-get.js'
import { singleFlight } from '../support/single-flight.js'
import { tokenBucket, type Rate } from '../support/token-bucket.js'
import { isNonEmptyString } from './answer.js'
import { askBackend, isClerkError, type BackendApi, type Unanswered } from './ask-clerk.js'
import { laneOf } from './lane.js'
import { notAsked, notAskedError, type NotAsked } from './not-asked.js'
import type { RemoteStats } from './remote.js'

/** Asks Clerk whether a session is still active. Nothing is cached. */
export interface SessionStatus {
  /**
   * Accepts only an answer to a call that started after `startedAfter`.
   *
   * @throws {AuthError} `token-revoked`, `verification-unavailable`, `verification-rate-limited` or
   *   `verification-misconfigured`
   */
  readonly check: (session: Pick<SessionAuth, 'sessionId' | 'userId'>, startedAfter: number) => Promise<void>
  readonly stats: () => RemoteStats
}

export interface SessionStatusOptions extends BackendApi {
  /** For example `v1`. */
  readonly apiVersion: string
  /** For one call, in milliseconds. Default 3 seconds. */
  readonly timeoutInMs?: number | undefined
  readonly clock: Clock
  readonly emit: EventListener
  /** Aborts pending calls. */
  readonly closed: AbortSignal
}

/** What Clerk says: the user of an active session, or that it is not active. */
type Answer = { readonly active: true; readonly userId: string } | { readonly active: false }

const RATE: Rate = { perSecond: 10, burst: 20 }
const GRACE_IN_MS = 1000

export function sessionStatus(options: SessionStatusOptions): SessionStatus {
  const { apiVersion, timeoutInMs = 3000, clock, emit, closed } = options
  const tokenType = 'session_token'
  const budget = tokenBucket(RATE, clock)
  const lane = laneOf(clock, (isOpen) =>
    emit({ type: isOpen ? 'breaker-opened' : 'breaker-closed', tokenType, tokens: 'known' }),
  )
  const calls = singleFlight<Answer | Unanswered | NotAsked>(timeoutInMs + GRACE_IN_MS, clock)
  const counts = { calls: 0, saved: 0, refused: 0, billed: 0, stale: 0 }

  async function check({ sessionId, userId }: Pick<SessionAuth, 'sessionId' | 'userId'>, startedAfter: number) {
    let isShared = true
    const outcome = await calls.run(
      sessionId,
      () => {
        isShared = false
        return ask(sessionId)
      },
      startedAfter,
    )
    if (isShared && !('notAskedForMs' in outcome)) counts.saved++
    if (outcome.active && outcome.userId === userId) return
    if (outcome.active !== undefined) throw new AuthError('token-revoked', { tokenType })
    if (!('notAskedForMs' in outcome)) throw new AuthError(outcome.code, { ...outcome.details, tokenType })
    counts.refused++
    emit({ type: 'verification-not-asked', tokenType, code: outcome.code })
    throw notAskedError(outcome, tokenType)
  }

  async function ask(sessionId: string): Promise<Answer | Unanswered | NotAsked> {
    const blocked = lane.closed()
    if (blocked) return notAsked(blocked.code, blocked.forMs, true)
    if (!budget.take()) return notAsked('verification-rate-limited', budget.nextInMs(), false)
    lane.asked()
    counts.calls++
    const asked = {
      path: `/${apiVersion}/sessions/${encodeURIComponent(sessionId)}`,
      timeoutInMs,
      signal: closed,
    }
    const askedAt = clock.monotonic()
    const answer = await askBackend(options, asked, (answer) => read(answer, sessionId))
    if (answer.active === undefined && answer.isDown) lane.failed()
    else lane.answered()
    if (answer.active === undefined && answer.code === 'verification-rate-limited')
      lane.pause(answer.details.retryAfter * 1000)
    const outcome = answer.active ? 'passed' : answer.active === undefined ? answer.code : 'token-revoked'
    emit({ type: 'verification-asked', tokenType, outcome, tookInMs: clock.monotonic() - askedAt })
    return answer
  }

  return { check, stats: () => ({ ...counts }) }
}

/** @returns `undefined` if the answer says nothing about the session */
function read({ status: httpStatus, json }: HttpAnswer, sessionId: string): Answer | undefined {
  if (httpStatus === 404 && isClerkError(json) && json.errors.every(({ code }) => code === 'resource_not_found'))
    return { active: false }
  if (httpStatus !== 200 || typeof json !== 'object' || json === null) return undefined
  const [id, userId, status] = ['id', 'user_id', 'status'].map((name) => safeGet(json, name))
  if (id !== sessionId || !isNonEmptyString(userId) || !isNonEmptyString(status)) return undefined
  return status === 'active' ? { active: true, userId } : { active: false }
}
