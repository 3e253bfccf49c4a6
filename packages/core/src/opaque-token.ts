import { AuthError, type TokenType } from './errors.js'

/** The kinds of token that say nothing by themselves: only Clerk can tell what they stand for. */
export type OpaqueTokenType = Extract<TokenType, 'm2m_token' | 'oauth_token' | 'api_key'>

/** Source: https://clerk.com/docs/guides/development/machine-auth/overview */
const PREFIXES = [
  ['mt_', 'm2m_token'],
  ['oat_', 'oauth_token'],
  ['ak_', 'api_key'],
] as const

const SHAPE = /^[\w-]{16,512}$/

/** The kind that the prefix of a token names; `undefined` for what is no opaque token. */
export function opaqueTypeOf(token: string): OpaqueTokenType | undefined {
  for (const [prefix, tokenType] of PREFIXES) if (token.startsWith(prefix)) return tokenType
  return undefined
}

/**
 * Refuses what cannot be an opaque token before anybody is asked about it: each call costs time, and money.
 *
 * @throws {AuthError} `token-malformed`
 */
export function checkOpaqueToken(token: string): void {
  if (!SHAPE.test(token)) throw new AuthError('token-malformed')
}
