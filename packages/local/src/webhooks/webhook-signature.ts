/**
 * What tells a receiver whose request it is, in Svix's words.
 *
 * @param id `msg_…`, the same in every attempt
 * @param now milliseconds since the epoch
 */
export async function signatureHeaders(
  secret: string,
  id: string,
  body: string,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  // Only when it is needed: most instances never send a webhook.
  const { Webhook } = await import('standardwebhooks')
  const seconds = Math.floor(now / 1000)
  return {
    'svix-id': id,
    'svix-timestamp': String(seconds),
    'svix-signature': new Webhook(secret).sign(id, new Date(seconds * 1000), body),
  }
}
