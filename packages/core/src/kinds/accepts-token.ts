import { itemsOf } from '../support/declaration.js'
import { AuthError, type TokenType } from '../auth/errors.js'
import { kindOf, TOKEN_TYPES } from './kinds.js'

/** One kind of token, several, or `any`: all kinds except `jwt_template`, which must be named. */
export type AcceptsToken = TokenType | readonly TokenType[] | 'any'

/** The kinds of token that a middleware or guard accepts. */
export type Accepted = ReadonlySet<TokenType>

const ANY = TOKEN_TYPES.filter((tokenType) => !kindOf(tokenType).mustBeNamed)

export function tokenTypesOf(acceptsToken: AcceptsToken = 'session_token'): readonly TokenType[] {
  return acceptsToken === 'any' ? ANY : typeof acceptsToken === 'string' ? [acceptsToken] : acceptsToken
}

/** Checks a value of `acceptsToken`. Returns `true`, or what is wrong with it. */
export function checkAcceptsToken(value: unknown): true | string {
  const kinds = itemsOf(value)
  if (
    value === 'any' ||
    (kinds.length > 0 && kinds.every((kind) => (TOKEN_TYPES as readonly unknown[]).includes(kind)))
  )
    return true
  return `must be "any", or one or more of ${TOKEN_TYPES.map((kind) => `"${kind}"`).join(', ')}`
}

/** @throws {AuthError} `token-type-mismatch` */
export function checkAccepted(tokenType: TokenType, accepted: Accepted): void {
  if (!accepted.has(tokenType)) throw new AuthError('token-type-mismatch', { tokenType })
}
