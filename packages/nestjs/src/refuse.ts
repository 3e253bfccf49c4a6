import { toChallenge, type AuthError } from '@clerk-auth/core'
import type { Refusal } from '@clerk-auth/core/adapter'
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { HttpResponse } from './call.js'

/** A refusal that {@link RefusalFilter} answers, unless a filter of the application does. */
class RefusedException extends HttpException {
  contentType = 'application/problem+json'
}

/**
 * The exception for a refused request. The challenge is set on the response, because exception filters usually send only
 * a status and a body.
 */
export function refuse({ error, answer }: Refusal, response: HttpResponse | undefined): HttpException {
  if (!answer) {
    if (response) setHeaders(response, error.headers ?? {})
    return exceptionOf(HttpException, error, toChallenge(error).body)
  }
  const { headers, body } = answer
  if (!response) return exceptionOf(HttpException, error, body)
  const { 'Content-Type': contentType, ...others } = headers
  setHeaders(response, others)
  return Object.assign(exceptionOf(RefusedException, error, body), contentType && { contentType })
}

/** Sends the body of a refusal. Nest's own filter may replace its content type. */
@Catch(RefusedException)
export class RefusalFilter implements ExceptionFilter<RefusedException> {
  catch(exception: RefusedException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<HttpResponse>()
    response.header('Content-Type', exception.contentType)
    response.status(exception.getStatus()).send(exception.getResponse())
  }
}

function exceptionOf(Exception: typeof HttpException, error: AuthError, body: object): HttpException {
  const exception = new Exception(body as Record<string, unknown>, error.status, { cause: error })
  // GraphQL servers send `extensions`.
  return Object.assign(exception, { message: error.message, extensions: body })
}

function setHeaders(response: HttpResponse, { Vary, ...others }: Readonly<Record<string, string>>): void {
  // Append, so that the value set by enableCors() is kept.
  if (Vary) response.header('Vary', [response.getHeader('Vary') ?? [], Vary].flat().join(', '))
  for (const [name, value] of Object.entries(others)) response.header(name, value)
}
