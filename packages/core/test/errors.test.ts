import { describe, expect, it } from 'vitest'
import { AUTH_ERRORS, AuthError, type AuthErrorCode } from '../src/auth/errors.js'

const ALL = Object.entries(AUTH_ERRORS) as [AuthErrorCode, (typeof AUTH_ERRORS)[AuthErrorCode]][]

const CODES = {
  400: ['credentials-malformed', 'credentials-ambiguous'],
  401: [
    'credentials-missing',
    'token-malformed',
    'token-too-large',
    'token-header-invalid',
    'token-invalid-algorithm',
    'token-critical-header',
    'token-type-mismatch',
    'jwk-kid-mismatch',
    'jwk-unsuitable',
    'token-invalid-signature',
    'token-claim-invalid',
    'token-expired',
    'token-not-active-yet',
    'token-iat-in-the-future',
    'token-invalid-issuer',
    'token-invalid-audience',
    'token-invalid-authorized-parties',
    'token-not-found',
    'token-revoked',
    'token-inactive',
    'token-binding-unsupported',
    'machine-out-of-scope',
    'session-pending',
  ],
  403: [
    'org-missing',
    'org-mismatch',
    'role-missing',
    'permission-missing',
    'feature-missing',
    'plan-missing',
    'scope-missing',
    'machine-not-allowed',
    'client-not-allowed',
    'impersonation-denied',
    'reverification-required',
    'check-failed',
    'origin-not-allowed',
  ],
  503: ['keys-unavailable', 'verification-unavailable', 'verification-rate-limited', 'verification-misconfigured'],
}

describe('AUTH_ERRORS', () => {
  it.each(Object.entries(CODES))('has these codes with status %s', (status, codes) => {
    const found = ALL.filter(([, [one]]) => one === Number(status)).map(([code]) => code)
    expect(found.sort()).toEqual([...codes].sort())
  })

  it('has messages that are valid in a challenge: RFC 6750 section 3', () => {
    for (const [, [, title, detail]] of ALL) {
      expect(title).toMatch(/^[A-Z][\x20\x21\x23-\x5b\x5d-\x7e]+[^.]$/)
      expect(detail).toMatch(/^[A-Z][\x20\x21\x23-\x5b\x5d-\x7e]+\.$/)
    }
  })
})

describe('AuthError', () => {
  it.each(ALL)('takes its status and message from %s', (code, [status, title]) => {
    const error = new AuthError(code)
    expect(error).toMatchObject({
      name: 'AuthError',
      code,
      status,
      statusCode: status,
      message: title,
      tokenType: null,
    })
    expect(error).not.toHaveProperty('cause')
  })

  it('has the given details', () => {
    const details = { message: 'm', tokenType: 'm2m_token', retryAfter: 5, reverification: 'lax', cause: 1 } as const
    expect(new AuthError('keys-unavailable', details)).toMatchObject(details)
  })

  it('recognizes an error of another copy of the package', () => {
    class OtherCopy extends Error {
      constructor() {
        super()
        Object.defineProperty(this, Symbol.for('clerk-auth.AuthError'), { value: true })
      }
    }
    expect(AuthError.is(new OtherCopy())).toBe(true)
    expect(AuthError.is(new AuthError('token-expired'))).toBe(true)
  })

  it.each([
    ['an error', new Error('token-expired')],
    ['an object with the fields', { name: 'AuthError', code: 'token-expired', status: 401 }],
    ['an object with the brand', { [Symbol.for('clerk-auth.AuthError')]: true }],
    ['an error that inherits the brand', Object.create(new AuthError('token-expired'))],
    ['nothing', undefined],
    ['null', null],
    ['a string', 'token-expired'],
  ])('does not recognize %s', (_, error) => {
    expect(AuthError.is(error)).toBe(false)
  })

  it('does not show its brand when logged', () => {
    expect(JSON.stringify(new AuthError('token-expired'))).not.toContain('clerk-auth')
    expect(Object.getOwnPropertySymbols(Object.assign({}, new AuthError('token-expired')))).toEqual([])
  })
})
