import { finding, isFinding, type Finding, type RefusalCode } from './refusal-codes.js'
import { looseJson, own, strictJson, type JsonFault, type JsonObject } from '../support/strict-json.js'
import { CATEGORIES, type JwtKind, type TokenKind } from '../tokens/token-kind.js'

/** The parts of a token. Nothing in it has been verified. */
export type Dissection =
  | { readonly form: 'opaque'; readonly kind: Exclude<TokenKind, 'session_token' | 'jwt_template'> }
  | { readonly form: 'jwt'; readonly jws: Jws; readonly kindByHeader: JwtKind | undefined; readonly payload: Payload }
  | Malformed

/** An API reads the payload only after verifying the signature, so problems in it come second. */
export type Payload = { readonly claims: JsonObject; readonly kind: JwtKind } | Malformed

/** The readable parts of a token, and the first rule that it breaks. */
export interface Malformed {
  readonly form: 'malformed'
  readonly finding: Finding
  readonly header: JsonObject | null
  readonly claims: JsonObject | null
}

export interface Jws {
  readonly header: JsonObject
  readonly alg: string
  readonly kid: string | undefined
  readonly encodedPayload: string
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** Characters. */
const MAX_LENGTH = 8192
const MAX_HEADER_LENGTH = 1024
const MAX_KID_LENGTH = 128

const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

const OPAQUE_PREFIXES = { mt_: 'm2m_token', oat_: 'oauth_token', ak_: 'api_key' } as const

/** Decodes a token and applies the rules that need no key, in the same order as an API. */
export function dissectToken(token: string): Dissection {
  const unreadable = characterFinding(token)
  if (unreadable) return { form: 'malformed', finding: unreadable, header: null, claims: null }
  const prefix = Object.entries(OPAQUE_PREFIXES).find(([prefix]) => token.startsWith(prefix))
  if (prefix) return { form: 'opaque', kind: prefix[1] }

  const parts = token.split('.')
  const jws = decodeJws(parts)
  const kindByHeader = isFinding(jws) ? jws : kindNamedIn(jws.header)
  if (!isFinding(jws) && !isFinding(kindByHeader))
    return { form: 'jwt', jws, kindByHeader, payload: payloadOf(jws, kindByHeader) }
  const [header = '', claims = ''] = parts
  return { form: 'malformed', finding: kindByHeader as Finding, header: preview(header), claims: preview(claims) }
}

function payloadOf({ header, encodedPayload }: Jws, kindByHeader: JwtKind | undefined): Payload {
  const part = decodePart('payload', encodedPayload, PAYLOAD_FAULTS)
  const kind = isFinding(part) ? part : kindByClaims(kindByHeader, part.object)
  if (!isFinding(part) && !isFinding(kind)) return { claims: part.object, kind }
  return { form: 'malformed', finding: kind as Finding, header, claims: preview(encodedPayload) }
}

function characterFinding(token: string): Finding | undefined {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    if (/^[^,]*,\s*bearer /i.test(token) || /^[^, ]*, [\x20-\x7e]*$/.test(token))
      return finding('credentials-ambiguous', 'it contains two credentials, joined by a comma')
    return finding('credentials-malformed', 'it contains whitespace or a non-ASCII character')
  }
  if (token.length > MAX_LENGTH)
    return finding('token-too-large', `it has ${token.length} characters, and at most ${MAX_LENGTH} are allowed`)
  return undefined
}

function decodeJws(parts: readonly string[]): Jws | Finding {
  const [first = '', second = '', third = ''] = parts
  if (parts.length !== 3 || first === '' || second === '') return finding('token-malformed', partsProblem(parts))

  if (first.length > MAX_HEADER_LENGTH)
    return finding(
      'token-header-invalid',
      `its header has ${first.length} characters, and at most ${MAX_HEADER_LENGTH} are allowed`,
    )
  const part = decodePart('header', first, HEADER_FAULTS)
  if (isFinding(part)) return part
  const header = part.object
  const headerProblem = headerFinding(header)
  if (headerProblem) return headerProblem
  const signature = decodeBase64url(third)
  if (!signature?.length)
    return finding('token-malformed', third === '' ? 'it has no signature' : 'its signature is not base64url')

  const [alg, kid] = [own(header, 'alg') as string, own(header, 'kid') as string | undefined]
  return { header, alg, kid, encodedPayload: second, signingInput: `${first}.${second}`, signature }
}

