import type { Clock } from '../support/clock.js'
import type { AuthErrorCode, AuthErrorDetails } from '../auth/errors.js'
import { askForJson, type Fetch, type HttpAnswer } from '../support/http.js'
import type { AuthenticatedAuth } from '../auth/auth.js'
import { readIntrospection, type Introspection, type OpaqueForm } from './introspection.js'
import { isLocalAnswer, warnOfLocalIssuer, type LocalIssuerPolicy } from '../token/local-issuer.js'

/** What came of asking Clerk about a token. */
export type IntrospectionResult =
  | Introspection
  /** Clerk does not know the token, or says that it is none. */
  | { readonly active: false; readonly code: 'token-not-found' | 'token-malformed'; readonly isLasting: false }
  /** It cannot be told. */
  | ({ readonly active: undefined } & Unknown & Failure)

/** Told to each caller by an error of their own. */
interface Unknown {
  readonly code: Extract<AuthErrorCode, `verification-${string}`>
  readonly details: AuthErrorDetails & { readonly retryAfter: number }
}

interface Failure {
  /** Whether asking once more may help. */
  readonly again: boolean
  /** Whether Clerk fails as such. If not, the token may be what is odd, and others fare better. */
  readonly isDown: boolean
}

export interface ClerkQuestion {
  readonly form: OpaqueForm<AuthenticatedAuth>
  readonly apiUrl: string
  /** The secret key of the instance, or of the machine. */
  readonly secret: string
  /** What to do about an answer of a local instance, which says yes to tokens of its own. Default `refuse`. */
  readonly localIssuer?: LocalIssuerPolicy
  readonly fetch: Fetch
  readonly clock: Clock
}

const MAX_BYTES = 64 * 1024
const MAX_RETRY_AFTER_IN_SECONDS = 60

const LOCAL_INSTANCE = 'a local Clerk instance answers at "apiUrl", which is not trusted in production'

const PASSING: Failure = { again: true, isDown: true }
const LASTING: Failure = { again: false, isDown: true }
const ANSWERED: Failure = { again: false, isDown: false }

/** Asks Clerk about one token, once. Never rejects. */
export async function askClerk(
  { form, apiUrl, secret, localIssuer = 'refuse', fetch, clock }: ClerkQuestion,
  token: string,
  timeoutInMs: number,
  signal: AbortSignal,
): Promise<IntrospectionResult> {
  try {
    const answer = await askForJson(fetch, {
      url: apiUrl + form.verifyAt,
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: { [form.bodyField]: token },
      timeoutInMs,
      maxBytes: MAX_BYTES,
      signal,
    })
    if (isLocalAnswer(answer.headers)) {
      if (localIssuer === 'refuse') return unknown('verification-misconfigured', { message: LOCAL_INSTANCE })
      if (localIssuer === 'warn') warnOfLocalIssuer()
    }
    return resultOf(answer, form, clock.now())
  } catch (cause) {
    // An answer that is too large, or nested too deep, is one about this token.
    const failure = cause instanceof RangeError ? ANSWERED : PASSING
    return unknown('verification-unavailable', { message: 'no answer from Clerk', cause }, failure)
  }
}

/** A refusal needs Clerk's own answer about this token. Everything else is a failure to ask. */
function resultOf(answer: HttpAnswer, form: ClerkQuestion['form'], now: number): IntrospectionResult {
  const { status, json, headers } = answer
  const message = `Clerk answered ${status}`
  if (status === 200)
    return (
      readIntrospection(form, json, now) ??
      unknown('verification-unavailable', { message: 'the answer has another shape than documented' })
    )
  if (status === 429) return unknown('verification-rate-limited', { message, retryAfter: retryAfterOf(headers) })
  if (status >= 500)
    return unknown('verification-unavailable', { message }, status >= 502 && status <= 504 ? PASSING : LASTING)
  if (isErrorOfVerify(json) && !isAboutUs(json)) {
    if (status === 404) return { active: false, code: 'token-not-found', isLasting: false }
    if (status === 400 || status === 422) return { active: false, code: 'token-malformed', isLasting: false }
  }
  // Our secret is wrong, or the URL, or there is a proxy between: nothing that the caller could help.
  return unknown('verification-misconfigured', { message })
}

function unknown(code: Unknown['code'], details: AuthErrorDetails, failure: Failure = ANSWERED): IntrospectionResult {
  return { active: undefined, code, details: { retryAfter: 1, ...details }, ...failure }
}

interface VerifyError {
  readonly errors: readonly { readonly code: string }[]
}

/**
 * Whether this is an error body of the verify endpoints. Their schema is the same for 400 and 404: each error has a
 * `code`, a `message` and a `long_message`, and no code is documented. The rest of the Backend API adds a
 * `clerk_trace_id`, also where it answers 404 for a path that it does not have: a wrong `apiUrl`, not a bad token.
 *
 * Source: https://clerk.com/docs/reference/backend-api, verifyM2MToken, verifyOAuthAccessToken, verifyApiKey
 */
function isErrorOfVerify(body: unknown): body is VerifyError {
  if (typeof body !== 'object' || body === null || Object.hasOwn(body, 'clerk_trace_id')) return false
  const { errors } = body as { readonly errors?: unknown }
  return Array.isArray(errors) && errors.length > 0 && errors.every(isError)
}

function isError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, long_message: longMessage } = error as Readonly<Record<string, unknown>>
  return typeof code === 'string' && /^[a-z0-9_]+$/.test(code) && isText(message) && isText(longMessage)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** Codes that stand on a 400, 404 or 422 and say nothing of the token. */
const ABOUT_US = /_not_enabled$|^(api_version_invalid|host_invalid|instance_not_found|request_body_invalid)$/

function isAboutUs({ errors }: VerifyError): boolean {
  return errors.some(({ code }) => ABOUT_US.test(code))
}

/** Seconds. */
function retryAfterOf(headers: Headers): number {
  const seconds = headers.get('retry-after')?.trim() ?? ''
  return /^\d{1,9}$/.test(seconds) ? Math.min(MAX_RETRY_AFTER_IN_SECONDS, Math.max(1, Number(seconds))) : 1
}
