import { randomBytes } from 'node:crypto'
import type { Answer } from './answer.js'

/** Clerk's own codes, statuses and words. */
const CLERK_ERRORS = {
  api_version_invalid: { status: 400, message: 'invalid API version' },
  request_body_invalid: {
    status: 400,
    message: 'Request body invalid',
    longMessage: 'The request body is invalid. Please consult the API documentation for more information.',
  },
  authorization_header_format_invalid: {
    status: 401,
    message: 'Invalid Authorization header format',
    longMessage: "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'",
  },
  clerk_key_invalid: {
    status: 401,
    message: 'The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.',
  },
  authorization_invalid: {
    status: 403,
    message: 'Unauthorized request',
    longMessage: 'You are not authorized to perform this request',
  },
  resource_not_found: { status: 404, message: 'not found' },
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  request_body_too_large: { status: 413, message: 'Request body too large' },
  unsupported_content_type: { status: 415, message: 'Content-Type is unsupported' },
  form_param_value_invalid: { status: 422, message: 'is invalid' },
  too_many_requests: {
    status: 429,
    message: 'Too many requests',
    longMessage: 'Too many requests, retry later',
  },
  internal_clerk_error: { status: 500, message: 'Oops, an unexpected error occurred' },
  service_unavailable: { status: 503, message: 'Service unavailable' },
  gateway_timeout: { status: 504, message: 'Gateway Timeout' },
} as const satisfies Record<string, ClerkError>

interface ClerkError {
  readonly status: number
  readonly message: string
  readonly longMessage?: string
}

export type ClerkErrorCode = keyof typeof CLERK_ERRORS

/** An answer with the error body of the Backend API. */
export function errorAnswer(code: ClerkErrorCode, longMessage?: string): Answer {
  const error: ClerkError = CLERK_ERRORS[code]
  return answerWith(error.status, code, error.message, longMessage ?? error.longMessage ?? error.message)
}

/** The answer that Clerk gives with this status, as near as its catalogue of errors has one. */
export function errorAnswerOfStatus(status: number): Answer {
  const known = Object.entries<ClerkError>(CLERK_ERRORS).find(([, error]) => error.status === status)
  const [code, { message, longMessage = message }] = known ?? ['unexpected_error', { message: 'Unexpected error' }]
  return answerWith(status, code, message, longMessage)
}

function answerWith(status: number, code: string, message: string, longMessage: string): Answer {
  const traceId = newTraceId()
  return {
    status,
    headers: { 'x-clerk-trace-id': traceId },
    body: JSON.stringify({ errors: [{ message, long_message: longMessage, code }], clerk_trace_id: traceId }),
  }
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}
