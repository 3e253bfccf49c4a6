import type { Webhook } from 'standardwebhooks'
import { internalsOf, type ClerkAuth } from '../clerk-auth.js'
import { processEnvironment, type Environment } from '../config/environment.js'
import type { AcceptsToken } from '../kinds/accepts-token.js'
import { headerOf, type AuthSource } from '../request/auth-source.js'
import { warn, warnOnce } from '../support/warning.js'
import { signingSecretsOf, type WebhookOptions } from './signing-secrets.js'
import { tombstonesOfEvent } from './tombstones-of-event.js'
import { readWebhookBody, type WebhookBody } from './webhook-body.js'
import { webhookProblem, type WebhookProblem, type WebhookProblemCode } from './webhook-problem.js'

/** The HTTP response to a webhook. */
export interface WebhookAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON; `undefined` for an empty body. */
  readonly body: WebhookProblem | undefined
}

/**
 * Receives one webhook. Never rejects.
 *
 * @param source of the headers
 * @param body `undefined` if another middleware has parsed it, so that the signature cannot be verified
 */
export type WebhookReceiver = (source: AuthSource, body: WebhookBody | undefined) => Promise<WebhookAnswer>

const MAX_BYTES = 1024 * 1024
const RETRY_AFTER_IN_S = 5
/** Characters of a header: 20 signatures, one for each secret during a rotation. Each is compared. */
const MAX_HEADER_LENGTH = 1024

/**
 * Verifies Clerk's webhooks and revokes what they report. The response is 2xx only once the revocation is written, so
 * that Clerk sends the event again otherwise.
 *
 * @param clerk an instance created with `createClerkAuth`
 * @param environment default `process.env`, if it exists
 * @throws {TypeError} if `clerk` is not an instance, or the signing secret is missing or malformed
 */
export function webhookReceiver(
  clerk: ClerkAuth<AcceptsToken>,
  options: WebhookOptions = {},
  environment: Environment = processEnvironment(),
): WebhookReceiver {
  const internals = internalsOf(clerk)
  if (!internals) throw new TypeError('webhooks need an instance created with createClerkAuth()')
  const { record, webhookArrived } = internals
  const secrets = signingSecretsOf(options, environment)

  return async (source, body) => {
    if (body === undefined) return bodyParsed()
    const read = await readWebhookBody(body, MAX_BYTES)
    if (read === 'too-large') return refusal('webhook-too-large')
    const { text } = read
    const headers = signatureHeaders(source)
    if (text === undefined || !secrets.some((secret) => isSignedWith(secret, text, headers)))
      return refusal('webhook-signature-invalid')

    const tombstones = tombstonesOfEvent(parsed(text), Number.parseInt(headers['webhook-timestamp'], 10) * 1000)
    if (tombstones === 'malformed') return malformed()
    try {
      await Promise.all([record(tombstones), webhookArrived()])
    } catch {
      return refusal('webhook-not-recorded', { 'Retry-After': String(RETRY_AFTER_IN_S) })
    }
    return { status: 204, headers: {}, body: undefined }
  }
}

type SignatureHeaders = Readonly<Record<`webhook-${'id' | 'timestamp' | 'signature'}`, string>>

/** Clerk sends the headers of the Standard Webhooks under the names of its provider, Svix. */
function signatureHeaders(source: AuthSource): SignatureHeaders {
  const header = (name: string) => {
    const value = headerOf(source, name)
    return typeof value === 'string' && value.length <= MAX_HEADER_LENGTH ? value : ''
  }
  return {
    'webhook-id': header('svix-id'),
    'webhook-timestamp': header('svix-timestamp'),
    'webhook-signature': header('svix-signature'),
  }
}

function isSignedWith(secret: Webhook, text: string, headers: SignatureHeaders): boolean {
  try {
    secret.verify(text, headers, { jsonParse: false })
    return true
  } catch {
    return false
  }
}

/** Not as strictly as a token: the names of users are in it, and Clerk allows more characters than I-JSON does. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bodyParsed(): WebhookAnswer {
  warnOnce(
    'CLERK_AUTH_WEBHOOK_BODY',
    'a webhook was refused because another middleware had parsed its body: mount clerkWebhooks() before express.json() ' +
      'and the like, or use express.raw({ type: "application/json" }) for its path.',
  )
  return refusal('webhook-body-parsed')
}

function malformed(): WebhookAnswer {
  warn(
    'CLERK_AUTH_WEBHOOK_MALFORMED',
    'a webhook with a valid signature was refused, because it does not have the format that Clerk documents. What it ' +
      'reports is not revoked; find the event in the Clerk Dashboard.',
  )
  return refusal('webhook-malformed')
}

function refusal(code: WebhookProblemCode, headers?: Readonly<Record<string, string>>): WebhookAnswer {
  const body = webhookProblem(code)
  return { status: body.status, headers: { 'Content-Type': 'application/problem+json', ...headers }, body }
}
