import { AuthError, type TokenType } from './errors.js'
import type { JsonObject } from './json.js'
import { decodeJws, MAX_TOKEN_LENGTH, type DecodedJws, type JoseHeader } from './jws.js'

/** A token, classified but **not** verified. */
export type Credential =
  | { readonly form: 'jwt'; readonly tokenType: TokenType; readonly jws: DecodedJws }
  | { readonly form: 'opaque'; readonly tokenType: TokenType; readonly token: string }

/** Source: https://clerk.com/docs/guides/development/machine-auth/overview */
const OPAQUE_PREFIXES = { mt_: 'm2m_token', oat_: 'oauth_token', ak_: 'api_key' } as const

/** What Clerk writes into the header parameter `cat`. */
const CATEGORIES: ReadonlyMap<string, TokenType> = new Map([
  ['cl_B7d4PD111AAA', 'session_token'],
  ['cl_B7d4PD222AAA', 'jwt_template'],
  ['cl_B7d4PD333AAA', 'm2m_token'],
])
/** Stands on every token of an instance that opted out of categories, so it says nothing. */
const CATEGORY_IGNORE = 'cl_I7d4PD111III'

const MACHINE_PREFIX = 'mch_'

/**
 * Tells what kind of credential a token is, by its form alone. The one place where that is decided.
 *
 * @throws {AuthError} `token-type-mismatch`, and what `decodeJws` throws
 */
export function readCredential(token: string): Credential {
  for (const [prefix, tokenType] of Object.entries(OPAQUE_PREFIXES)) {
    if (token.startsWith(prefix)) return { form: 'opaque', tokenType, token: checkOpaque(token) }
  }
  const jws = decodeJws(token)
  return { form: 'jwt', tokenType: classify(jws.header, jws.payload), jws }
}

function checkOpaque(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')
  if (!/^\w+$/.test(token)) throw new AuthError('token-malformed')
  return token
}

/** Signals that disagree are no signal: one class of token must never pass for another. */
function classify({ typ, cat }: JoseHeader, { sub, sid }: JsonObject): TokenType {
  const category = cat === undefined || cat === CATEGORY_IGNORE ? undefined : (CATEGORIES.get(cat) ?? 'unknown')
  const isMachine = typeof sub === 'string' && sub.startsWith(MACHINE_PREFIX)

  // An OAuth access token says so in its type (RFC 9068 section 2.1), and may have a category that is new to us.
  if (typ === 'at+jwt') {
    if ((category === undefined || category === 'unknown') && !isMachine) return 'oauth_token'
    throw new AuthError('token-type-mismatch')
  }
  if (category === undefined) return isMachine ? 'm2m_token' : sid === undefined ? 'jwt_template' : 'session_token'
  if (category === 'unknown' || isMachine !== (category === 'm2m_token')) throw new AuthError('token-type-mismatch')
  return category
}
