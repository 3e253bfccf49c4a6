import { instantOf, type Clock, type Instant } from './clock.js'
import { ioEndsWithRequest } from './io-ends-with-request.js'
import { withTimeout } from './timeout.js'

/** Concurrent callers with the same key share one call. */
export interface SingleFlight<T> {
  /**
   * Joins the call in flight for `key`, or starts `call`. Settles as that call does.
   *
   * @param call receives its number, as {@link callsStarted} counts
   * @param startedAfter joins only a call with a higher number. Waits for one with a lower number to end, for at most a
   *   second, so that all who wait share the next call
   */
  readonly run: (key: string, call: (number: number) => Promise<T>, startedAfter?: number) => Promise<T>
  /** When the call in flight for `key` started; `undefined` if there is none. */
  readonly startedAt: (key: string) => Instant | undefined
}

const MAX_WAIT_FOR_EARLIER_IN_MS = 1000

/** A number, not a time: on Workers the clock stands still while a request runs. */
let started = 0

/** How many calls have started. What starts later has a higher number. */
export function callsStarted(): number {
  return started
}

interface Flight<T> {
  readonly number: number
  readonly startedAt: Instant
  readonly outcome: SharedCall<T>
}

/** Waits for a call that another request may have started. Settles as the call does, or with {@link ABANDONED}. */
type SharedCall<T> = () => Promise<T | typeof ABANDONED>

/** What a caller gets instead of an outcome if the request that started the call ended before the call. */
const ABANDONED: unique symbol = Symbol('abandoned')

/**
 * @param overdueInMs a call that has not settled by then is abandoned and the next caller starts another. Calls have
 *   timeouts of their own; this is for runtimes that end them with their request, timers included.
 */
export function singleFlight<T>(overdueInMs: number, clock: Clock): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>()
  const timeLeft = ({ startedAt }: Flight<T>) => overdueInMs - (clock.monotonic() - startedAt.monotonic)

  async function run(key: string, call: (number: number) => Promise<T>, startedAfter = 0): Promise<T> {
    const earlier = inFlight(key)
    if (earlier && earlier.number <= startedAfter)
      await withTimeout<unknown>(Promise.allSettled([earlier.outcome()]), MAX_WAIT_FOR_EARLIER_IN_MS, () => {})
    const flight = inFlight(key)
    if (!flight || flight.number <= startedAfter) return start(key, call)
    const outcome = await withTimeout<T | typeof ABANDONED>(flight.outcome(), timeLeft(flight), () => ABANDONED)
    if (outcome !== ABANDONED) return outcome
    drop(key, flight)
    return run(key, call, startedAfter)
  }

  function start(key: string, call: (number: number) => Promise<T>): Promise<T> {
    const number = ++started
    const outcome = call(number).finally(() => drop(key, flight))
    const flight = { number, startedAt: instantOf(clock), outcome: sharedCall(outcome) }
    // Deleted first, because the map is in order of age.
    flights.delete(key)
    flights.set(key, flight)
    return outcome
  }

  /** Another call may have replaced an abandoned one. */
  function drop(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key)
  }

  function inFlight(key: string): Flight<T> | undefined {
    // In order of age: so many abandoned calls cost little.
    for (const [key, flight] of flights) {
      if (timeLeft(flight) > 0) break
      flights.delete(key)
    }
    return flights.get(key)
  }

  return { run, startedAt: (key) => inFlight(key)?.startedAt }
}

/** How often a call on Workers signals that it is alive, and how often its callers poll for the outcome. */
const BEAT_IN_MS = 10
const MOST_MISSED_BEATS = 5

/** Shares a call between requests: by its promise, or on Workers only by its outcome. */
function sharedCall<T>(call: Promise<T>): SharedCall<T> {
  return ioEndsWithRequest() ? watched(call) : () => call
}

/**
 * A timer of the request that started the call counts beats and stops when that request ends. Each caller polls the
 * count and the outcome with its own timers.
 */
function watched<T>(call: Promise<T>): SharedCall<T> {
  let outcome: PromiseSettledResult<T> | undefined
  let beats = 0
  const heart = setInterval(() => beats++, BEAT_IN_MS)
  void Promise.allSettled([call]).then(([settled]) => {
    outcome = settled
    clearInterval(heart)
  })
  return async () => {
    for (let missed = 0; missed < MOST_MISSED_BEATS;) {
      if (outcome?.status === 'fulfilled') return outcome.value
      if (outcome) throw outcome.reason
      const heard = beats
      await new Promise((resolve) => setTimeout(resolve, BEAT_IN_MS))
      missed = beats === heard ? missed + 1 : 0
    }
    return ABANDONED
  }
}
