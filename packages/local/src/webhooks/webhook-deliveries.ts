import { createLane, type Lane } from './webhook-lane.js'
import { shownUrl, type WebhookEndpoint } from './webhook-endpoint.js'
import type { WebhookEventType } from './webhook-event.js'
import type { PostAnswer } from './webhook-post.js'

/** One event on its way to one endpoint. Times are milliseconds since the epoch, of the machine and not of the instance's clock. */
export interface WebhookDelivery {
  /** `msg_…`: the `svix-id`, the same for every endpoint and in every attempt */
  readonly id: string
  readonly type: WebhookEventType
  /** id of the endpoint */
  readonly endpoint: string
  /** origin and path of the endpoint */
  readonly url: string
  /** of the last answer; `null`: none came */
  readonly status: number | null
  /** why no answer came to the last attempt, such as `ECONNREFUSED` */
  readonly reason: string | null
  readonly attempts: number
  /**
   * `pending`: the first attempt, or that of a resend, has not ended; `waiting`: it failed, and there will be another;
   * `failed`: there will be none; `dropped`: given up before that, as the endpoint was removed or too many others wait
   */
  readonly outcome: 'pending' | 'delivered' | 'waiting' | 'failed' | 'dropped'
  /** when the event came */
  readonly at: number
  /** `null`: there will be none, or it is under way */
  readonly nextAttemptAt: number | null
}

/** An event as it is sent. */
export interface WebhookMessage {
  readonly id: string
  readonly type: WebhookEventType
  readonly body: string
}

export interface Deliveries {
  readonly add: (message: WebhookMessage, endpoint: WebhookEndpoint) => void
  /** @throws {TypeError} when none of this id is remembered */
  readonly resend: (id: string) => void
  /** newest first */
  readonly latest: () => readonly WebhookDelivery[]
  /** how many were dropped because too many waited */
  readonly overflow: () => number
  readonly pending: () => number
  /** Resolves as soon as none is pending. */
  readonly settled: () => Promise<void>
  /** Tells of every attempt that has ended. */
  readonly watch: (listener: (delivery: WebhookDelivery) => void) => () => void
  readonly drop: (endpointId: string) => void
  /** Ends all, and forgets them. */
  readonly reset: () => void
}

export type Attempt = (message: WebhookMessage, endpoint: WebhookEndpoint, signal: AbortSignal) => Promise<PostAnswer>

/** What Svix waits after each failure, in milliseconds (https://docs.svix.com/retries). */
const DELAYS_IN_MS = [5, 300, 1800, 7200, 18_000, 36_000, 36_000].map((seconds) => seconds * 1000)

/**
 * An endpoint that refuses connections and has never answered is most likely an API that is still starting. During its
 * first seconds one delivery knocks, and the others follow as soon as the endpoint answers or the time is up.
 */
const KNOCK_EVERY_MS = 250
const KNOCK_FOR_MS = 30_000

interface Knock {
  /** milliseconds since the epoch */
  readonly until: number
  /** the delivery that knocks */
  readonly by: Trip
}

const MAX_REMEMBERED = 200
const MAX_WAITING = 1000

type Trip = { -readonly [Field in keyof WebhookDelivery]: WebhookDelivery[Field] } & {
  readonly message: WebhookMessage
  readonly to: WebhookEndpoint
  /** in a row, since it was sent or sent again */
  failures: number
  /** ends what is under way: a place in the lane, an attempt, or the wait for one */
  stop: () => void
}

