import { generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto'

/** Milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 0, 1)
export const SECONDS = NOW / 1000
export const ISSUER = 'https://clerk.example.com'

const word = (letter: string) => letter.repeat(27)
export const USER = `user_${word('u')}`
export const MACHINE = `mch_${word('m')}`
/** This service. */
export const HERE = `mch_${word('h')}`

type Json = Readonly<Record<string, unknown>>

/** The holder of a private key, who signs anything. */
export interface Issuer {
  readonly jwk: JsonWebKey & { readonly kid: string }
  /** A token with a header and claims. A member that is `undefined` is omitted. */
  readonly token: (claims: Json, header?: Json) => string
  /** A token of arbitrary bytes. */
  readonly sign: (header: string | Uint8Array, payload: string | Uint8Array) => string
}

const KEYS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const

export function issuer(alg: keyof typeof KEYS = 'ES256', kid: string = alg): Issuer {
  const { publicKey, privateKey } = KEYS[alg]()
  const signed: Issuer['sign'] = (header, payload) => {
    const input = `${base64url(header)}.${base64url(payload)}`
    return `${input}.${signatureOf(input, privateKey).toString('base64url')}`
  }
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid },
    token: (claims, header = {}) => signed(JSON.stringify({ alg, typ: 'JWT', kid, ...header }), JSON.stringify(claims)),
    sign: signed,
  }
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as string).toString('base64url')
}

function signatureOf(input: string, key: KeyObject): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(input), {
    key,
    dsaEncoding: 'ieee-p1363',
  })
}

const TIMES = { iss: ISSUER, iat: SECONDS, nbf: SECONDS, exp: SECONDS + 60 }

/** Claims that are valid for a minute from {@link NOW}, by kind. */
export const CLAIMS = {
  session_token: { ...TIMES, sub: USER, sid: 'sess_1', azp: 'https://app.example.com', v: 2 },
  m2m_token: { ...TIMES, sub: MACHINE, scopes: HERE, jti: 'mt_1' },
  oauth_token: { ...TIMES, sub: USER, client_id: 'client_1', scope: 'invoices:read', jti: 'oat_1' },
  jwt_template: { ...TIMES, sub: USER, azp: 'https://app.example.com', jti: 'jwt_1', plan: 'pro' },
} as const satisfies Record<string, Json>

export type JwtKind = keyof typeof CLAIMS
export const JWT_KINDS = Object.keys(CLAIMS) as JwtKind[]

/** The header that shows the kind of a token. */
export const HEADERS = {
  session_token: { cat: 'cl_B7d4PD111AAA' },
  m2m_token: { cat: 'cl_B7d4PD333AAA' },
  oauth_token: { typ: 'at+jwt' },
  jwt_template: { cat: 'cl_B7d4PD222AAA' },
} as const satisfies Record<JwtKind, Json>
