import type { Reverification } from './reverification.js'

/** The kinds of credential that a Clerk instance issues. */
export type TokenType = 'session_token' | 'm2m_token' | 'oauth_token' | 'api_key' | 'jwt_template'

/**
 * Every reason to refuse a request: status, meaning, and what to do next.
 *
 * The text is fixed, so nothing that a caller sent can reach a header or a log. It uses only the characters that RFC
 * 6750 section 3 allows in `error_description`.
 */
export const AUTH_ERRORS = {
  'credentials-missing': [401, 'No credential was sent', 'Send a Bearer token in the Authorization header.'],
  'credentials-malformed': [
    400,
    'The credential cannot be read',
    'Send an Authorization header with Bearer, one space and one token.',
  ],
  'credentials-ambiguous': [400, 'More than one credential was sent', 'Send exactly one Authorization header.'],

  'token-malformed': [401, 'The token is malformed', 'Send the token exactly as it was issued.'],
  'token-too-large': [401, 'The token is too large', 'Ask for a token with fewer custom claims.'],
  'token-header-invalid': [401, 'The token header is invalid', 'Send the token exactly as it was issued.'],
  'token-invalid-algorithm': [
    401,
    'The token is signed with an algorithm that is not accepted',
    'Send a token that the Clerk instance of this API issued.',
  ],
  'token-critical-header': [
    401,
    'The token requires an extension that is not supported',
    'Send a token without critical header parameters.',
  ],
  'token-type-mismatch': [
    401,
    'This kind of token is not accepted here',
    'Send a kind of token that this route accepts.',
  ],
  'jwk-kid-mismatch': [
    401,
    'The token is signed with a key that the issuer does not publish',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'jwk-unsuitable': [
    401,
    'The key of the token cannot be used to verify it',
    'Check the algorithm and strength of the key that the issuer publishes.',
  ],
  'token-invalid-signature': [
    401,
    'The token signature is invalid',
    'Send the token exactly as it was issued, and check that it belongs to the Clerk instance of this API.',
  ],
  'token-claim-invalid': [
    401,
    'A claim of the token is missing or invalid',
    'Send a token that the Clerk instance of this API issued.',
  ],
  'token-expired': [401, 'The token has expired', 'Get a new token and retry.'],
  'token-not-active-yet': [401, 'The token is not valid yet', 'Check that the clocks are in sync, then retry.'],
  'token-iat-in-the-future': [
    401,
    'The token was issued in the future',
    'Check that the clocks are in sync, then retry.',
  ],
  'token-invalid-issuer': [
    401,
    'The token was issued by a different issuer',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'token-invalid-audience': [401, 'The token is intended for a different audience', 'Get a token for this API.'],
  'token-invalid-authorized-parties': [
    401,
    'The token was issued to a party that is not authorized',
    'Send the request from an application that this API authorizes.',
  ],
  'token-not-found': [
    401,
    'The token is unknown',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'token-revoked': [401, 'The token has been revoked', 'Get a new token and retry.'],
  'token-inactive': [401, 'The token is not active', 'Get a new token and retry.'],
  'token-binding-unsupported': [
    401,
    'The token is bound to a key or a certificate',
    'Get an unbound token: this API cannot check DPoP proofs or client certificates.',
  ],
  'machine-out-of-scope': [
    401,
    'The token is not intended for this machine',
    'Add this machine to the scopes of the calling machine, then retry with a new token.',
  ],
  'session-pending': [401, 'The session is pending', 'Complete the session tasks, then retry with a new token.'],

  'org-missing': [403, 'No organization is active', 'Select an organization, then retry with a new token.'],
  'org-mismatch': [
    403,
    'A different organization is active',
    'Switch to the organization of this resource, then retry with a new token.',
  ],
  'role-missing': [403, 'The role is not sufficient', 'Ask an administrator of the organization for the role.'],
  'permission-missing': [
    403,
    'A permission is missing',
    'Ask an administrator of the organization for the permission.',
  ],
  'feature-missing': [403, 'A feature is missing', 'Choose a plan that includes the feature.'],
  'plan-missing': [403, 'The plan is not sufficient', 'Choose the plan that this resource requires.'],
  'scope-missing': [403, 'A scope is missing', 'Get a token that was granted the scope.'],
  'machine-not-allowed': [403, 'This machine is not allowed here', 'Call from a machine that this route allows.'],
  'client-not-allowed': [403, 'This client is not allowed here', 'Call from an OAuth client that this route allows.'],
  'impersonation-denied': [
    403,
    'Impersonated sessions are not allowed here',
    'Sign in as yourself, then retry with a new token.',
  ],
  'reverification-required': [403, 'The user must be reverified', 'Reverify the user, then retry with a new token.'],
  'origin-not-allowed': [
    403,
    'The request is not allowed from this origin',
    'Send the request from a website that this API authorizes, or the token in the Authorization header.',
  ],
  'check-failed': [403, 'A condition of this API is not met', 'Ask the operator of this API what it requires.'],

  'keys-unavailable': [
    503,
    'The keys of the issuer are temporarily unavailable',
    'Retry after the time given in Retry-After.',
  ],
  'verification-unavailable': [
    503,
    'The token temporarily cannot be verified',
    'Retry after the time given in Retry-After.',
  ],
  'verification-rate-limited': [
    503,
    'Too many tokens are being verified',
    'Retry after the time given in Retry-After.',
  ],
  'verification-misconfigured': [
    503,
    'This API is not configured to verify this token',
    'Contact the operator of this API: its log says what is missing.',
  ],
} as const satisfies Record<string, readonly [status: 400 | 401 | 403 | 503, title: string, remedy: string]>

/** A stable, public name for the reason a request was refused. Codes that Clerk's SDK also has are spelled the same. */
export type AuthErrorCode = keyof typeof AUTH_ERRORS

export interface AuthErrorDetails {
  /** For the operator's log: fixed text, never a token, a key or a claim value. */
  readonly message?: string
  readonly tokenType?: TokenType | null
  /** Seconds until a retry may succeed. */
  readonly retryAfter?: number
  readonly reverification?: Reverification
  readonly scope?: readonly string[]
  readonly cause?: unknown
}

// Not `instanceof`: one process may load both the ESM and the CommonJS copy of this class.
const BRAND = Symbol.for('clerk-auth.AuthError')

/** A refused request. `code` is stable and public; `message` is for the operator. */
export class AuthError extends Error {
  readonly code: AuthErrorCode
  readonly status: 400 | 401 | 403 | 503
  /** The kind of token that was refused, if known. */
  readonly tokenType: TokenType | null
  /** Seconds until a retry may succeed. Only with status 503. */
  readonly retryAfter?: number
  /** The required reverification, with `reverification-required`. */
  readonly reverification?: Reverification
  /** The required scopes, with `scope-missing`. */
  readonly scope?: readonly string[]
  /**
   * Headers for a custom response: the challenge or `Retry-After`, and `Cache-Control`. A guard with `refusals:
   * 'throw'` adds the configured realm and, if cookies are read, `Vary`. Never `Content-Type`.
   */
  readonly headers: Readonly<Record<string, string>>

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const { message = AUTH_ERRORS[code][1], tokenType = null, retryAfter, reverification, scope, cause } = details
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AuthError'
    this.code = code
    this.status = AUTH_ERRORS[code][0]
    this.tokenType = tokenType
    if (retryAfter !== undefined) this.retryAfter = retryAfter
    if (reverification !== undefined) this.reverification = reverification
    if (scope !== undefined) this.scope = scope
    this.headers = refusalHeaders(this)
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** The same as `status`, under the name that Express and Fastify read. */
  get statusCode(): number {
    return this.status
  }

  /** Whether `error` is an `AuthError` of any copy of this package. */
  static is(error: unknown): error is AuthError {
    return error instanceof Error && Object.hasOwn(error, BRAND)
  }
}

/** Response headers for a refused request: the challenge (RFC 6750 section 3) or `Retry-After`, and `Cache-Control`. */
export function refusalHeaders(error: AuthError, realm = 'api'): Record<string, string> {
  // A 503 says nothing about the credential, so it carries no challenge.
  return error.status === 503
    ? { 'Cache-Control': 'no-store', 'Retry-After': String(error.retryAfter ?? 1) }
    : { 'Cache-Control': 'no-store', 'WWW-Authenticate': bearerChallenge(error, realm) }
}

function bearerChallenge(error: AuthError, realm: string): string {
  const reason = bearerError(error)
  if (!reason) return `Bearer realm="${realm}"`
  const scope = reason === 'insufficient_scope' && error.scope ? `, scope="${error.scope.join(' ')}"` : ''
  return `Bearer realm="${realm}", error="${reason}", error_description="${AUTH_ERRORS[error.code][1]}"${scope}`
}

/** The `error` of a challenge (RFC 6750 section 3.1). Omitted for requests without a credential. */
function bearerError({ code, status, tokenType }: AuthError): string | undefined {
  if (code === 'credentials-missing') return undefined
  if (status === 400) return 'invalid_request'
  if (status === 401) return 'invalid_token'
  // Clients respond to this by requesting more scopes, which sessions and API keys cannot do.
  return code === 'scope-missing' && tokenType === 'oauth_token' ? 'insufficient_scope' : undefined
}

/** Sets the token type on an `AuthError`. Other errors are returned unchanged. */
export function withTokenType(error: unknown, tokenType: TokenType): unknown {
  return AuthError.is(error) ? Object.assign(error, { tokenType }) : error
}
