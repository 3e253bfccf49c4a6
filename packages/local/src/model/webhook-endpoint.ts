import { WEBHOOK_EVENT_PATTERNS } from './webhook-event.js'
import { record, type Stored } from './record.js'
import { list, oneOf, refined, rule, string } from './schema.js'

/** A URL that events are sent to. */
export const WebhookEndpoint = record('webhook_endpoint', 'ep', {
  url: refined(
    string(),
    rule<string>('form_param_format_invalid', 'must be an HTTP URL without credentials', isWebAddress),
  ),
  /** patterns, such as `user.*` */
  events: list(oneOf(...WEBHOOK_EVENT_PATTERNS), { min: 1 }),
})

export type WebhookEndpoint = Stored<typeof WebhookEndpoint>

export function isWebAddress(text: string | undefined): boolean {
  if (text === undefined || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}

/** The instance's application at Svix, which delivers Clerk's webhooks. An instance has at most one. */
export const SvixApp = record('svix_app', 'app', {})

export type SvixApp = Stored<typeof SvixApp>