export function createDeliveries(attempt: Attempt, delaysInMs: readonly number[] = DELAYS_IN_MS): Deliveries {
  let remembered: readonly Trip[] = []
  let overflow = 0
  let watchers: readonly ((delivery: WebhookDelivery) => void)[] = []
  let waiters: readonly (() => void)[] = []
  const lanes = new Map<string, Lane<Trip>>()
  /** by the endpoint's id; `'over'`: it has answered, or the time is up */
  const knocks = new Map<string, Knock | 'over'>()
  /** those that go on, oldest first */
  const open = new Set<Trip>()
  const pending = () => [...open].filter(({ outcome }) => outcome === 'pending').length

  function begin(trip: Trip): void {
    trip.stop()
    open.delete(trip)
    const [oldest] = open
    if (oldest && open.size >= MAX_WAITING) {
      end(oldest, 'dropped')
      overflow++
    }
    open.add(trip)
    Object.assign(trip, { outcome: 'pending', failures: 0 })
    lineUp(trip)
  }

  function lineUp(trip: Trip): void {
    const { id } = trip.to
    const lane = lanes.get(id) ?? createLane(go)
    lanes.set(id, lane)
    trip.nextAttemptAt = null
    trip.stop = () => lane.remove(trip)
    lane.add(trip)
  }

  async function go(trip: Trip): Promise<void> {
    const stopping = new AbortController()
    trip.stop = () => stopping.abort()
    const answer = await attempt(trip.message, trip.to, stopping.signal)
    if (stopping.signal.aborted) return
    trip.attempts++
    Object.assign(trip, answer)
    if (isSuccess(answer)) end(trip, 'delivered')
    else tryLater(trip)
    tellOf(trip)
    if (answer.status !== null) stopKnocking(trip.endpoint)
    letGo()
  }

  function tryLater(trip: Trip): void {
    const delay = knockDelay(trip) ?? delaysInMs[trip.failures++]
    if (delay === undefined) return end(trip, 'failed')
    trip.outcome = 'waiting'
    trip.nextAttemptAt = Date.now() + delay
    const timer = setTimeout(() => lineUp(trip), delay)
    timer.unref()
    trip.stop = () => clearTimeout(timer)
  }

  /** In milliseconds, for an endpoint that refused the connection and has never answered; otherwise `undefined`. */
  function knockDelay(trip: Trip): number | undefined {
    const knock = knocks.get(trip.endpoint) ?? { until: Date.now() + KNOCK_FOR_MS, by: trip }
    const rest = knock === 'over' ? 0 : knock.until - Date.now()
    if (knock === 'over' || rest <= 0) {
      knocks.set(trip.endpoint, 'over')
      return undefined
    }
    const by = open.has(knock.by) ? knock.by : trip
    knocks.set(trip.endpoint, { ...knock, by })
    if (trip.reason !== 'ECONNREFUSED') return undefined
    return by === trip ? KNOCK_EVERY_MS : rest
  }

  /** What waited for the endpoint goes there now, in the order in which it came. */
  function stopKnocking(endpoint: string): void {
    const knock = knocks.get(endpoint)
    knocks.set(endpoint, 'over')
    if (knock === undefined || knock === 'over') return
    for (const trip of open) {
      if (trip.endpoint !== endpoint || trip.outcome !== 'waiting' || trip.reason !== 'ECONNREFUSED') continue
      trip.stop()
      lineUp(trip)
    }
  }

  function end(trip: Trip, outcome: WebhookDelivery['outcome']): void {
    trip.stop()
    open.delete(trip)
    Object.assign(trip, { outcome, nextAttemptAt: null })
  }

  function tellOf(trip: Trip): void {
    const delivery = viewOf(trip)
    for (const watcher of watchers) queueMicrotask(() => watcher(delivery))
  }

  function letGo(): void {
    if (pending() > 0) return
    for (const waiter of waiters) waiter()
    waiters = []
  }

  function dropAll(trips: Iterable<Trip>): void {
    for (const trip of trips) end(trip, 'dropped')
    letGo()
  }

  return {
    add(message, to) {
      const trip = newTrip(message, to)
      remembered = [trip, ...remembered.slice(0, MAX_REMEMBERED - 1)]
      begin(trip)
    },
    resend(id) {
      const found = remembered.filter((trip) => trip.id === id && lanes.has(trip.endpoint))
      if (found.length === 0)
        throw new TypeError('resend() takes the id of one of deliveries(), whose endpoint is still there')
      for (const trip of found.toReversed()) if (trip.outcome !== 'pending') begin(trip)
    },
    latest: () => remembered.map(viewOf),
    overflow: () => overflow,
    pending,
    settled: () =>
      new Promise((resolve) => {
        waiters = [...waiters, resolve]
        letGo()
      }),
    watch(watcher) {
      watchers = [...watchers, watcher]
      return () => void (watchers = watchers.filter((other) => other !== watcher))
    },
    drop(endpointId) {
      lanes.delete(endpointId)
      knocks.delete(endpointId)
      dropAll([...open].filter(({ endpoint }) => endpoint === endpointId))
    },
    reset() {
      lanes.clear()
      knocks.clear()
      dropAll([...open])
      remembered = []
      overflow = 0
    },
  }
}

/** A redirect is no success either, as at Svix. */
function isSuccess({ status }: PostAnswer): boolean {
  return status !== null && status >= 200 && status < 300
}

function newTrip(message: WebhookMessage, to: WebhookEndpoint): Trip {
  return {
    id: message.id,
    type: message.type,
    endpoint: to.id,
    url: shownUrl(to.url),
    status: null,
    reason: null,
    attempts: 0,
    outcome: 'pending',
    at: Date.now(),
    nextAttemptAt: null,
    message,
    to,
    failures: 0,
    stop: () => {},
  }
}

function viewOf(trip: Trip): WebhookDelivery {
  const { message: _message, to: _to, failures: _failures, stop: _stop, ...delivery } = trip
  return delivery
}
