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
 * The endpoints at a path that clients call themselves, also from browsers.
 *
 * @param operations by method, the operationId in the specification of Clerk's Frontend API
 */
export function clientEndpoints(
  path: string,
  operations: { readonly [Name in Method]?: string },
  answer: (request: EndpointRequest) => Answer | Promise<Answer>,
): readonly Endpoint[] {
  async function clientAnswer(request: EndpointRequest): Promise<Answer> {
    const { headers, ...rest } = await answerOrError(() => answer(request))
    return { ...rest, headers: { ...CORS, ...NO_STORE, ...headers } }
  }

  const endpoints = Object.entries(operations).map(([method, operation]) => ({
    method: method as Method,
    path,
    operation,
    answer: clientAnswer,
  }))
  return [...endpoints, { method: 'OPTIONS', path, listing: 'unlisted', answer: () => PREFLIGHT }]
}

async function answerOrError(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof OAuthError) return error.answer
    throw error
  }
}
