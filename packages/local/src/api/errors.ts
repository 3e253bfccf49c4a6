import { randomBytes } from 'node:crypto'
import type { Answer, ErrorItem } from './answer.js'
import { CLERK_ERRORS, type ClerkError, type ClerkErrorCode } from './clerk-errors.js'

/** A response with one of Clerk's errors. */
export function errorAnswer(code: ClerkErrorCode, longMessage?: string, paramName?: string): Answer {
  const { status, ...error }: ClerkError = CLERK_ERRORS[code]
  return {
    status,
    body: itemOf(error.code ?? code, { ...error, longMessage: longMessage ?? error.longMessage }, paramName),
  }
}

/** A response with the first of Clerk's errors that has this status, or a generic one. */
export function errorAnswerOfStatus(status: number): Answer {
  const known = Object.entries<ClerkError>(CLERK_ERRORS).find(([, error]) => error.status === status)
  const [code, error] = known ?? ['unexpected_error', { message: 'Unexpected error' }]
  return { status, body: itemOf(code, error) }
}

/** Thrown inside an endpoint to end the request with an error. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(...error: Parameters<typeof errorAnswer>) {
    super(error[1] ?? error[0])
    this.answer = errorAnswer(...error)
  }
}

/** The error for a field in the body that refers to something that does not exist. */
export function unknownReference(name: string): Refusal {
  return new Refusal(
    'form_resource_not_found',
    `The resource associated with the supplied ${name} was not found.`,
    name,
  )
}

/** The error for a field or query parameter that the request lacks. */
export function missingParameter(name: string): Refusal {
  return new Refusal('form_param_missing', `${name} must be included.`, name)
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

/** The error body of the proxy in front of tokens and API keys, without `meta` and trace id. */
export function proxyErrorBody({ message, long_message, code }: ErrorItem): string {
  return JSON.stringify({ errors: [{ message, long_message, code }] })
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}
