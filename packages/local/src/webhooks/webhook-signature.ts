import { load } from '../support/load.js'

/**
 * The headers with which a receiver verifies a request, with Svix's names.
 *
 * @param id `msg_…`, the same in every attempt
 * @param now milliseconds since the epoch
 */
export function signatureHeaders(
  secret: string,
  id: string,
  body: string,
  now: number,
): Readonly<Record<string, string>> {
  // Loaded on demand: most instances never send a webhook.
  const { Webhook } = load('standardwebhooks')
  const seconds = Math.floor(now / 1000)
  return {
    'svix-id': id,
    'svix-timestamp': String(seconds),
    'svix-signature': new Webhook(secret).sign(id, new Date(seconds * 1000), body),
  }
}
