import { itemsOf } from './declaration.js'
import type { TokenType } from './errors.js'

/** One kind, several, or `any` of them but `jwt_template`, whose claims are whatever somebody put into a template. */
export type AcceptsToken = TokenType | readonly TokenType[] | 'any'

const ANY = ['session_token', 'm2m_token', 'oauth_token', 'api_key'] as const satisfies TokenType[]
const TOKEN_TYPES: readonly unknown[] = [...ANY, 'jwt_template'] satisfies TokenType[]

export function tokenTypesOf(acceptsToken: AcceptsToken = 'session_token'): readonly TokenType[] {
  return acceptsToken === 'any' ? ANY : typeof acceptsToken === 'string' ? [acceptsToken] : acceptsToken
}

/** Whether a value says which kinds of credential to accept; a text says what is wrong. */
export function checkAcceptsToken(value: unknown): true | string {
  const kinds = itemsOf(value)
  if (value === 'any' || (kinds.length > 0 && kinds.every((kind) => TOKEN_TYPES.includes(kind)))) return true
  return `must be "any", or one or several of ${TOKEN_TYPES.map((kind) => `"${String(kind)}"`).join(', ')}`
}
