import { AuthError, type TokenType } from './errors.js'
import { member, type JsonObject } from './json.js'
import { decodeJws, type DecodedJws, type JoseHeader } from './jws.js'

/** A JWT, classified but **not** verified. */
export interface Credential {
  readonly tokenType: TokenType
  readonly jws: DecodedJws
}

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
 * Tells what kind of credential a JWT is, by its header and its subject. The one place where that is decided.
 *
 * @throws {AuthError} `token-type-mismatch`, and what `decodeJws` throws
 */
export function readCredential(token: string): Credential {
  const jws = decodeJws(token)
  return { tokenType: classify(jws.header, jws.payload), jws }
}

/** Signals that disagree are no signal: one class of token must never pass for another. */
function classify({ typ, cat }: JoseHeader, payload: JsonObject): TokenType {
  const [sub, sid] = [member(payload, 'sub'), member(payload, 'sid')]
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
