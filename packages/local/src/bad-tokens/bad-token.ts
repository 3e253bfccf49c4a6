/** A token that every API must refuse. */
export interface BadToken {
  /** a short, stable description of what is wrong with it, for test reports */
  readonly name: string
  readonly token: string
  /** the status that an API should respond with */
  readonly status: 400 | 401
  /** the error code that an API should respond with, as the toolkit's adapters do */
  readonly code: BadTokenCode
}

export type BadTokenCode =
  | 'credentials-malformed'
  | 'jwk-kid-mismatch'
  | 'jwk-unsuitable'
  | 'machine-out-of-scope'
  | 'session-pending'
  | 'token-binding-unsupported'
  | 'token-claim-invalid'
  | 'token-critical-header'
  | 'token-expired'
  | 'token-header-invalid'
  | 'token-iat-in-the-future'
  | 'token-invalid-algorithm'
  | 'token-invalid-issuer'
  | 'token-invalid-signature'
  | 'token-malformed'
  | 'token-not-active-yet'
  | 'token-not-found'
  | 'token-revoked'
  | 'token-too-large'
  | 'token-type-mismatch'

/** A malformed credential is a bad request: RFC 6750 section 3.1. */
export function badToken(name: string, code: BadTokenCode, token: string): BadToken {
  return { name, token, status: code === 'credentials-malformed' ? 400 : 401, code }
}
