import type { AuthByTokenType } from '../auth/auth.js'
import type { TokenType } from '../auth/errors.js'
import { apiKey } from './api-key.js'
import { jwtTemplate } from './jwt-template.js'
import type { GuardField, Kind } from './kind.js'
import { m2m } from './m2m.js'
import { oauth } from './oauth.js'
import { session } from './session.js'

/** The kinds of token that a Clerk instance issues. A token is classified by trying them in this order. */
export const KINDS = {
  m2m_token: m2m,
  oauth_token: oauth,
  api_key: apiKey,
  session_token: session,
  jwt_template: jwtTemplate,
} as const satisfies { readonly [T in TokenType]: Kind<AuthByTokenType[T]> }

type Kinds = typeof KINDS

/** The kinds that have an opaque form. */
export type OpaqueTokenType = { [T in TokenType]: Kinds[T] extends { readonly opaque: unknown } ? T : never }[TokenType]

/** The kinds that can meet a field of a requirement. */
export type TokenTypeWith<F extends GuardField> = {
  [T in TokenType]: F extends Kinds[T]['guardFields'][number] ? T : never
}[TokenType]

export const TOKEN_TYPES = Object.keys(KINDS) as readonly TokenType[]
export const OPAQUE_TOKEN_TYPES = TOKEN_TYPES.filter(
  (tokenType) => 'opaque' in KINDS[tokenType],
) as readonly OpaqueTokenType[]

export function kindOf(tokenType: TokenType): Kind {
  return KINDS[tokenType]
}

/** Whether callers of a kind can meet a field of a requirement. */
export function kindHas(tokenType: TokenType, field: GuardField): boolean {
  return kindOf(tokenType).guardFields.includes(field)
}
