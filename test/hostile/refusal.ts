import type { AuthErrorCode } from '@clerk-auth/core'
import { expect } from 'vitest'
import type { RawAnswer } from './exchange.js'

type Status = 400 | 401 | 403 | 503

/** Repeated here, so that the tests notice a code whose status changes. */
const STATUS: Readonly<Partial<Record<AuthErrorCode, Status>>> = {
  'credentials-missing': 401,
  'credentials-malformed': 400,
  'credentials-ambiguous': 400,
  'token-malformed': 401,
  'token-too-large': 401,
  'token-header-invalid': 401,
  'token-invalid-algorithm': 401,
  'token-critical-header': 401,
  'token-type-mismatch': 401,
  'jwk-kid-mismatch': 401,
  'jwk-unsuitable': 401,
  'token-invalid-signature': 401,
  'token-claim-invalid': 401,
  'token-expired': 401,
  'token-not-active-yet': 401,
  'token-iat-in-the-future': 401,
  'token-invalid-issuer': 401,
  'token-invalid-audience': 401,
  'token-invalid-authorized-parties': 401,
  'token-not-found': 401,
  'machine-out-of-scope': 401,
  'session-pending': 401,
  'org-missing': 403,
  'org-mismatch': 403,
  'role-missing': 403,
  'permission-missing': 403,
  'feature-missing': 403,
  'plan-missing': 403,
  'scope-missing': 403,
  'machine-not-allowed': 403,
  'client-not-allowed': 403,
  'reverification-required': 403,
  'origin-not-allowed': 403,
}

/** Whether a guard refuses with this code after the credential was verified. */
export function isGuardRefusal(code: AuthErrorCode): boolean {
  return STATUS[code] === 403 && code !== 'origin-not-allowed'
}

/** Among the 403 responses, only a missing OAuth scope has an error. */
const BEARER_ERROR = { 400: 'invalid_request', 401: 'invalid_token', 403: 'insufficient_scope' } as const

/** The characters that RFC 6750 section 3 allows in `error_description`. */
const DESCRIPTION = String.raw`[\x20\x21\x23-\x5b\x5d-\x7e]+`

/** Expects a refusal with this code, and everything that a client may rely on. */
export function expectRefusal({ status, fields, body }: RawAnswer, code: AuthErrorCode): void {
  const problem = JSON.parse(body) as Record<string, unknown>
  expect({ status, code: problem['code'] }).toEqual({ status: STATUS[code], code })
  expect(problem).toMatchObject({ type: `urn:clerk-auth:${code}`, status, title: expect.any(String) })
  expect(Object.keys(problem).filter((name) => name !== 'clerk_error')).toEqual([
    'type',
    'title',
    'status',
    'code',
    'detail',
  ])

  const valuesOf = (name: string) => fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
  expect(valuesOf('content-type')).toEqual([expect.stringMatching(/^application\/problem\+json/)])
  expect(valuesOf('cache-control')).toEqual(['no-store'])
  for (const name of ['location', 'set-cookie', 'access-control-allow-origin']) expect(valuesOf(name)).toEqual([])
  expect(valuesOf('www-authenticate')).toEqual([challengeFor(code, status as Exclude<Status, 503>)])
}

/** Expects a `Vary` header with everything that the refusal depends on. */
export function expectVary({ fields }: RawAnswer): void {
  const vary = fields.filter(([name]) => name.toLowerCase() === 'vary').flatMap(([, value]) => value.split(/, */))
  expect(vary.map((name) => name.toLowerCase())).toEqual(
    expect.arrayContaining(['authorization', 'cookie', 'origin', 'sec-fetch-site']),
  )
}

function challengeFor(code: AuthErrorCode, status: Exclude<Status, 503>): unknown {
  if (code === 'credentials-missing' || (status === 403 && code !== 'scope-missing')) return 'Bearer realm="api"'
  const scope = code === 'scope-missing' ? `, scope="${DESCRIPTION}"` : ''
  return expect.stringMatching(
    new RegExp(`^Bearer realm="api", error="${BEARER_ERROR[status]}", error_description="${DESCRIPTION}"${scope}$`),
  )
}

/** Expects only characters that RFC 9110 section 5.5 allows in headers. */
export function expectCleanFields({ fields }: RawAnswer): void {
  for (const [name, value] of fields) {
    expect(name).toMatch(/^[!#$%&'*+.^_`|~\w-]+$/)
    expect(value).toMatch(/^[\x20-\x7e]*$/)
  }
}
