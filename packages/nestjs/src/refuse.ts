import { toChallenge, type AuthError } from '@clerk-auth/core'
import type { Refusal } from '@clerk-auth/core/adapter'
import { HttpException } from '@nestjs/common'
import type { HttpResponse } from './call.js'

/**
 * The exception for a refused request. The headers are set on the response, because the exception filters of Nest and
 * of most applications send only its status and body.
 */
export function refuse(refusal: Refusal, response: HttpResponse | undefined): HttpException {
  if ('error' in refusal) {
    const { error } = refusal
    if (response) setHeaders(response, error.headers ?? {})
    return exceptionOf(error, error.status, toChallenge(error).body)
  }
  const { status, headers, body, error } = refusal.answer
  if (response) setHeaders(response, headers)
  return exceptionOf(error, status, body)
}

function exceptionOf(error: AuthError, status: number, body: object): HttpException {
  const exception = new HttpException(body as Record<string, unknown>, status, { cause: error })
  exception.message = error.message
  return exception
}

function setHeaders(response: HttpResponse, { Vary, ...others }: Readonly<Record<string, string>>): void {
  // Append, so that the value set by enableCors() is kept.
  if (Vary) response.header('Vary', [response.getHeader('Vary') ?? [], Vary].flat().join(', '))
  for (const [name, value] of Object.entries(others)) response.header(name, value)
}
