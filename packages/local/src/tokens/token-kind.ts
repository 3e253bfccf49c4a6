export const TOKEN_KINDS = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

export type TokenKind = (typeof TOKEN_KINDS)[number]

/** A kind of token of which there are JWTs. */
export type JwtKind = Exclude<TokenKind, 'api_key'>

/** What marks a JWT of a kind, in the header `cat`: all of them are signed by the same key. */
export const CATEGORIES = {
  session_token: 'cl_B7d4PD111AAA',
  jwt_template: 'cl_B7d4PD222AAA',
  m2m_token: 'cl_B7d4PD333AAA',
} as const satisfies Partial<Record<JwtKind, string>>
