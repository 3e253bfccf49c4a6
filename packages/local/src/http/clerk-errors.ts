/** Clerk's own codes, statuses and words. */
export const CLERK_ERRORS = {
  bad_request: { status: 400, message: 'Bad Request' },
  api_version_invalid: { status: 400, message: 'invalid API version' },
  request_body_invalid: {
    status: 400,
    message: 'Request body invalid',
    longMessage: 'The request body is invalid. Please consult the API documentation for more information.',
  },
  already_a_member_in_organization: { status: 400, message: 'already a member' },
  cookie_invalid: { status: 400, message: 'Invalid cookie' },
  jwt_template_reserved_claim: { status: 400, message: 'reserved claim used' },
  actor_token_cannot_be_revoked_code: { status: 400, message: 'cannot revoke' },
  sign_in_token_cannot_be_revoked_code: { status: 400, message: 'cannot revoke' },
  actor_token_revoked_code: {
    status: 400,
    message: 'actor token has been revoked',
    longMessage: 'This actor token has been revoked and cannot be used anymore.',
  },
  sign_in_token_revoked_code: {
    status: 400,
    message: 'sign in token has been revoked',
    longMessage: 'This sign in token has been revoked and cannot be used anymore.',
  },
  actor_token_already_used_code: {
    status: 400,
    message: 'actor token has already been used',
    longMessage: 'This actor token has already been used. Each token can only be used once.',
  },
  sign_in_token_already_used_code: {
    status: 400,
    message: 'sign in token has already been used',
    longMessage: 'This sign in token has already been used. Each token can only be used once.',
  },
  ticket_expired_code: { status: 400, message: 'ticket is expired', longMessage: 'The ticket has expired.' },
  ticket_invalid_code: { status: 400, message: 'ticket is invalid', longMessage: 'The ticket is invalid.' },
  machine_token_reserved_claim: { status: 400, message: 'reserved claim used' },
  svix_app_exists: { status: 400, message: 'Only one Svix app is allowed per instance.' },
  svix_app_missing: { status: 400, message: 'No Svix apps are associated with the current instance.' },
  missing_query_parameter: {
    status: 400,
    message: 'Missing query parameter',
    longMessage: 'Either of the following query parameters must be provided: publishable_key, frontend_api.',
  },
  malformed_publishable_key: {
    status: 400,
    message: 'Malformed publishable key',
    longMessage: 'Ensure the provided publishable key is the one displayed in Dashboard',
  },
  authorization_header_format_invalid: {
    status: 401,
    message: 'Invalid Authorization header format',
    longMessage: "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'",
  },
  clerk_key_invalid: {
    status: 401,
    message: 'The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.',
  },
  machine_secret_key_invalid: {
    status: 401,
    message: 'The provided Machine Secret Key is invalid. Make sure that your Machine Secret Key is correct.',
  },
  refresh_request_origin_invalid: {
    status: 401,
    message: 'Request origin is invalid',
    longMessage: 'The request_origin parameter could not be parsed',
  },
  expired_session_token_invalid: {
    status: 401,
    message: 'Invalid expired_token param',
    longMessage: 'The session token provided could not be successfully verified',
  },
  expired_session_token_missing_azp: {
    status: 401,
    message: "missing 'azp' claim",
    longMessage: "No 'azp' claim present in the provided expired session token",
  },
  refresh_request_origin_azp_mismatch: {
    status: 401,
    message: 'Request origin does not match azp claim',
    longMessage: "The request_origin parameter does not match the 'azp' claim of expired_token",
  },
  expired_session_token_missing_sid: {
    status: 401,
    message: "missing 'sid' claim",
    longMessage: "No 'sid' claim present in the provided expired session token",
  },
  refresh_sid_mismatch: {
    status: 401,
    message: "Session ID does not match the 'sid' claim",
    longMessage:
      "The 'sid' claim of the provided expired session token does not match the session ID provided in the request path",
  },
  session_refresh_session_not_found: {
    status: 401,
    message: 'Session not found',
  },
  session_refresh_inactive_session: {
    status: 401,
    message: 'session inactive',
    longMessage: 'The provided session is not active',
  },
  session_refresh_user_not_found: {
    status: 401,
    message: 'user not found',
    longMessage: 'The provided user was not found',
  },
  refresh_token_not_found: {
    status: 401,
    message: 'Refresh token not found',
    longMessage: 'The provided refresh token was not found',
  },
  session_refresh_session_token_ineligible: {
    status: 401,
    message: 'expired session token ineligible',
    longMessage: 'The provided expired session token is not eligible for refresh',
  },
  session_refresh_expired_session_token_missing_iat: {
    status: 401,
    message: "missing 'iat' claim",
    longMessage: "No 'iat' claim present in the provided expired session token",
  },
  session_refresh_cannot_determine_session_token_age: {
    status: 401,
    message: 'cannot determine session token age',
    longMessage: 'The age of the provided expired session token cannot be determined',
  },
  session_refresh_expired_session_token_too_old: {
    status: 401,
    message: 'session token too old',
    longMessage: 'The provided expired session token is too old',
  },
  session_refresh_expired_session_token_consumed: {
    status: 401,
    message: 'expired session token consumed',
    longMessage: 'The provided expired session token was already consumed in a previous refresh request',
  },
  authorization_invalid: {
    status: 403,
    message: 'Unauthorized request',
    longMessage: 'You are not authorized to perform this request',
  },
  organization_membership_quota_exceeded: { status: 403, message: 'organization membership quota exceeded' },
  resource_not_found: { status: 404, message: 'not found' },
  session_not_found: { code: 'resource_not_found', status: 404, message: 'Session not found' },
  client_not_found: { code: 'resource_not_found', status: 404, message: 'Client not found' },
  jwt_template_not_found: { code: 'resource_not_found', status: 404, message: 'JWT template not found' },
  machine_not_found: { status: 404, message: 'Machine not found' },
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  conflict: { status: 409, message: 'Conflict' },
  request_body_too_large: { status: 413, message: 'Request body too large' },
  unsupported_content_type: { status: 415, message: 'Content-Type is unsupported' },
  form_param_value_invalid: { status: 422, message: 'is invalid' },
  form_param_type_invalid: { status: 422, message: 'is invalid' },
  form_param_format_invalid: { status: 422, message: 'is invalid' },
  form_param_exceeds_allowed_size: { status: 422, message: 'exceeds allowed size' },
  form_param_unknown: { status: 422, message: 'is unknown' },
  form_conditional_param_missing: { status: 422, message: 'is missing' },
  form_data_missing: { status: 422, message: 'missing data' },
  form_identifier_exists: { status: 422, message: 'already exists' },
  form_password_length_too_short: {
    status: 422,
    message: 'Passwords must be 8 characters or more.',
  },
  form_param_missing: { status: 422, message: 'is missing' },
  form_param_nil: { status: 422, message: 'is nil' },
  form_param_value_too_large: { status: 422, message: 'Value too large' },
  form_param_max_length_exceeded: { status: 422, message: 'exceeds maximum length' },
  form_param_min_length_exceeded: { status: 422, message: 'does not reach minimum length' },
  form_param_array_size_exceeded: { status: 422, message: 'exceeds maximum size' },
  form_resource_not_found: { status: 422, message: 'is missing' },
  too_many_requests: {
    status: 429,
    message: 'Too many requests',
    longMessage: 'Too many requests, retry later',
  },
  internal_clerk_error: { status: 500, message: 'Oops, an unexpected error occurred' },
  service_unavailable: { status: 503, message: 'Service unavailable' },
  gateway_timeout: { status: 504, message: 'Gateway Timeout' },
} as const satisfies Record<string, ClerkError>

export interface ClerkError {
  /** default: the name of the entry */
  readonly code?: string
  readonly status: number
  readonly message: string
  readonly longMessage?: string | undefined
}

export type ClerkErrorCode = keyof typeof CLERK_ERRORS
