import { createRecords, type Records } from '../state/records.js'
import { newId } from '../state/ids.js'
import { isObject } from '../input.js'
import { createDeliveries, type WebhookDelivery, type WebhookMessage } from './webhook-deliveries.js'
import { newWebhookEndpoint, type WebhookEndpoint, type WebhookEndpointInput } from './webhook-endpoint.js'
import { checkEventType, isAskedFor, webhookBody, type WebhookEventType } from './webhook-event.js'
import { post } from './webhook-post.js'
import { signatureHeaders } from './webhook-signature.js'
import type { TellWebhookEvent } from './webhook-source.js'

/** An endpoint that was added. */
export interface AddedWebhook extends WebhookEndpoint {
  /** Nothing goes there any more, not even what waits. */
  readonly remove: () => void
}

/** The webhooks of an instance: signed requests to URLs of yours, about what changes in it. */
export interface LocalWebhooks {
  /**
   * Sends events there from now on, until it is removed, or `reset()`. What is there already is not added twice.
   *
   * @throws {TypeError} when the URL is none of the web or has credentials in it, or an event has another name
   */
  readonly add: (endpoint: WebhookEndpointInput) => AddedWebhook
  /** those of the start, then those that were added */
  readonly endpoints: () => readonly WebhookEndpoint[]
  /** the last 200, newest first */
  readonly deliveries: () => readonly WebhookDelivery[]
  /** Resolves when everything has been attempted once, whatever came of it. It does not wait for later attempts. */
  readonly settled: () => Promise<void>
  /**
   * Sends one again, now and with the same `svix-id`, to every endpoint that it went to, unless it is still on its way.
   *
   * @throws {TypeError} when the id is none of `deliveries()`
   */
  readonly resend: (id: string) => void
  /**
   * Sends an event that nothing here causes, or one of data of your own.
   *
   * @returns the id of its deliveries
   * @throws {TypeError} when Clerk has no such event, or the data is no object
   */
  readonly send: (type: WebhookEventType, data: object) => { readonly id: string }
  /** Tells of every attempt that has ended. Returns what ends that. */
  readonly watch: (listener: (delivery: WebhookDelivery) => void) => () => void
}

/** The same, with what only the instance itself does. */
export interface Webhooks {
  readonly local: LocalWebhooks
  readonly tell: TellWebhookEvent
  /** @throws {TypeError} when there is none of this id */
  readonly remove: (id: string) => void
  /** first attempts that have not ended */
  readonly pending: () => number
  /** how many deliveries were given up because too many waited */
  readonly overflow: () => number
  /** those that were added since the start */
  readonly added: Records<WebhookEndpoint>
  readonly reset: () => void
  /** Cuts every request, and sends none any more. */
  readonly close: () => void
}

export interface WebhookOptions {
  /** `whsec_…` */
  readonly secret: string
  readonly instanceId: string
  readonly now: () => number
  /** those of the start, which `reset()` does not remove */
  readonly first?: readonly WebhookEndpointInput[] | undefined
}

const MAX_ENDPOINTS = 20

/** @throws {TypeError} as `add()` does */
export function createWebhooks({ secret, instanceId, now, first = [] }: WebhookOptions): Webhooks {
  const started = createRecords(first.map(newWebhookEndpoint))
  const added = createRecords<WebhookEndpoint>([], MAX_ENDPOINTS)
  const deliveries = createDeliveries(attempt)
  const endpoints = () => [...started.all(), ...added.all()]
  let isOpen = true

  async function attempt({ id, body }: WebhookMessage, { url }: WebhookEndpoint, signal: AbortSignal) {
    const headers = { ...FIXED_HEADERS, ...signatureHeaders(secret, id, body, now()) }
    return post({ url, headers, body, signal })
  }

  function dispatch(type: WebhookEventType, data: () => object): string {
    const id = newId('msg')
    const asked = isOpen ? endpoints().filter(({ events }) => isAskedFor(type, events)) : []
    if (asked.length > 0) {
      const message = { id, type, body: webhookBody({ type, data: data() }, instanceId, now()) }
      for (const endpoint of asked) deliveries.add(message, endpoint)
    }
    return id
  }

  function remove(id: string): void {
    for (const records of [started, added]) records.remove(id)
    deliveries.drop(id)
  }

  const local: LocalWebhooks = {
    add(input) {
      const fresh = newWebhookEndpoint(input)
      const known = endpoints().find(({ url, events }) => url === fresh.url && String(events) === String(fresh.events))
      const endpoint = known ?? added.set(fresh)
      return { ...endpoint, remove: () => remove(endpoint.id) }
    },
    endpoints,
    deliveries: deliveries.latest,
    settled: deliveries.settled,
    resend: deliveries.resend,
    send(type, data) {
      checkEventType(type)
      if (!isObject(data)) throw new TypeError('a webhook event takes its data as an object')
      return { id: dispatch(type, () => data) }
    },
    watch: deliveries.watch,
  }

  return {
    local,
    tell: dispatch,
    remove(id) {
      if (!endpoints().some((endpoint) => endpoint.id === id))
        throw new TypeError('there is no webhook of this id: GET /_local/webhooks lists those that there are')
      remove(id)
    },
    pending: deliveries.pending,
    overflow: deliveries.overflow,
    added,
    reset() {
      started.reset()
      deliveries.reset()
    },
    close() {
      isOpen = false
      deliveries.reset()
    },
  }
}

const FIXED_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Svix-Webhooks/local (@clerk-auth/local)' }
