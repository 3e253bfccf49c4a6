import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { described, PUBLIC } from '@clerk-auth/core/adapter'
import { webhookReceiver, type WebhookBody, type WebhookOptions } from '@clerk-auth/core/webhooks'
import type { Context, Handler } from 'hono'

export type { WebhookOptions } from '@clerk-auth/core/webhooks'

/**
 * Receives Clerk's webhooks and revokes what they report: `app.post('/webhooks/clerk', clerkWebhooks(clerk))`.
 *
 * @param clerk an instance created with `createClerkAuth`
 * @throws {TypeError} if `clerk` is not an instance, or the signing secret is missing or malformed
 */
export function clerkWebhooks(clerk: ClerkAuth<AcceptsToken>, options?: WebhookOptions): Handler {
  const receive = webhookReceiver(clerk, options)
  const handler: Handler = async (c) => {
    const { status, headers, body } = await receive(c.req.raw, await bodyOf(c))
    return new Response(body ? JSON.stringify(body) : null, { status, headers })
  }
  return described(handler, PUBLIC)
}

/** The types of Hono leave out that these are promises. */
interface Cached {
  readonly text?: Promise<string>
  readonly arrayBuffer?: Promise<ArrayBuffer>
}

/** The stream, unless it was read; Hono then keeps what `text()`, `json()` and `arrayBuffer()` have read. */
async function bodyOf({ req: { raw, bodyCache } }: Context): Promise<WebhookBody | undefined> {
  const { text, arrayBuffer } = bodyCache as unknown as Cached
  if (text !== undefined) return text
  if (arrayBuffer !== undefined) return new Uint8Array(await arrayBuffer)
  if (raw.bodyUsed || Object.keys(bodyCache).length > 0) return undefined
  return (raw.body as AsyncIterable<Uint8Array> | null) ?? ''
}
