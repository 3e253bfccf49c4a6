import { AUTH_ERRORS, type AuthError, type AuthErrorCode, type Reverification } from './errors.js'

/** The body of a refusal: problem details (RFC 9457). */
export interface Problem {
  readonly type: `urn:clerk-auth:${AuthErrorCode}`
  readonly title: string
  readonly status: AuthError['status']
  readonly code: AuthErrorCode
  /** What to do next. */
  readonly detail: string
  /** Only with `reverification-required`: what Clerk's `useReverification()` looks for. */
  readonly clerk_error?: {
    readonly type: 'forbidden'
    readonly reason: 'reverification-error'
    readonly metadata: { readonly reverification: Reverification }
  }
}

export interface Challenge {
  readonly status: AuthError['status']
  readonly headers: Readonly<Record<string, string>>
  readonly body: Problem
}

// RFC 6750 section 3.1. A 503 says nothing about the credential, so it carries no challenge.
const BEARER_ERRORS = { 400: 'invalid_request', 401: 'invalid_token', 403: 'insufficient_scope' } as const

/**
 * The HTTP answer to a refused request: status, challenge (RFC 6750 section 3) and problem body.
 *
 * @param options.realm printable ASCII without quotes and backslashes; default `api`
 */
export function toChallenge(error: AuthError, options: { readonly realm?: string } = {}): Challenge {
  const { code, status } = error
  const [, title, detail] = AUTH_ERRORS[code]

  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' }
  if (status === 503) headers['Retry-After'] = String(error.retryAfter ?? 1)
  else headers['WWW-Authenticate'] = bearerChallenge(error, status, title, options.realm ?? 'api')

  const problem: Problem = { type: `urn:clerk-auth:${code}`, title, status, code, detail }
  return { status, headers, body: error.reverification ? withClerkError(problem, error.reverification) : problem }
}

function bearerChallenge({ code, scope }: AuthError, status: 400 | 401 | 403, title: string, realm: string): string {
  // A request without a credential gets no error code: RFC 6750 section 3.1.
  if (code === 'credentials-missing') return `Bearer realm="${realm}"`
  const asked = scope ? `, scope="${scope.join(' ')}"` : ''
  return `Bearer realm="${realm}", error="${BEARER_ERRORS[status]}", error_description="${title}"${asked}`
}

/** Clerk's own shape: https://clerk.com/docs/guides/secure/reverification */
function withClerkError(problem: Problem, reverification: Reverification): Problem {
  return {
    ...problem,
    clerk_error: { type: 'forbidden', reason: 'reverification-error', metadata: { reverification } },
  }
}
