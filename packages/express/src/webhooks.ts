import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { described, PUBLIC } from '@clerk-auth/core/adapter'
import { nodeBody, webhookReceiver, type WebhookBody, type WebhookOptions } from '@clerk-auth/core/webhooks'
import type { Request, RequestHandler } from 'express'

export type { WebhookOptions } from '@clerk-auth/core/webhooks'

/**
 * Receives Clerk's webhooks and revokes what they report: `app.post('/webhooks/clerk', clerkWebhooks(clerk))`. Mount it
 * before `express.json()`, because the signature covers the body as it was sent.
 *
 * @param clerk an instance created with `createClerkAuth`
 * @throws {TypeError} if `clerk` is not an instance, or the signing secret is missing or malformed
 */
export function clerkWebhooks(clerk: ClerkAuth<AcceptsToken>, options?: WebhookOptions): RequestHandler {
  const receive = webhookReceiver(clerk, options)
  const handler: RequestHandler = (req, res, next) => {
    receive(req, bodyOf(req))
      .then(({ status, headers, body }) => {
        res.status(status).set(headers)
        if (body) res.json(body)
        else res.end()
      })
      .catch(next)
  }
  return described(handler, PUBLIC)
}

/** The stream, unless `express.raw()` or `express.text()` has read it. */
function bodyOf(req: Request): WebhookBody | undefined {
  const body: unknown = req.body
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  return nodeBody(req)
}
