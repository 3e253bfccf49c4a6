import { itemsOf } from '../support/declaration.js'
import { AuthError, type TokenType } from '../auth/errors.js'
import { kindOf, TOKEN_TYPES } from './kinds.js'

/** One kind of credential, several, or `any`: all that need not be named, which leaves `jwt_template` out. */
export type AcceptsToken = TokenType | readonly TokenType[] | 'any'

/** The kinds of credential that a middleware or a guard accepts. */
export type Accepted = ReadonlySet<TokenType>

const ANY = TOKEN_TYPES.filter((tokenType) => !kindOf(tokenType).mustBeNamed)

export function tokenTypesOf(acceptsToken: AcceptsToken = 'session_token'): readonly TokenType[] {
  return acceptsToken === 'any' ? ANY : typeof acceptsToken === 'string' ? [acceptsToken] : acceptsToken
}

/** Whether a value says which kinds of credential to accept; a string says what is wrong with it. */
export function checkAcceptsToken(value: unknown): true | string {
  const kinds = itemsOf(value)
  if (
    value === 'any' ||
    (kinds.length > 0 && kinds.every((kind) => (TOKEN_TYPES as readonly unknown[]).includes(kind)))
  )
    return true
  return `must be "any", or one or several of ${TOKEN_TYPES.map((kind) => `"${kind}"`).join(', ')}`
}

/** @throws {AuthError} `token-type-mismatch` */
export function checkAccepted(tokenType: TokenType, accepted: Accepted): void {
  if (!accepted.has(tokenType)) throw new AuthError('token-type-mismatch', { tokenType })
}
