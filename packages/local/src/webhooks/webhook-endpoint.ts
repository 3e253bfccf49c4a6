import { A_STRING, checkInput, isListOf, rule } from '../support/input.js'
import { newId } from '../model/ids.js'
import { isWebAddress } from '../model/webhook-endpoint.js'
import { checkPatterns, type WebhookEventPattern } from '../model/webhook-event.js'

/** An endpoint to add. */
export interface WebhookEndpointInput {
  /** `http:` or `https:` */
  readonly url: string
  /** such as `['user.deleted', 'organizationMembership.*']`; default: all */
  readonly events?: readonly WebhookEventPattern[]
}

/** A URL that events are sent to. */
export interface WebhookEndpoint {
  /** `ep_…` */
  readonly id: string
  readonly url: string
  readonly events: readonly WebhookEventPattern[]
}

/** @throws {TypeError} if a field or an event is unknown, or a value is invalid */
export function newWebhookEndpoint(input: WebhookEndpointInput): WebhookEndpoint {
  checkInput('a webhook', input, { url: A_STRING, events: SOME_STRINGS })
  const { url, events = ['*'] } = input
  if (!isWebAddress(url))
    throw new TypeError(
      'a webhook requires a "url" with http:// or https:// and without credentials, such as "http://localhost:3000/webhooks"',
    )
  checkPatterns(events)
  return { id: newId('ep'), url: new URL(url).href, events: [...new Set(events)] }
}

/** Omits the query, which may contain a token, from lists and logs. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

const SOME_STRINGS = rule(
  'a list such as ["user.deleted", "organizationMembership.*"], or omitted for all events',
  (value) => isListOf(value, (item) => typeof item === 'string') && value.length > 0,
)
