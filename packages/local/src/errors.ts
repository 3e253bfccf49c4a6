import { randomBytes } from 'node:crypto'
import type { Answer } from './answer.js'

/** Clerk's own codes, statuses and words. */
const CLERK_ERRORS = {
  bad_request: { status: 400, message: 'Bad Request' },
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
  machine_token_reserved_claim: { status: 400, message: 'reserved claim used' },
  machine_secret_key_invalid: {
    status: 401,
    message: 'The provided Machine Secret Key is invalid. Make sure that your Machine Secret Key is correct.',
  },
  authorization_invalid: {
    status: 403,
    message: 'Unauthorized request',
    longMessage: 'You are not authorized to perform this request',
  },
  resource_not_found: { status: 404, message: 'not found' },
  machine_not_found: { status: 404, message: 'Machine not found' },
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  conflict: { status: 409, message: 'Conflict' },
  request_body_too_large: { status: 413, message: 'Request body too large' },
  unsupported_content_type: { status: 415, message: 'Content-Type is unsupported' },
  form_param_value_invalid: { status: 422, message: 'is invalid' },
  form_param_type_invalid: { status: 422, message: 'is invalid' },
  form_param_missing: { status: 422, message: 'is missing' },
  form_param_nil: { status: 422, message: 'is nil' },
  form_param_value_too_large: { status: 422, message: 'Value too large' },
  form_param_max_length_exceeded: { status: 422, message: 'exceeds maximum length' },
  form_param_min_length_exceeded: { status: 422, message: 'does not reach minimum length' },
  form_param_array_size_exceeded: { status: 422, message: 'exceeds maximum size' },
  form_resource_not_found: { status: 422, message: 'is missing' },
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
  readonly longMessage?: string | undefined
}

export type ClerkErrorCode = keyof typeof CLERK_ERRORS

/** One entry of `errors` in an error body. */
export interface ErrorItem {
  readonly message: string
  readonly long_message: string
  readonly code: string
  readonly meta?: { readonly param_name: string }
}

/** An answer with one of Clerk's errors. */
export function errorAnswer(code: ClerkErrorCode, longMessage?: string, paramName?: string): Answer {
  const { status, ...error }: ClerkError = CLERK_ERRORS[code]
  return { status, body: itemOf(code, { ...error, longMessage: longMessage ?? error.longMessage }, paramName) }
}

/** The answer that Clerk gives with this status, as near as its catalogue of errors has one. */
export function errorAnswerOfStatus(status: number): Answer {
  const known = Object.entries<ClerkError>(CLERK_ERRORS).find(([, error]) => error.status === status)
  const [code, error] = known ?? ['unexpected_error', { message: 'Unexpected error' }]
  return { status, body: itemOf(code, error) }
}

/** What ends a request from inside an endpoint. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(...error: Parameters<typeof errorAnswer>) {
    super(error[1] ?? error[0])
    this.answer = errorAnswer(...error)
  }
}

function itemOf(code: string, error: Omit<ClerkError, 'status'>, paramName?: string): ErrorItem {
  const { message, longMessage = message } = error
  return {
    message,
    long_message: longMessage,
    code,
    ...(paramName !== undefined && { meta: { param_name: paramName } }),
  }
}

/** The error body of the Backend API. */
export function errorBody(item: ErrorItem, traceId: string): string {
  return JSON.stringify({ errors: [item], clerk_trace_id: traceId })
}

/** The error body of the proxy before tokens and API keys, which has neither `meta` nor a trace id. */
export function proxyErrorBody({ message, long_message, code }: ErrorItem): string {
  return JSON.stringify({ errors: [{ message, long_message, code }] })
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}
