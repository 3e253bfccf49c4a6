/** Why a webhook was refused. */
export type WebhookProblemCode = keyof typeof PROBLEMS

/** The response body for a refused webhook: problem details (RFC 9457). */
export interface WebhookProblem {
  readonly type: `urn:clerk-auth:${WebhookProblemCode}`
  readonly title: string
  readonly status: number
  readonly code: WebhookProblemCode
  readonly detail: string
}

const PROBLEMS = {
  'webhook-signature-invalid': [
    400,
    'Invalid webhook signature',
    'The signature is missing or wrong, or the timestamp differs from the clock of this server by more than five minutes.',
  ],
  'webhook-malformed': [400, 'Malformed webhook', 'The event is signed, but does not have the documented format.'],
  'webhook-too-large': [413, 'Webhook too large', 'The body is larger than 1 MiB.'],
  'webhook-body-parsed': [
    500,
    'Webhook body already parsed',
    'The signature cannot be verified, because another middleware has parsed the body.',
  ],
  'webhook-not-recorded': [
    503,
    'Webhook not recorded',
    'The revocation could not be written to the shared store. Send the event again.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, detail: string]>

export function webhookProblem(code: WebhookProblemCode): WebhookProblem {
  const [status, title, detail] = PROBLEMS[code]
  return { type: `urn:clerk-auth:${code}`, title, status, code, detail }
}
