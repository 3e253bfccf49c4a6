import { afterAll, describe, expect, it } from 'vitest'
import { byTurns, CLERK_ERROR, judge, KINDS, RECORDS } from './clerk-api.js'
import { stopIssuers } from './issuer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const UNAVAILABLE = [503, 'verification-unavailable', 1]
const MISCONFIGURED = [503, 'verification-misconfigured', 1]
const RATE_LIMITED = [503, 'verification-rate-limited', 1]
const NOT_FOUND = [401, 'token-not-found']
const MALFORMED = [401, 'token-malformed']

const statuses = [
  [400, MALFORMED],
  [404, NOT_FOUND],
  [422, MALFORMED],
  [429, RATE_LIMITED],
  ...[201, 202, 203, 206, 226, 300, 301, 302, 303, 305, 307, 308].map((status) => [status, MISCONFIGURED] as const),
  ...[401, 402, 403, 405, 406, 408, 409, 410, 411, 412, 413, 414].map((status) => [status, MISCONFIGURED] as const),
  ...[415, 417, 418, 421, 423, 425, 426, 428, 431, 451, 499].map((status) => [status, MISCONFIGURED] as const),
  ...[500, 501, 502, 503, 504, 505, 508, 511, 520, 522, 530, 599].map((status) => [status, UNAVAILABLE] as const),
] as const

function errorBody(members: object): string {
  return JSON.stringify({ errors: [{ ...CLERK_ERROR.errors[0], ...members }] })
}

function coreErrorBody(): string {
  return JSON.stringify({ ...CLERK_ERROR, clerk_trace_id: '0123456789abcdef0123456789abcdef' })
}

/** Bodies that Clerk does not send for a token. */
const foreign: [name: string, body: string][] = [
  ['no body', ''],
  ['HTML', '<!doctype html><title>404 Not Found</title>'],
  ['text', 'Not Found'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a list of errors', JSON.stringify(CLERK_ERROR.errors)],
  ['an empty object', '{}'],
  ['another error body', '{"error":{"code":"resource_not_found"}}'],
  ['a problem', '{"type":"about:blank","title":"Not Found","status":404,"code":"resource_not_found"}'],
  ['no errors', '{"errors":[]}'],
  ['errors that are an object', '{"errors":{"code":"resource_not_found"}}'],
  ['errors that are an array-like object', '{"errors":{"0":{"code":"resource_not_found"},"length":1}}'],
  ['errors that are null', '{"errors":null}'],
  ['errors that are a string', '{"errors":"resource_not_found"}'],
  ['an error that is null', '{"errors":[null]}'],
  ['an error that is a string', '{"errors":["resource_not_found"]}'],
  ['an error without a code', '{"errors":[{"message":"not found"}]}'],
  ['an error with a number for a code', '{"errors":[{"code":404}]}'],
  ['errors of which the second has no code', '{"errors":[{"code":"resource_not_found"},{}]}'],
  ['an error without a long message', '{"errors":[{"code":"resource_not_found","message":"not found"}]}'],
  ['an error in the format of JSON:API', '{"errors":[{"status":"404","code":"not_found","title":"Not Found"}]}'],
  ["an error with a gateway's code", errorBody({ code: 'NOT_FOUND' })],
  ['an error of the rest of the Backend API, for an unknown path', coreErrorBody()],
  ['errors in its prototype', '{"__proto__":{"errors":[{"code":"resource_not_found"}]}}'],
  ['an error body that is cut off', JSON.stringify(CLERK_ERROR).slice(0, -1)],
  ['an error body with trailing data', `${JSON.stringify(CLERK_ERROR)}x`],
]

/** Error codes of Clerk that say nothing about the token. */
const aboutUs = [
  'api_version_invalid',
  'host_invalid',
  'instance_not_found',
  'request_body_invalid',
  'machine_tokens_not_enabled',
]

describe.each(KINDS)('a response for a token of kind %s', (kind) => {
  const good = JSON.stringify(RECORDS[kind])
  const error = JSON.stringify(CLERK_ERROR)

  it.each(statuses)('with status %i and the error body of Clerk: %j', async (status, expected) => {
    const { answer, calls } = await judge(kind, status, error)
    expect(answer).toEqual(expected)
    expect(calls).toBe(status >= 502 && status <= 504 ? 2 : 1)
  })

  it('that is a success with the error body of Clerk neither accepts nor refuses the token', async () => {
    expect((await judge(kind, 200, error)).answer).toEqual(UNAVAILABLE)
  })

  it.each(aboutUs)('that is a failure with the code %s is a misconfiguration', async (code) => {
    for (const status of [400, 404, 422]) {
      const body = JSON.stringify({ errors: [{ ...CLERK_ERROR.errors[0], code }, ...CLERK_ERROR.errors] })
      expect((await judge(kind, status, body)).answer).toEqual(MISCONFIGURED)
    }
  })

  it('with a status other than 200 accepts no token, even if the body is that of a valid token', async () => {
    for (const status of [201, 202, 203, 204, 205, 206, 302, 304, 400, 401, 403, 404, 410, 422, 429, 500, 503, 599])
      expect((await judge(kind, status, good)).answer[0]).toBe(503)
    expect((await judge(kind, 200, good)).answer).toEqual([200])
  })
})

describe('a response that Clerk does not send', () => {
  it.each(byTurns(foreign))('is not a refusal: %s (%s)', async (_name, kind, body) => {
    for (const status of [400, 401, 403, 404, 422])
      expect((await judge(kind, status, body)).answer).toEqual(MISCONFIGURED)
    expect((await judge(kind, 429, body)).answer).toEqual(RATE_LIMITED)
    for (const status of [500, 503]) expect((await judge(kind, status, body)).answer).toEqual(UNAVAILABLE)
  })

  it.each(byTurns(foreign))('accepts no token: %s (%s)', async (_name, kind, body) => {
    expect((await judge(kind, 200, body)).answer).toEqual(UNAVAILABLE)
  })
})
