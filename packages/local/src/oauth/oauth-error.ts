import type { Answer } from '../api/answer.js'

/** RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009, RFC 7591, RFC 8707, OpenID Connect; `invalid_state` is Clerk's own. */
export type OAuthErrorCode =
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_client_metadata'
  | 'invalid_grant'
  | 'invalid_redirect_uri'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_state'
  | 'invalid_target'
  | 'login_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_mode'
  | 'unsupported_response_type'
  | 'unsupported_token_type'

/** Ends a request of a client with an error of OAuth, in place of one of Clerk's. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  /** Whether the client authenticated with `Authorization`, so that the answer must say how: RFC 6749 section 5.2. */
  readonly isBasic: boolean

  /** @param description without quotation marks and backslashes: RFC 6749 section 5.2 */
  constructor(code: OAuthErrorCode, description: string, { isBasic = false } = {}) {
    super(description)
    this.code = code
    this.isBasic = isBasic
  }

  get answer(): Answer {
    return {
      status: this.code === 'invalid_client' ? 401 : 400,
      headers: this.isBasic ? { 'www-authenticate': 'Basic realm="OAuth clients"' } : {},
      body: JSON.stringify({ error: this.code, error_description: this.message }),
    }
  }
}
