export const TOKEN_KINDS = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

export type TokenKind = (typeof TOKEN_KINDS)[number]

/** What `any` accepts: tokens from JWT templates must be accepted by name. */
export const ANY_KIND: readonly TokenKind[] = TOKEN_KINDS.filter((kind) => kind !== 'jwt_template')

/** A kind of token that can be a JWT. */
export type JwtKind = Exclude<TokenKind, 'api_key'>

/** Header parameter `cat`, which distinguishes the kinds of JWTs: the same key signs all of them. */
export const CATEGORIES = {
  session_token: 'cl_B7d4PD111AAA',
  jwt_template: 'cl_B7d4PD222AAA',
  m2m_token: 'cl_B7d4PD333AAA',
} as const satisfies Partial<Record<JwtKind, string>>
