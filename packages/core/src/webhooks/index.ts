/**
 * Receives Clerk's webhooks and revokes what they report. For authors of adapters. Applications import
 * `clerkWebhooks` from their adapter, such as `@clerk-auth/express/webhooks`.
 */
export type { WebhookOptions } from './signing-secrets.js'
export { webhookReceiver } from './webhook-receiver.js'
export { nodeBody } from './node-body.js'
export type { NodeStream } from './node-body.js'
export type { WebhookBody } from './webhook-body.js'
export type { WebhookAnswer, WebhookReceiver } from './webhook-receiver.js'
export type { WebhookProblem, WebhookProblemCode } from './webhook-problem.js'
