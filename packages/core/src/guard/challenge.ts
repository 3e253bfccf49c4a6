import { AUTH_ERRORS, refusalHeaders, type AuthError, type AuthErrorCode } from '../auth/errors.js'
import type { Reverification } from '../auth/reverification.js'

/** The response body for a refused request: problem details (RFC 9457). */
export interface Problem {
  readonly type: `urn:clerk-auth:${AuthErrorCode}`
  readonly title: string
  readonly status: AuthError['status']
  readonly code: AuthErrorCode
  /** What to do next. */
  readonly detail: string
  /** Only with `reverification-required`: the shape that Clerk's `useReverification()` expects. */
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

export interface ChallengeOptions {
  /** Printable ASCII without quotes or backslashes. Default `api`. */
  readonly realm?: string
}

/**
 * The HTTP response to a refused request: status, challenge (RFC 6750 section 3) and problem body.
 *
 * @throws {TypeError} if `realm` cannot be part of a header
 */
export function toChallenge(error: AuthError, { realm }: ChallengeOptions = {}): Challenge {
  const wrong = realm === undefined || checkRealm(realm)
  if (wrong !== true) throw new TypeError(`option "realm" ${wrong}`)
  const { code, status } = error
  const [, title, detail] = AUTH_ERRORS[code]
  const problem: Problem = { type: `urn:clerk-auth:${code}`, title, status, code, detail }
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...refusalHeaders(error, realm) },
    body: error.reverification ? withClerkError(problem, error.reverification) : problem,
  }
}

/**
 * Like {@link toChallenge}, but as a Fetch `Response`, for Next.js, Bun, Deno, Workers and others without an adapter.
 *
 * @throws {TypeError} if `realm` cannot be part of a header
 */
export function toResponse(error: AuthError, options?: ChallengeOptions): Response {
  const { status, headers, body } = toChallenge(error, options)
  return new Response(JSON.stringify(body), { status, headers })
}

/** Whether a realm needs no escaping in a header: RFC 9110 section 5.6.4. */
export function checkRealm(realm: unknown): true | string {
  const fits = typeof realm === 'string' && realm.trim() !== '' && /^[ !\x23-\x5b\x5d-\x7e]+$/.test(realm)
  return fits || 'must be non-empty ASCII without quotes or backslashes'
}

/** Clerk's format: https://clerk.com/docs/guides/secure/reverification */
function withClerkError(problem: Problem, reverification: Reverification): Problem {
  return {
    ...problem,
    clerk_error: { type: 'forbidden', reason: 'reverification-error', metadata: { reverification } },
  }
}
