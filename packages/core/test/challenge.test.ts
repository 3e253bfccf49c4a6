import { describe, expect, it } from 'vitest'
import { toChallenge, toResponse } from '../src/guard/challenge.js'
import { AUTH_ERRORS, AuthError, type AuthErrorCode } from '../src/auth/errors.js'
import type { Reverification } from '../src/auth/reverification.js'

const ALL = Object.keys(AUTH_ERRORS) as AuthErrorCode[]

describe('toChallenge', () => {
  it.each(ALL)('answers %s with a problem document in fixed words', (code) => {
    const [status, title, detail] = AUTH_ERRORS[code]
    const answer = toChallenge(new AuthError(code, { message: 'for the log alone', cause: new Error('secret') }))
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ type: `urn:clerk-auth:${code}`, title, status, code, detail })
    expect(answer.headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
  })

  it.each<[AuthErrorCode, string]>([
    ['credentials-missing', 'Bearer realm="api"'],
    [
      'credentials-ambiguous',
      'Bearer realm="api", error="invalid_request", error_description="More than one credential was sent"',
    ],
    ['token-expired', 'Bearer realm="api", error="invalid_token", error_description="The token has expired"'],
    ['role-missing', 'Bearer realm="api"'],
    ['check-failed', 'Bearer realm="api"'],
    ['origin-not-allowed', 'Bearer realm="api"'],
  ])('challenges %s as RFC 6750 specifies', (code, challenge) => {
    expect(toChallenge(new AuthError(code)).headers['WWW-Authenticate']).toBe(challenge)
    expect(toChallenge(new AuthError(code)).headers).not.toHaveProperty('Retry-After')
  })

  it('names the given realm', () => {
    const { headers } = toChallenge(new AuthError('credentials-missing'), { realm: 'billing' })
    expect(headers['WWW-Authenticate']).toBe('Bearer realm="billing"')
  })

  it.each([
    [['invoices:read'], ', scope="invoices:read"'],
    [['invoices:read', 'profile'], ', scope="invoices:read profile"'],
  ])('names the missing scopes of an OAuth client: %j', (scope, expected) => {
    const error = new AuthError('scope-missing', { scope, tokenType: 'oauth_token' })
    const challenge = toChallenge(error).headers['WWW-Authenticate']
    expect(challenge).toBe(
      `Bearer realm="api", error="insufficient_scope", error_description="A scope is missing"${expected}`,
    )
  })

  it.each(['api_key', 'session_token', 'm2m_token', null] as const)(
    'does not name scopes to a caller with %s, which cannot request them',
    (tokenType) => {
      const error = new AuthError('scope-missing', { scope: ['a'], tokenType })
      expect(toChallenge(error).headers['WWW-Authenticate']).toBe('Bearer realm="api"')
    },
  )

  it.each(['', ' ', 'a"b', 'a\\b', 'a\r\nX-Injected: 1', 'é', 5 as never, null as never])(
    'refuses the realm %j, which could break the header',
    (realm) => {
      const error = new AuthError('credentials-missing')
      const message = 'option "realm" must be non-empty ASCII without quotes or backslashes'
      expect(() => toChallenge(error, { realm })).toThrow(new TypeError(message))
      expect(() => toResponse(error, { realm })).toThrow(new TypeError(message))
    },
  )

  it.each([
    [undefined, '1'],
    [7, '7'],
  ])('sets Retry-After and no challenge on a 503: %s', (retryAfter, expected) => {
    const error = new AuthError('keys-unavailable', retryAfter === undefined ? {} : { retryAfter })
    expect(toChallenge(error).headers).toEqual({
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'Retry-After': expected,
    })
  })

  it.each<Reverification>(['strict', { level: 'first_factor', afterMinutes: 5 }])(
    'adds the fields that useReverification() looks for: %j',
    (reverification) => {
      const { body } = toChallenge(new AuthError('reverification-required', { reverification }))
      expect(body.code).toBe('reverification-required')
      expect(body.clerk_error).toEqual({
        type: 'forbidden',
        reason: 'reverification-error',
        metadata: { reverification },
      })
    },
  )
})

describe('toResponse', () => {
  it('returns the same answer as a Response', async () => {
    const error = new AuthError('reverification-required', { reverification: 'strict' })
    const { status, headers, body } = toChallenge(error, { realm: 'billing' })
    const response = toResponse(error, { realm: 'billing' })
    expect(response.status).toBe(status)
    expect(response.headers).toEqual(new Headers(headers))
    expect(await response.json()).toEqual(body)
  })
})

describe('the headers of an AuthError', () => {
  it('are those of the response, without Content-Type', () => {
    expect(new AuthError('token-expired').headers).toEqual({
      'Cache-Control': 'no-store',
      'WWW-Authenticate': 'Bearer realm="api", error="invalid_token", error_description="The token has expired"',
    })
    const unavailable = new AuthError('keys-unavailable', { retryAfter: 7 })
    expect(unavailable.headers).toEqual({ 'Cache-Control': 'no-store', 'Retry-After': '7' })
  })
})
