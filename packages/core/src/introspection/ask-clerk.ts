import type { Clock } from '../support/clock.js'
import type { AuthErrorCode, AuthErrorDetails } from '../auth/errors.js'
import { askForJson, retryAfterOf, type Fetch, type HttpAnswer, type HttpRequest } from '../support/http.js'
import type { AuthenticatedAuth } from '../auth/auth.js'
import { readIntrospection, type Introspection, type OpaqueForm } from './introspection.js'
import { isLocalAnswer, warnOfLocalIssuer, type LocalIssuerPolicy } from '../token/local-issuer.js'

/** The result of asking Clerk about a token. */
export type IntrospectionResult =
  | (Introspection & { readonly answer: object })
  /** Clerk does not know the token, or says that it is malformed. */
  | { readonly active: false; readonly code: 'token-not-found' | 'token-malformed'; readonly isLasting: false }
  | Unanswered

/** The state of the token or session could not be determined. Not an error, because each caller gets its own. */
export interface Unanswered extends Failure {
  readonly active: undefined
  readonly code: Extract<AuthErrorCode, `verification-${string}`>
  readonly details: AuthErrorDetails & { readonly retryAfter: number }
}

interface Failure {
  /** Whether a retry may help. */
  readonly again: boolean
  /** Whether Clerk itself is failing. If not, the problem may be this token only. */
  readonly isDown: boolean
}

/** The Backend API, and how it is called. */
export interface BackendApi {
  readonly apiUrl: string
  /** The secret key of the instance or the machine. */
  readonly secret: string
  /** How to treat responses of a local instance, which accepts its own tokens. Default `refuse`. */
  readonly localIssuer?: LocalIssuerPolicy
  readonly fetch: Fetch
}

export interface ClerkQuestion extends BackendApi {
  readonly form: OpaqueForm<AuthenticatedAuth>
  readonly clock: Clock
}

const MAX_BYTES = 64 * 1024
const MAX_RETRY_AFTER_IN_SECONDS = 60

const LOCAL_INSTANCE = '"apiUrl" is a local Clerk instance, which is not trusted in production'

const TRANSIENT: Failure = { again: true, isDown: true }
const PERSISTENT: Failure = { again: false, isDown: true }
const NOT_DOWN: Failure = { again: false, isDown: false }

/** Asks Clerk about a token, without retries. Never rejects. */
export function askClerk(
  question: ClerkQuestion,
  token: string,
  timeoutInMs: number,
  signal: AbortSignal,
): Promise<IntrospectionResult> {
  const { form, clock } = question
  const asked = { path: form.verifyAt, body: { [form.bodyField]: token }, timeoutInMs, signal }
  return askBackend(question, asked, (answer) => resultOf(answer, form, clock.now()))
}

/** Calls the Backend API, without retries. Never rejects. */
export async function askBackend<T>(
  { apiUrl, secret, localIssuer = 'refuse', fetch }: BackendApi,
  asked: Pick<HttpRequest, 'body' | 'timeoutInMs' | 'signal'> & { readonly path: string },
  read: (answer: HttpAnswer) => T | undefined,
): Promise<T | Unanswered> {
  const { path, ...request } = asked
  try {
    const answer = await askForJson(fetch, {
      ...request,
      url: apiUrl + path,
      headers: {
        Authorization: `Bearer ${secret}`,
        ...(asked.body && { 'Content-Type': 'application/json' }),
        Accept: 'application/json',
      },
      maxBytes: MAX_BYTES,
    })
    if (isLocalAnswer(answer.headers)) {
      if (localIssuer === 'refuse') return unanswered('verification-misconfigured', { message: LOCAL_INSTANCE })
      if (localIssuer === 'warn') warnOfLocalIssuer()
    }
    return read(answer) ?? unansweredBy(answer)
  } catch (cause) {
    // A response that is too large or too deeply nested concerns this token only.
    const failure = cause instanceof RangeError ? NOT_DOWN : TRANSIENT
    return unanswered('verification-unavailable', { message: 'no answer from Clerk', cause }, failure)
  }
}

/** A token is refused only if Clerk itself says so. Everything else is a failed call. */
function resultOf(
  { status, json }: HttpAnswer,
  form: ClerkQuestion['form'],
  now: number,
): IntrospectionResult | undefined {
  if (status === 200) {
    const introspection = readIntrospection(form, json, now)
    return introspection && { ...introspection, answer: json as object }
  }
  if (!isErrorOfVerify(json) || isAboutUs(json)) return undefined
  if (status === 404) return { active: false, code: 'token-not-found', isLasting: false }
  if (status === 400 || status === 422) return { active: false, code: 'token-malformed', isLasting: false }
  return undefined
}

function unansweredBy({ status, headers }: HttpAnswer): Unanswered {
  const message = `Clerk responded with ${status}`
  if (status === 200)
    return unanswered('verification-unavailable', { message: 'the response does not have the documented format' })
  if (status === 429) {
    const retryAfter = Math.min(MAX_RETRY_AFTER_IN_SECONDS, Math.max(1, retryAfterOf(headers) ?? 1))
    return unanswered('verification-rate-limited', { message, retryAfter })
  }
  if (status >= 500)
    return unanswered('verification-unavailable', { message }, status >= 502 && status <= 504 ? TRANSIENT : PERSISTENT)
  // The secret or the URL is wrong, or there is a proxy in between: the caller cannot fix that.
  return unanswered('verification-misconfigured', { message })
}

function unanswered(code: Unanswered['code'], details: AuthErrorDetails, failure: Failure = NOT_DOWN): Unanswered {
  return { active: undefined, code, details: { retryAfter: 1, ...details }, ...failure }
}

interface ClerkError {
  readonly errors: readonly { readonly code: string }[]
}

/**
 * Whether this is an error body of the verify endpoints. Their schema is the same for 400 and 404: each error has a
 * `code`, a `message` and a `long_message`; the codes are not documented. The rest of the Backend API adds a
 * `clerk_trace_id`, even to a 404 for an unknown path: that means a wrong `apiUrl`, not a bad token.
 *
 * Source: https://clerk.com/docs/reference/backend-api, verifyM2MToken, verifyOAuthAccessToken, verifyApiKey
 */
function isErrorOfVerify(body: unknown): body is ClerkError {
  return isClerkError(body) && !Object.hasOwn(body, 'clerk_trace_id')
}

/** Whether this is an error body of the Backend API. */
export function isClerkError(body: unknown): body is ClerkError {
  if (typeof body !== 'object' || body === null) return false
  const { errors } = body as { readonly errors?: unknown }
  return Array.isArray(errors) && errors.length > 0 && errors.every(isError)
}

function isError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, long_message: longMessage } = error as Readonly<Record<string, unknown>>
  return typeof code === 'string' && /^[a-z0-9_]+$/.test(code) && isString(message) && isString(longMessage)
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

/** Error codes of a 400, 404 or 422 that are not about the token. */
const ABOUT_US = /_not_enabled$|^(api_version_invalid|host_invalid|instance_not_found|request_body_invalid)$/

function isAboutUs({ errors }: ClerkError): boolean {
  return errors.some(({ code }) => ABOUT_US.test(code))
}
