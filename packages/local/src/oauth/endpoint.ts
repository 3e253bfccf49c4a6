import { EMPTY_ANSWER, type Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest, Method } from '../api/endpoint.js'
import { OAuthError } from './oauth-error.js'

/** Any page may read the answers: clients run in browsers, and no cookie or address makes a request trusted. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'www-authenticate',
} as const

const PREFLIGHT: Answer = {
  ...EMPTY_ANSWER,
  headers: {
    ...CORS,
    'access-control-allow-methods': 'GET, POST',
    // The asterisk does not include this one (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
    'access-control-allow-headers': '*, authorization',
    'access-control-max-age': '86400',
  },
}

/** Answers of tokens must not be stored: RFC 6749 section 5.1. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/**
 * An endpoint that clients call themselves, also from browsers.
 *
 * @param operation operationId in the specification of Clerk's Frontend API
 */
export function clientEndpoint(
  method: Method,
  path: string,
  operation: string,
  answer: (request: EndpointRequest) => Answer | Promise<Answer>,
): readonly Endpoint[] {
  return [
    {
      method,
      path,
      operation,
      async answer(request) {
        const { headers, ...rest } = await answerOrError(() => answer(request))
        return { ...rest, headers: { ...CORS, ...NO_STORE, ...headers } }
      },
    },
    { method: 'OPTIONS', path, listing: 'unlisted', answer: () => PREFLIGHT },
  ]
}

async function answerOrError(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof OAuthError) return error.answer
    throw error
  }
}
