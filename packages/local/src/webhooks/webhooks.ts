import type { World } from '../state/world.js'
import { newId } from '../model/ids.js'
import { isObject } from '../support/input.js'
import { createDeliveries, type WebhookDelivery, type WebhookMessage } from './webhook-deliveries.js'
import { newWebhookEndpoint, type WebhookEndpoint, type WebhookEndpointInput } from './webhook-endpoint.js'
import { checkRoom } from '../state/capacity.js'
import type { WebhookEndpoint as StoredEndpoint } from '../model/webhook-endpoint.js'
import { checkEventType, matchesAny, webhookBody, type WebhookEventType } from '../model/webhook-event.js'
import { post } from './webhook-post.js'
import { signatureHeaders } from './webhook-signature.js'
import type { EmitWebhookEvent } from './event-sources.js'

/** An added endpoint. */
export interface AddedWebhook extends WebhookEndpoint {
  /** Removes the endpoint and cancels its pending deliveries. */
  readonly remove: () => void
}

/** The webhooks of an instance: signed requests to your URLs about its changes. */
export interface LocalWebhooks {
  /**
   * Sends events to the endpoint until it is removed or `reset()` is called. An identical endpoint is not added twice.
   *
   * @throws {TypeError} if the URL is not HTTP or has credentials, or an event is unknown
   */
  readonly add: (endpoint: WebhookEndpointInput) => AddedWebhook
  /** those configured at start, then those added later */
  readonly endpoints: () => readonly WebhookEndpoint[]
  /** the last 200, newest first */
  readonly deliveries: () => readonly WebhookDelivery[]
  /** Resolves once every delivery has been attempted, successfully or not. It does not wait for retries. */
  readonly settled: () => Promise<void>
  /**
   * Resends an event immediately, with the same `svix-id`, to all its endpoints except those where it is pending.
   *
   * @throws {TypeError} if the id is not in `deliveries()`
   */
  readonly resend: (id: string) => void
  /**
   * Sends an event with your own data, such as one that no operation here causes.
   *
   * @returns the id of its deliveries
   * @throws {TypeError} if Clerk has no such event, or the data is not an object
   */
  readonly send: (type: WebhookEventType, data: object) => { readonly id: string }
  /** Calls the listener after every attempt. Returns a function that removes the listener. */
  readonly watch: (listener: (delivery: WebhookDelivery) => void) => () => void
}

/** The webhooks with the operations that only the instance uses. */
export interface Webhooks {
  readonly local: LocalWebhooks
  readonly emit: EmitWebhookEvent
  /** @throws {TypeError} if no endpoint has this id */
  readonly remove: (id: string) => void
  /** first attempts that have not ended */
  readonly pending: () => number
  /** number of deliveries dropped because too many waited */
  readonly droppedCount: () => number
  readonly reset: () => void
  /** Aborts all requests, and sends no more. */
  readonly close: () => void
}

export interface WebhookOptions {
  /** `whsec_…` */
  readonly secret: string
  readonly instanceId: string
  readonly world: World
  /** endpoints configured at start, which `reset()` does not remove */
  readonly atStart?: readonly WebhookEndpointInput[] | undefined
}

const MAX_ENDPOINTS = 20

/** @throws {TypeError} like `add()` */
export function createWebhooks({ secret, instanceId, world, atStart = [] }: WebhookOptions): Webhooks {
  const initial = atStart.map(newWebhookEndpoint)
  let remaining = initial
  const added = world.webhook_endpoints
  const deliveries = createDeliveries(attempt)
  const endpoints = () => [...remaining, ...added.all().map(endpointOf)]
  let isOpen = true

  async function attempt({ id, body }: WebhookMessage, { url }: WebhookEndpoint, signal: AbortSignal) {
    const headers = { ...FIXED_HEADERS, ...signatureHeaders(secret, id, body, world.now()) }
    return post({ url, headers, body, signal })
  }

  function dispatch(type: WebhookEventType, data: () => object): string {
    const id = newId('msg')
    const matching = isOpen ? endpoints().filter(({ events }) => matchesAny(type, events)) : []
    if (matching.length > 0) {
      const message = { id, type, body: webhookBody({ type, data: data() }, instanceId, world.now()) }
      for (const endpoint of matching) deliveries.add(message, endpoint)
    }
    return id
  }

  function remove(id: string): void {
    remaining = remaining.filter((endpoint) => endpoint.id !== id)
    added.remove(id)
    deliveries.drop(id)
  }

  const local: LocalWebhooks = {
    add(input) {
      const fresh = newWebhookEndpoint(input)
      const known = endpoints().find(({ url, events }) => url === fresh.url && String(events) === String(fresh.events))
      if (!known) checkRoom(added.size(), MAX_ENDPOINTS)
      const endpoint = known ?? endpointOf(added.add(fresh))
      return { ...endpoint, remove: () => remove(endpoint.id) }
    },
    endpoints,
    deliveries: deliveries.latest,
    settled: deliveries.settled,
    resend: deliveries.resend,
    send(type, data) {
      checkEventType(type)
      if (!isObject(data)) throw new TypeError('the data of a webhook event must be an object')
      return { id: dispatch(type, () => data) }
    },
    watch: deliveries.watch,
  }

  return {
    local,
    emit: dispatch,
    remove(id) {
      if (!endpoints().some((endpoint) => endpoint.id === id))
        throw new TypeError('there is no webhook with this id: GET /_local/webhooks lists the existing ones')
      remove(id)
    },
    pending: deliveries.pending,
    droppedCount: deliveries.droppedCount,
    reset() {
      remaining = initial
      deliveries.reset()
    },
    close() {
      isOpen = false
      deliveries.reset()
    },
  }
}

function endpointOf({ id, url, events }: StoredEndpoint): WebhookEndpoint {
  return { id, url, events }
}

const FIXED_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Svix-Webhooks/local (@clerk-auth/local)' }
