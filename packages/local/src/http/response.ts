import type { Answer } from '../api/answer.js'
import { isProxied } from '../api/credentials.js'
import { errorBody, newTraceId, proxyErrorBody } from '../api/errors.js'
import type { ApiVersion } from '../api/versions.js'

/** The response with an answer, in Clerk's envelope if it is an error. */
export function responseOf({ status, headers, body }: Answer, path: string, version: ApiVersion): Response {
  const traceId = newTraceId()
  return new Response(bodyOf(body, path, traceId), {
    status,
    headers: {
      // Without a charset: Clerk's SDK treats any other value as text.
      'content-type': 'application/json',
      'x-clerk-trace-id': traceId,
      // Clerk's SDK uses it as the trace id if the body has none, as in responses of the proxy for tokens and API keys.
      'cf-ray': traceId,
      'clerk-api-version': version,
      // An API in production recognizes a local instance by this header, whatever host name it uses.
      'clerk-auth-local': '1',
      ...headers,
    },
  })
}

function bodyOf(body: Answer['body'], path: string, traceId: string): string | Uint8Array<ArrayBuffer> | null {
  if (body === undefined) return null
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return isProxied(path) ? proxyErrorBody(body) : errorBody(body, traceId)
}