function partsProblem(parts: readonly string[]): string {
  if (parts.length === 5)
    return 'it has five parts, like an encrypted JWT (JWE), and Clerk issues signed ones with three'
  if (parts.length !== 3) return `it has ${parts.length} part${parts.length === 1 ? '' : 's'} and a JWT has three`
  return 'one of its parts is empty'
}

type Faults = Readonly<Record<JsonFault, RefusalCode>>

const HEADER_FAULTS: Faults = {
  'not-utf8': 'token-malformed',
  'too-deep': 'token-malformed',
  'not-an-object': 'token-header-invalid',
  'lone-surrogate': 'token-malformed',
  'duplicate-member': 'token-header-invalid',
}

const PAYLOAD_FAULTS: Faults = {
  ...HEADER_FAULTS,
  'not-an-object': 'token-malformed',
  'duplicate-member': 'token-claim-invalid',
}

const FAULT_TEXTS: Readonly<Record<JsonFault, string>> = {
  'not-utf8': 'is not UTF-8',
  'too-deep': 'nests deeper than 32 levels',
  'not-an-object': 'is not a JSON object',
  'lone-surrogate': 'has a string with half a surrogate pair',
  'duplicate-member': 'has a duplicate member, and parsers differ on which one counts',
}

function decodePart(name: string, part: string, faults: Faults): { readonly object: JsonObject } | Finding {
  const bytes = decodeBase64url(part)
  if (!bytes) return finding('token-malformed', `its ${name} is not base64url`)
  const object = strictJson(bytes)
  return typeof object === 'string' ? finding(faults[object], `its ${name} ${FAULT_TEXTS[object]}`) : { object }
}

function headerFinding(header: JsonObject): Finding | undefined {
  const has = (name: string) => Object.hasOwn(header, name)
  const [typ, alg, kid, cat] = ['typ', 'alg', 'kid', 'cat'].map((name) => own(header, name))
  if (typ !== undefined && !['jwt', 'at+jwt'].includes(mediaType(typ)))
    return finding('token-type-mismatch', `its "typ" is ${JSON.stringify(typ)}, neither JWT nor at+jwt`)
  const critical = ['crit', 'b64'].find(has)
  if (critical)
    return finding('token-critical-header', `its header has "${critical}", an extension that must be understood`)
  const foreign = ['enc', 'zip', 'epk', 'p2c'].find(has)
  if (foreign) return finding('token-header-invalid', `its header has "${foreign}", which belongs to encrypted tokens`)
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg))
    return finding(
      'token-invalid-algorithm',
      `its "alg" is ${JSON.stringify(alg) ?? 'missing'}, and no API accepts that`,
    )
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH))
    return finding('token-header-invalid', `its "kid" is not a string of 1 to ${MAX_KID_LENGTH} characters`)
  if (cat !== undefined && typeof cat !== 'string') return finding('token-header-invalid', 'its "cat" is not a string')
  return undefined
}

/** Ignores case and the prefix `application/`: RFC 7515 section 4.1.9. */
function mediaType(typ: unknown): string {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''
}

const KIND_BY_CATEGORY = new Map<unknown, JwtKind>(
  (['session_token', 'jwt_template', 'm2m_token'] as const).map((kind) => [CATEGORIES[kind], kind]),
)

/** The category of all tokens of an instance that does not use categories. */
const NO_CATEGORY = 'cl_I7d4PD111III'

/** The kind that the header names, if it names one. */
function kindNamedIn(header: JsonObject): JwtKind | undefined | Finding {
  const cat = own(header, 'cat')
  const named = typeof cat === 'string' && cat !== NO_CATEGORY
  const category = named ? KIND_BY_CATEGORY.get(cat) : undefined
  if (mediaType(own(header, 'typ')) === 'at+jwt') {
    if (!category) return 'oauth_token'
    return finding(
      'token-type-mismatch',
      'its "typ" says that it is an OAuth access token, and its "cat" that it is not',
    )
  }
  if (named && !category) return finding('token-type-mismatch', 'its "cat" is not that of a known kind of token')
  return category
}

function kindByClaims(byHeader: JwtKind | undefined, claims: JsonObject): JwtKind | Finding {
  const sub = own(claims, 'sub')
  const isMachine = typeof sub === 'string' && sub.startsWith('mch_')
  if (!byHeader) return isMachine ? 'm2m_token' : own(claims, 'sid') === undefined ? 'jwt_template' : 'session_token'
  if (isMachine === (byHeader === 'm2m_token')) return byHeader
  return finding('token-type-mismatch', 'its header and its "sub" belong to different kinds of token')
}

function decodeBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function preview(part: string): JsonObject | null {
  return looseJson(Buffer.from(part, 'base64url')) ?? null
}
