import type { IncomingMessage } from 'node:http'
import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { nodeBody, webhookReceiver, type WebhookOptions } from '@clerk-auth/core/webhooks'
import type { FastifyInstance } from 'fastify'
import { isPublic } from './is-public.js'
import { ownOptions } from './own-options.js'

export type { WebhookOptions } from '@clerk-auth/core/webhooks'

export interface ClerkWebhooksOptions extends WebhookOptions {
  /** An instance created with `createClerkAuth`. */
  readonly clerk: ClerkAuth<AcceptsToken>
  /** Such as `/webhooks/clerk`. */
  readonly path: string
}

/**
 * Receives Clerk's webhooks and revokes what they report: `app.register(clerkWebhooks, { clerk, path:
 * '/webhooks/clerk' })`. A guard of the whole scope skips the route, as if it were marked with `isPublic()`.
 *
 * If `clerk` is not an instance, or the signing secret is missing or malformed, `ready()` rejects with a `TypeError`.
 */
export async function clerkWebhooks(fastify: FastifyInstance, options: ClerkWebhooksOptions): Promise<void> {
  const { clerk, path, ...others } = ownOptions(options)
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError('option "path" of clerkWebhooks must be the path of the endpoint, such as "/webhooks/clerk"')
  const receive = webhookReceiver(clerk, others)

  // In this scope only: the signature covers the body as it was sent.
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  fastify.post(path, { config: isPublic() }, async (request, reply) => {
    // Fastify does not call the parser if the body is empty.
    const sent = request.body === undefined ? '' : nodeBody(request.body as IncomingMessage)
    const { status, headers, body } = await receive(request.raw, sent)
    return reply.code(status).headers(headers).send(body)
  })
}
