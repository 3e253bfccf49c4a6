import { decodeBase64url } from '#signature'
import { isAlgorithm, type Algorithm } from './algorithms.js'
import { AuthError } from './errors.js'
import { member, parseJsonObject, type JsonFault, type JsonObject, type JsonValue } from './json.js'

/** Characters. Clerk's tokens are below 4 KiB, the size of a cookie; anything far larger is nobody's token. */
export const MAX_TOKEN_LENGTH = 8192
const MAX_KID_LENGTH = 128

/** A JSON Web Signature (RFC 7515), taken apart but **not** verified: nothing in it is to be believed yet. */
export interface DecodedJws {
  readonly header: JoseHeader
  readonly payload: JsonObject
  /** The octets that the signature covers: `BASE64URL(header) || '.' || BASE64URL(payload)`. */
  readonly signingInput: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

export interface JoseHeader {
  readonly alg: Algorithm
  readonly kid: string | undefined
  /** Lower case, without `application/`. */
  readonly typ: 'jwt' | 'at+jwt' | undefined
  /** The class that Clerk gives its tokens. */
  readonly cat: string | undefined
}

const encoder = new TextEncoder()

/**
 * Takes a token in compact serialization apart and checks its header.
 *
 * @throws {AuthError} `token-too-large`, `token-malformed`, `token-header-invalid`, `token-type-mismatch`,
 * `token-critical-header`, `token-invalid-algorithm` or `token-claim-invalid` (a claim that is there twice)
 */
export function decodeJws(token: string): DecodedJws {
  if (token.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')

  const firstDot = token.indexOf('.')
  const lastDot = token.indexOf('.', firstDot + 1)
  if (firstDot <= 0 || lastDot < firstDot + 2 || token.includes('.', lastDot + 1))
    throw new AuthError('token-malformed')

  const header = checkHeader(decodePart(token.slice(0, firstDot), HEADER_FAULTS))
  const payload = decodePart(token.slice(firstDot + 1, lastDot), PAYLOAD_FAULTS)
  const signature = decodeBase64url(token.slice(lastDot + 1))
  if (!signature?.length) throw new AuthError('token-malformed')

  return { header, payload, signingInput: encoder.encode(token.slice(0, lastDot)), signature }
}

const HEADER_FAULTS = {
  'not-utf8': 'token-malformed',
  'not-an-object': 'token-header-invalid',
  'duplicate-member': 'token-header-invalid',
  'forbidden-character': 'token-malformed',
  'too-deep': 'token-malformed',
} as const satisfies Record<JsonFault, string>

const PAYLOAD_FAULTS = {
  ...HEADER_FAULTS,
  'not-an-object': 'token-malformed',
  'duplicate-member': 'token-claim-invalid',
} as const satisfies Record<JsonFault, string>

function decodePart(part: string, faults: typeof HEADER_FAULTS | typeof PAYLOAD_FAULTS): JsonObject {
  const bytes = decodeBase64url(part)
  if (!bytes) throw new AuthError('token-malformed')
  const object = parseJsonObject(bytes)
  if (typeof object === 'string') throw new AuthError(faults[object])
  return object
}

// `jwk`, `jku`, `x5c` and `x5u` are never read: a token does not choose its own key (RFC 8725 section 3.10).
function checkHeader(header: JsonObject): JoseHeader {
  const typ = checkTyp(member(header, 'typ'))
  // No extension is understood here, so any "crit" is refused, whatever it holds: RFC 7515 section 4.1.11, RFC 7797.
  if ('crit' in header || 'b64' in header) throw new AuthError('token-critical-header')
  // A JWE's parameters on a JWS: somebody is trying what happens.
  if ('enc' in header || 'zip' in header || 'epk' in header || 'p2c' in header)
    throw new AuthError('token-header-invalid')

  const [alg, kid, cat] = [member(header, 'alg'), member(header, 'kid'), member(header, 'cat')]
  if (!isAlgorithm(alg)) throw new AuthError('token-invalid-algorithm')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH))
    throw new AuthError('token-header-invalid')
  if (cat !== undefined && typeof cat !== 'string') throw new AuthError('token-header-invalid')
  return { alg, kid, typ, cat }
}

/** Media types compare without regard to case, and may leave `application/` out: RFC 7515 section 4.1.9. */
function checkTyp(typ: JsonValue | undefined): JoseHeader['typ'] {
  if (typ === undefined) return undefined
  if (typeof typ === 'string') {
    const type = typ.toLowerCase().replace(/^application\//, '')
    if (type === 'jwt' || type === 'at+jwt') return type
  }
  throw new AuthError('token-type-mismatch')
}
