import { decodeBase64url } from '#signature'
import { isAlgorithm, type Algorithm } from '../crypto/algorithms.js'
import { AuthError } from '../auth/errors.js'
import { member, parseJsonObject, type JsonFault, type JsonObject, type JsonValue } from '../support/json.js'

/** Characters. Clerk's tokens are below 4 KiB, the size limit of a cookie. */
export const MAX_TOKEN_LENGTH = 8192
/** Characters. The header is decoded before the signature is verified, so that must be cheap. */
const MAX_HEADER_LENGTH = 1024
/** Characters. Longer key ids are refused in tokens, and ignored in key sets. */
export const MAX_KID_LENGTH = 128

/** A JSON Web Signature (RFC 7515), split but **not** verified: do not trust anything in it. */
export interface UnverifiedJws {
  readonly header: JoseHeader
  /** `BASE64URL(header)`, as it was sent. */
  readonly encodedHeader: string
  /** `BASE64URL(payload)`. Decoded only once the signature has been verified: see {@link decodePayload}. */
  readonly encodedPayload: string
  /** What the signature covers: `BASE64URL(header) || '.' || BASE64URL(payload)`, in ASCII. */
  readonly signingInput: string
  readonly signature: Uint8Array<ArrayBuffer>
}

export interface JoseHeader {
  readonly alg: Algorithm
  readonly kid: string | undefined
  /** Lower case, without `application/`. */
  readonly typ: 'jwt' | 'at+jwt' | undefined
  /** The kind of token, as Clerk names it. */
  readonly cat: string | undefined
}

/**
 * Splits a token in compact serialization and decodes its header. The payload stays encoded.
 *
 * @param decode {@link decodeHeader}, or a caching wrapper
 * @throws {AuthError} `token-too-large`, `token-malformed`, and those of {@link decodeHeader}
 */
export function splitJws(token: string, decode: (encodedHeader: string) => JoseHeader = decodeHeader): UnverifiedJws {
  if (token.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')

  const firstDot = token.indexOf('.')
  const lastDot = token.indexOf('.', firstDot + 1)
  if (firstDot <= 0 || lastDot < firstDot + 2 || token.includes('.', lastDot + 1))
    throw new AuthError('token-malformed')

  const encodedHeader = token.slice(0, firstDot)
  const header = decode(encodedHeader)
  const signature = decodeBase64url(token.slice(lastDot + 1))
  if (!signature?.length) throw new AuthError('token-malformed')

  return {
    header,
    encodedHeader,
    encodedPayload: token.slice(firstDot + 1, lastDot),
    signingInput: token.slice(0, lastDot),
    signature,
  }
}

/**
 * Decodes and checks the header of a JWS (RFC 7515 section 4).
 *
 * @throws {AuthError} `token-malformed`, `token-header-invalid`, `token-type-mismatch`, `token-critical-header` or
 * `token-invalid-algorithm`
 */
export function decodeHeader(encodedHeader: string): JoseHeader {
  if (encodedHeader.length > MAX_HEADER_LENGTH) throw new AuthError('token-header-invalid')
  return checkHeader(decodePart(encodedHeader, HEADER_FAULTS))
}

/**
 * Decodes the claims of a token whose signature has been verified.
 *
 * @throws {AuthError} `token-malformed`, or `token-claim-invalid` for a claim that is there twice
 */
export function decodePayload(encodedPayload: string): JsonObject {
  return decodePart(encodedPayload, PAYLOAD_FAULTS)
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

// `jwk`, `jku`, `x5c` and `x5u` are ignored: a token must not choose its own key (RFC 8725 section 3.10).
function checkHeader(header: JsonObject): JoseHeader {
  const typ = checkTyp(member(header, 'typ'))
  // No extensions are supported, so any "crit" is refused: RFC 7515 section 4.1.11, RFC 7797.
  if ('crit' in header || 'b64' in header) throw new AuthError('token-critical-header')
  // Parameters of a JWE do not belong in a JWS.
  if ('enc' in header || 'zip' in header || 'epk' in header || 'p2c' in header)
    throw new AuthError('token-header-invalid')

  const [alg, kid, cat] = [member(header, 'alg'), member(header, 'kid'), member(header, 'cat')]
  if (!isAlgorithm(alg)) throw new AuthError('token-invalid-algorithm')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH))
    throw new AuthError('token-header-invalid')
  if (cat !== undefined && typeof cat !== 'string') throw new AuthError('token-header-invalid')
  return { alg, kid, typ, cat }
}

/** Media types are case-insensitive and may omit `application/`: RFC 7515 section 4.1.9. */
function checkTyp(typ: JsonValue | undefined): JoseHeader['typ'] {
  if (typ === undefined) return undefined
  if (typeof typ === 'string') {
    const type = typ.toLowerCase().replace(/^application\//, '')
    if (type === 'jwt' || type === 'at+jwt') return type
  }
  throw new AuthError('token-type-mismatch')
}
