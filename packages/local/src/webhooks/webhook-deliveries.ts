import { createQueue, type Queue } from './delivery-queue.js'
import { shownUrl, type WebhookEndpoint } from './webhook-endpoint.js'
import type { WebhookEventType } from '../model/webhook-event.js'
import type { PostAnswer } from './webhook-post.js'

/** The delivery of one event to one endpoint. Times are milliseconds since the epoch, by the system clock. */
export interface WebhookDelivery {
  /** `msg_…`: the `svix-id`, the same for every endpoint and in every attempt */
  readonly id: string
  readonly type: WebhookEventType
  /** id of the endpoint */
  readonly endpoint: string
  /** origin and path of the endpoint */
  readonly url: string
  /** of the last response; `null`: none */
  readonly status: number | null
  /** why the last attempt got no response, such as `ECONNREFUSED` */
  readonly reason: string | null
  readonly attempts: number
  /**
   * `pending`: the first attempt, or that of a resend, has not ended; `waiting`: it failed and will be retried;
   * `failed`: no more retries; `dropped`: cancelled, because the endpoint was removed or too many deliveries wait
   */
  readonly outcome: 'pending' | 'delivered' | 'waiting' | 'failed' | 'dropped'
  /** when the event occurred */
  readonly at: number
  /** `null`: no further attempt, or one is in progress */
  readonly nextAttemptAt: number | null
}

/** The event in a request. */
export interface WebhookMessage {
  readonly id: string
  readonly type: WebhookEventType
  readonly body: string
}

export interface Deliveries {
  readonly add: (message: WebhookMessage, endpoint: WebhookEndpoint) => void
  /** @throws {TypeError} if the delivery is unknown or its endpoint was removed */
  readonly resend: (id: string) => void
  /** newest first */
  readonly latest: () => readonly WebhookDelivery[]
  /** number of deliveries dropped because too many waited */
  readonly droppedCount: () => number
  readonly pending: () => number
  /** Resolves once no delivery is pending. */
  readonly settled: () => Promise<void>
  /** Calls the listener after every attempt. */
  readonly watch: (listener: (delivery: WebhookDelivery) => void) => () => void
  readonly drop: (endpointId: string) => void
  /** Cancels and removes all deliveries. */
  readonly reset: () => void
}

export type Attempt = (message: WebhookMessage, endpoint: WebhookEndpoint, signal: AbortSignal) => Promise<PostAnswer>

/** Svix's delay after each failure, in milliseconds (https://docs.svix.com/retries). */
const DELAYS_IN_MS = [5, 300, 1800, 7200, 18_000, 36_000, 36_000].map((seconds) => seconds * 1000)

/**
 * An endpoint that refuses connections and has never responded is probably an API that is still starting. At first one
 * delivery probes it, and the others follow once the endpoint responds or the time is up.
 */
const PROBE_EVERY_MS = 250
const PROBE_FOR_MS = 30_000

interface Probe {
  /** milliseconds since the epoch */
  readonly until: number
  /** the delivery that probes */
  readonly by: Job
}

const MAX_REMEMBERED = 200
const MAX_WAITING = 1000

type Job = { -readonly [Field in keyof WebhookDelivery]: WebhookDelivery[Field] } & {
  readonly message: WebhookMessage
  readonly to: WebhookEndpoint
  /** consecutive failures since it was sent or resent */
  failures: number
  /** removes it from the queue, or cancels its attempt or its wait for the next one */
  stop: () => void
}

