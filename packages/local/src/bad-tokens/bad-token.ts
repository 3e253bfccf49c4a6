/** A token that no API may let in. */
export interface BadToken {
  /** what is wrong with it, in a few words that stay as they are, for a test report */
  readonly name: string
  readonly token: string
  /** what an API deserves to answer to it */
  readonly status: 400 | 401
  /** the reason that it deserves to give, in the words of the toolkit's adapters */
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

/** One credential that a request carries wrongly is a bad request: RFC 6750 section 3.1. */
export function badToken(name: string, code: BadTokenCode, token: string): BadToken {
  return { name, token, status: code === 'credentials-malformed' ? 400 : 401, code }
}
