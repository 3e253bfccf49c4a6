import { A_STRING, checkInput, isListOf, rule } from '../input.js'
import { newId } from '../state/ids.js'
import { checkPatterns, type WebhookEventPattern } from './webhook-event.js'

/** Where events should go. */
export interface WebhookEndpointInput {
  /** `http:` or `https:` */
  readonly url: string
  /** such as `['user.deleted', 'organizationMembership.*']`; default: all */
  readonly events?: readonly WebhookEventPattern[]
}

/** Where events go. */
export interface WebhookEndpoint {
  /** `ep_…` */
  readonly id: string
  readonly url: string
  readonly events: readonly WebhookEventPattern[]
}

/** @throws {TypeError} when a field is unknown or impossible, or an event has another name */
export function newWebhookEndpoint(input: WebhookEndpointInput): WebhookEndpoint {
  checkInput('a webhook', input, { url: A_STRING, events: SOME_STRINGS })
  const { url, events = ['*'] } = input
  if (!isWebAddress(url))
    throw new TypeError(
      'a webhook needs a "url" without credentials that begins with http:// or https://, such as "http://localhost:3000/webhooks"',
    )
  checkPatterns(events)
  return { id: newId('ep'), url: new URL(url).href, events: [...new Set(events)] }
}

/** A query may hold a token, so that neither a list nor a log shows it. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

export function isWebAddress(text: string | undefined): boolean {
  if (text === undefined || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}

const SOME_STRINGS = rule(
  'a list such as ["user.deleted", "organizationMembership.*"], or left out for all events',
  (value) => isListOf(value, (item) => typeof item === 'string') && value.length > 0,
)
