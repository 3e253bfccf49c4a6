import { AssertionError } from 'node:assert'
import { isObject } from './support/input.js'
import { parseJson } from './support/parse-json.js'

/** A response of `fetch`, Hono's `app.request`, supertest or `fastify.inject`. */
export type ClientResponse = Response | TextResponse

interface TextResponse {
  /** supertest's */
  readonly status?: number
  readonly text?: string
  /** fastify.inject's */
  readonly statusCode?: number
  readonly payload?: string
}

/** A code, a status, or both, such as a bad token. */
export type ExpectedRefusal = string | number | { readonly status: number; readonly code: string }

/** Whether a response is the expected refusal, with descriptions of both. */
export interface Verdict {
  readonly isExpected: boolean
  /** `401 token-expired`, or the status and the start of a body without a code */
  readonly actual: string
  readonly expected: string
}

/**
 * Checks that an API refused a request, in any test runner.
 *
 * @param expected the body's `code`, such as `token-expired`; or the status; or both, such as a bad token
 * @throws {AssertionError} if it did not refuse, or for another reason
 * @throws {TypeError} if `response` is not a response, or its body was already read
 */
export async function assertRefused(response: ClientResponse, expected: ExpectedRefusal): Promise<void> {
  const verdict = await judge(response, expected)
  if (verdict.isExpected) return
  const { actual } = verdict
  const message = `expected the request to be refused with ${verdict.expected}, but the response was ${actual}`
  throw new AssertionError({ message, actual, expected: verdict.expected, operator: 'assertRefused' })
}

/** Synchronous if the body is available. */
export function judge(response: Response, expected: ExpectedRefusal): Promise<Verdict>
export function judge(response: ClientResponse, expected: ExpectedRefusal): Verdict | Promise<Verdict>
export function judge(response: ClientResponse, expected: ExpectedRefusal): Verdict | Promise<Verdict> {
  const status = statusOf(response)
  const [expectedStatus, expectedCode] = partsOf(expected)
  const text = response instanceof Response ? textOf(response) : (response.text ?? response.payload ?? '')
  return typeof text === 'string' ? verdictOf(text) : text.then(verdictOf)

  function verdictOf(body: string): Verdict {
    const code = codeIn(body)
    const isStatus = expectedStatus === undefined ? status >= 400 : status === expectedStatus
    return {
      isExpected: isStatus && (expectedCode === undefined || code === expectedCode),
      actual: `${status} ${code ?? (body.slice(0, 200) || 'without a body')}`,
      expected: [expectedStatus, expectedCode].filter((part) => part !== undefined).join(' '),
    }
  }
}

function statusOf(response: ClientResponse): number {
  const { status, statusCode = status } = (isObject(response) ? response : {}) as TextResponse
  if (typeof statusCode === 'number') return statusCode
  throw new TypeError('expected a response of fetch, supertest or fastify.inject: is an await missing?')
}

function partsOf(expected: ExpectedRefusal): [status: number | undefined, code: string | undefined] {
  if (typeof expected === 'string') return [undefined, expected]
  if (typeof expected === 'number') return [checkStatus(expected), undefined]
  if (isObject(expected) && typeof expected.code === 'string') return [checkStatus(expected.status), expected.code]
  throw new TypeError('the expected refusal must be a code, a status, or an object with both')
}

/** Other statuses are not refusals. */
function checkStatus(status: number): number {
  if (Number.isInteger(status) && status >= 400 && status < 600) return status
  throw new TypeError('the status of a refusal must be between 400 and 599')
}

async function textOf(response: Response): Promise<string> {
  if (response.bodyUsed)
    throw new TypeError('the body of the response was already read: check the refusal first, or read a clone()')
  return response.clone().text()
}

function codeIn(body: string): string | undefined {
  const { code } = (parseJson(body) ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}