export function createDeliveries(attempt: Attempt, delaysInMs: readonly number[] = DELAYS_IN_MS): Deliveries {
  let remembered: readonly Job[] = []
  let droppedCount = 0
  let watchers: readonly ((delivery: WebhookDelivery) => void)[] = []
  let waiters: readonly (() => void)[] = []
  /** by endpoint id */
  const queues = new Map<string, Queue<Job>>()
  /** by endpoint id; `'over'`: it has responded, or the time is up */
  const probes = new Map<string, Probe | 'over'>()
  /** deliveries that have not ended, oldest first */
  const open = new Set<Job>()
  const pending = () => [...open].filter(({ outcome }) => outcome === 'pending').length

  function begin(job: Job): void {
    job.stop()
    open.delete(job)
    const [oldest] = open
    if (oldest && open.size >= MAX_WAITING) {
      end(oldest, 'dropped')
      droppedCount++
    }
    open.add(job)
    Object.assign(job, { outcome: 'pending', failures: 0 })
    enqueue(job)
  }

  function enqueue(job: Job): void {
    const { id } = job.to
    const queue = queues.get(id) ?? createQueue(deliver)
    queues.set(id, queue)
    job.nextAttemptAt = null
    job.stop = () => queue.remove(job)
    queue.add(job)
  }

  async function deliver(job: Job): Promise<void> {
    const stopping = new AbortController()
    job.stop = () => stopping.abort()
    const answer = await attempt(job.message, job.to, stopping.signal)
    if (stopping.signal.aborted) return
    job.attempts++
    Object.assign(job, answer)
    if (isSuccess(answer)) end(job, 'delivered')
    else tryLater(job)
    notifyWatchers(job)
    if (answer.status !== null) endProbe(job.endpoint)
    notifyIfSettled()
  }

  function tryLater(job: Job): void {
    const delay = probeDelay(job) ?? delaysInMs[job.failures++]
    if (delay === undefined) return end(job, 'failed')
    job.outcome = 'waiting'
    job.nextAttemptAt = Date.now() + delay
    const timer = setTimeout(() => enqueue(job), delay)
    timer.unref()
    job.stop = () => clearTimeout(timer)
  }

  /** In milliseconds, if the endpoint refused the connection and has never responded; otherwise `undefined`. */
  function probeDelay(job: Job): number | undefined {
    const probe = probes.get(job.endpoint) ?? { until: Date.now() + PROBE_FOR_MS, by: job }
    const rest = probe === 'over' ? 0 : probe.until - Date.now()
    if (probe === 'over' || rest <= 0) {
      probes.set(job.endpoint, 'over')
      return undefined
    }
    const by = open.has(probe.by) ? probe.by : job
    probes.set(job.endpoint, { ...probe, by })
    if (job.reason !== 'ECONNREFUSED') return undefined
    return by === job ? PROBE_EVERY_MS : rest
  }

  /** Sends the deliveries that waited for the endpoint, in order. */
  function endProbe(endpoint: string): void {
    const probe = probes.get(endpoint)
    probes.set(endpoint, 'over')
    if (probe === undefined || probe === 'over') return
    for (const job of open) {
      if (job.endpoint !== endpoint || job.outcome !== 'waiting' || job.reason !== 'ECONNREFUSED') continue
      job.stop()
      enqueue(job)
    }
  }

  function end(job: Job, outcome: WebhookDelivery['outcome']): void {
    job.stop()
    open.delete(job)
    Object.assign(job, { outcome, nextAttemptAt: null })
  }

  function notifyWatchers(job: Job): void {
    const delivery = viewOf(job)
    for (const watcher of watchers) queueMicrotask(() => watcher(delivery))
  }

  function notifyIfSettled(): void {
    if (pending() > 0) return
    for (const waiter of waiters) waiter()
    waiters = []
  }

  function dropAll(jobs: Iterable<Job>): void {
    for (const job of jobs) end(job, 'dropped')
    notifyIfSettled()
  }

  return {
    add(message, to) {
      const job = newJob(message, to)
      remembered = [job, ...remembered.slice(0, MAX_REMEMBERED - 1)]
      begin(job)
    },
    resend(id) {
      const found = remembered.filter((job) => job.id === id && queues.has(job.endpoint))
      if (found.length === 0)
        throw new TypeError('resend() takes the id of a delivery in deliveries() whose endpoint has not been removed')
      for (const job of found.toReversed()) if (job.outcome !== 'pending') begin(job)
    },
    latest: () => remembered.map(viewOf),
    droppedCount: () => droppedCount,
    pending,
    settled: () =>
      new Promise((resolve) => {
        waiters = [...waiters, resolve]
        notifyIfSettled()
      }),
    watch(watcher) {
      watchers = [...watchers, watcher]
      return () => void (watchers = watchers.filter((other) => other !== watcher))
    },
    drop(endpointId) {
      queues.delete(endpointId)
      probes.delete(endpointId)
      dropAll([...open].filter(({ endpoint }) => endpoint === endpointId))
    },
    reset() {
      queues.clear()
      probes.clear()
      dropAll([...open])
      remembered = []
      droppedCount = 0
    },
  }
}

/** As in Svix, a redirect is a failure. */
function isSuccess({ status }: PostAnswer): boolean {
  return status !== null && status >= 200 && status < 300
}

function newJob(message: WebhookMessage, to: WebhookEndpoint): Job {
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

function viewOf(job: Job): WebhookDelivery {
  const { message: _message, to: _to, failures: _failures, stop: _stop, ...delivery } = job
  return delivery
}
