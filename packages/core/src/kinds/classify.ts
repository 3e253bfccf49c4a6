import { AuthError, type TokenType } from '../auth/errors.js'
import type { JsonObject } from '../support/json.js'
import type { JoseHeader } from '../token/jws.js'
import { kindOf, KINDS, OPAQUE_TOKEN_TYPES, TOKEN_TYPES, type OpaqueTokenType } from './kinds.js'
import { isMachine } from './m2m.js'

const PREFIXES = OPAQUE_TOKEN_TYPES.map((tokenType) => [KINDS[tokenType].opaque.prefix, tokenType] as const)
const CATEGORIES = new Map(TOKEN_TYPES.map((tokenType) => [kindOf(tokenType).jwt?.category, tokenType]))
/** In every token of an instance that opted out of categories, so it is ignored. */
const CATEGORY_IGNORE = 'cl_I7d4PD111III'

/** The kind of an opaque token, by its prefix; `undefined` for anything else. */
export function opaqueTypeOf(token: string): OpaqueTokenType | undefined {
  for (const [prefix, tokenType] of PREFIXES) if (token.startsWith(prefix)) return tokenType
  return undefined
}

/**
 * The kind of a JWT, if its header says so. **Not** verified.
 *
 * @throws {AuthError} `token-type-mismatch` for an unknown kind or contradictory parameters
 */
export function typeByHeader({ typ, cat }: JoseHeader): TokenType | undefined {
  const category = cat === undefined || cat === CATEGORY_IGNORE ? undefined : (CATEGORIES.get(cat) ?? 'unknown')
  // OAuth access tokens are identified by `typ`, and may have an unknown category.
  if (typ === KINDS.oauth_token.jwt.typ) {
    if (category === undefined || category === 'unknown') return 'oauth_token'
    throw new AuthError('token-type-mismatch')
  }
  if (category === 'unknown') throw new AuthError('token-type-mismatch')
  return category
}

/**
 * The kind of a JWT whose signature has been verified.
 *
 * @throws {AuthError} `token-type-mismatch` if header and claims disagree: one kind must never be accepted as another
 */
export function typeByClaims(byHeader: TokenType | undefined, claims: JsonObject): TokenType {
  if (byHeader === undefined) return TOKEN_TYPES.find((tokenType) => kindOf(tokenType).jwt?.isKindOf?.(claims))!
  if (isMachine(claims) !== (byHeader === 'm2m_token')) throw new AuthError('token-type-mismatch')
  return byHeader
}
