/** The kinds of credential that a Clerk instance issues. */
export type TokenType = 'session_token' | 'm2m_token' | 'oauth_token' | 'api_key' | 'jwt_template'

/**
 * Every reason to refuse a request: its status, what it means, and what to do next.
 *
 * The words are fixed, so nothing that a caller sent can reach a header or a log. They keep to the characters that
 * RFC 6750 section 3 allows in `error_description`.
 */
export const AUTH_ERRORS = {
  'credentials-missing': [401, 'No credential was sent', 'Send a token in the Authorization header, as Bearer.'],
  'credentials-malformed': [
    400,
    'The credential cannot be read',
    'Send an Authorization header with the word Bearer, one space and one token.',
  ],
  'credentials-ambiguous': [400, 'More than one credential was sent', 'Send exactly one Authorization header.'],

  'token-malformed': [401, 'The token is not well formed', 'Send the token unchanged, as it was issued.'],
  'token-too-large': [401, 'The token is too large', 'Ask for a token with fewer custom claims.'],
  'token-header-invalid': [401, 'The header of the token is not valid', 'Send the token unchanged, as it was issued.'],
  'token-invalid-algorithm': [
    401,
    'The token is signed with an algorithm that is not accepted',
    'Send a token that the Clerk instance of this API issued.',
  ],
  'token-critical-header': [
    401,
    'The token demands an extension that is not understood',
    'Send a token without critical header parameters.',
  ],
  'token-type-mismatch': [
    401,
    'This kind of token is not accepted here',
    'Send the kind of token that this route is for.',
  ],
  'jwk-kid-mismatch': [
    401,
    'The token is signed with a key that the issuer does not publish',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'jwk-unsuitable': [
    401,
    'The key of the token may not verify it',
    'Check the algorithm and the strength of the key that the issuer publishes.',
  ],
  'token-invalid-signature': [
    401,
    'The signature of the token is not valid',
    'Send the token unchanged, and check that it belongs to the Clerk instance of this API.',
  ],
  'token-claim-invalid': [
    401,
    'A claim of the token is missing or not valid',
    'Send a token that the Clerk instance of this API issued.',
  ],
  'token-expired': [401, 'The token has expired', 'Get a new token and ask again.'],
  'token-not-active-yet': [401, 'The token is not valid yet', 'Check that the clocks are in sync, and ask again.'],
  'token-iat-in-the-future': [
    401,
    'The token was issued in the future',
    'Check that the clocks are in sync, and ask again.',
  ],
  'token-invalid-issuer': [
    401,
    'The token was issued by another issuer',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'token-invalid-audience': [401, 'The token is meant for another audience', 'Get a token for this API.'],
  'token-invalid-authorized-parties': [
    401,
    'The token was issued to a party that is not authorized',
    'Ask from an application that this API names among its authorized parties.',
  ],
  'token-not-found': [
    401,
    'The token is not known',
    'Check that the token and this API belong to the same Clerk instance.',
  ],
  'token-revoked': [401, 'The token has been revoked', 'Get a new token and ask again.'],
  'token-inactive': [401, 'The token is not active', 'Get a new token and ask again.'],
  'token-binding-unsupported': [
    401,
    'The token is bound to a key or a certificate',
    'Get a token that is not bound: this API cannot check DPoP proofs or client certificates.',
  ],
  'machine-out-of-scope': [
    401,
    'The token is not meant for this machine',
    'Give the calling machine the scope of this one, then ask with a new token.',
  ],
  'session-pending': [401, 'The session is pending', 'Finish the tasks of the session, then ask with a new token.'],

  'org-missing': [403, 'No organization is active', 'Choose an organization, then ask with a new token.'],
  'org-mismatch': [
    403,
    'Another organization is active',
    'Switch to the organization of this resource, then ask with a new token.',
  ],
  'role-missing': [403, 'The role is not sufficient', 'Ask an administrator of the organization for the role.'],
  'permission-missing': [
    403,
    'A permission is missing',
    'Ask an administrator of the organization for the permission.',
  ],
  'feature-missing': [403, 'A feature is missing', 'Choose a plan that has the feature.'],
  'plan-missing': [403, 'The plan is not sufficient', 'Choose the plan that this resource asks for.'],
  'scope-missing': [403, 'A scope is missing', 'Get a token that was granted the scope.'],
  'machine-not-allowed': [403, 'This machine is not allowed here', 'Call from a machine that this route is for.'],
  'client-not-allowed': [403, 'This client is not allowed here', 'Call from an OAuth client that this route is for.'],
  'impersonation-denied': [
    403,
    'Impersonated sessions are not allowed here',
    'Sign in as yourself, then ask with a new token.',
  ],
  'reverification-required': [
    403,
    'The user has to be verified again',
    'Verify the user again, then ask with a new token.',
  ],
  'origin-not-allowed': [
    403,
    'A request with a cookie may not come from this origin',
    'Send the token in the Authorization header, or ask from an application that this API names.',
  ],
  'check-failed': [403, 'A condition of this API is not met', 'Ask the operator of this API what it asks for.'],

  'keys-unavailable': [
    503,
    'The keys of the issuer cannot be had at the moment',
    'Ask again after the time that Retry-After gives.',
  ],
  'verification-unavailable': [
    503,
    'The token cannot be verified at the moment',
    'Ask again after the time that Retry-After gives.',
  ],
  'verification-rate-limited': [
    503,
    'Too many tokens are being verified at the moment',
    'Ask again after the time that Retry-After gives.',
  ],
  'verification-misconfigured': [
    503,
    'This API cannot verify such a token',
    'Tell the operator of this API: its log says what is missing.',
  ],
} as const satisfies Record<string, readonly [status: 400 | 401 | 403 | 503, title: string, remedy: string]>

/** A stable, public name for the reason of a refusal. The codes that Clerk's SDK has keep its spelling. */
export type AuthErrorCode = keyof typeof AUTH_ERRORS

/** How recently, and with which factors, a user must have proved who they are. */
export type Reverification =
  | 'strict_mfa'
  | 'strict'
  | 'moderate'
  | 'lax'
  | {
      readonly level: 'first_factor' | 'second_factor' | 'multi_factor'
      /** Minutes since the verification, more than 0. */
      readonly afterMinutes: number
    }

export interface AuthErrorDetails {
  /** For the operator's log: fixed words, never a token, a key or the value of a claim. */
  readonly message?: string
  readonly tokenType?: TokenType | null
  /** Seconds until asking again may help. */
  readonly retryAfter?: number
  readonly reverification?: Reverification
  readonly scope?: readonly string[]
  readonly cause?: unknown
}

// Not `instanceof`: the ESM and the CommonJS copy of this class may meet in one process.
const BRAND = Symbol.for('clerk-auth.AuthError')

/** A refused request. `code` is stable and public; `message` is for the operator. */
export class AuthError extends Error {
  readonly code: AuthErrorCode
  readonly status: 400 | 401 | 403 | 503
  /** The kind of the credential that was refused, where it was known. */
  readonly tokenType: TokenType | null
  /** Seconds until asking again may help. Only with status 503. */
  readonly retryAfter?: number
  /** What was asked for, with `reverification-required`. */
  readonly reverification?: Reverification
  /** The scopes that were asked for, with `scope-missing`. */
  readonly scope?: readonly string[]
  /**
   * Headers for an answer in a format of your own: the challenge or `Retry-After`, and `Cache-Control`. A guard with
   * `refusals: 'throw'` adds the realm of the options and, where cookies are read, `Vary`. Never `Content-Type`.
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

/** Headers of the answer to a refused request: its challenge (RFC 6750 section 3) or `Retry-After`, and `Cache-Control`. */
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

/** The `error` of a challenge: RFC 6750 section 3.1. A request without a credential gets none. */
function bearerError({ code, status, tokenType }: AuthError): string | undefined {
  if (code === 'credentials-missing') return undefined
  if (status === 400) return 'invalid_request'
  if (status === 401) return 'invalid_token'
  // A client that reads this asks for more scopes, so it is for clients that can: not for sessions and API keys.
  return code === 'scope-missing' && tokenType === 'oauth_token' ? 'insufficient_scope' : undefined
}

/** Adds to a refusal which kind of token was refused. Any other error is left as it is. */
export function withTokenType(error: unknown, tokenType: TokenType): unknown {
  return AuthError.is(error) ? Object.assign(error, { tokenType }) : error
}
