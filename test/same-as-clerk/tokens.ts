import { generateKeyPairSync, sign } from 'node:crypto'

/** Milliseconds since the epoch, between two seconds, so that rounding shows. */
export const NOW = 1_800_000_000_500
/** The whole second before {@link NOW}. */
export const SECOND = Math.floor(NOW / 1000)

export const ISSUER = 'https://clerk.example.com'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The public half of the signing key. */
export const JWT_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString()

const KID = 'ins_2a'

export type Claims = Readonly<Record<string, unknown>>
export type Header = Readonly<Record<string, unknown>>

/** `cat`: the categories that Clerk gives its tokens. */
export const CATEGORY = {
  session: 'cl_B7d4PD111AAA',
  template: 'cl_B7d4PD222AAA',
  m2m: 'cl_B7d4PD333AAA',
  ignore: 'cl_I7d4PD111III',
}

export const MACHINE = `mch_${'a'.repeat(27)}`
export const OTHER_MACHINE = `mch_${'b'.repeat(27)}`
export const USER = `user_${'u'.repeat(27)}`

const TIMES = { iat: SECOND, nbf: SECOND - 10, exp: SECOND + 60 }

/** The claims of a session token, in the second format by default. `undefined` omits a claim. */
export function sessionClaims(claims: Claims = {}): Claims {
  return { iss: ISSUER, sub: 'user_2a', sid: 'sess_2a', v: 2, ...TIMES, ...claims }
}

/** A session token with a real signature. */
export function sessionToken(claims: Claims = {}, header: Header = {}): string {
  return signed(sessionClaims(claims), header)
}

export function m2mJwt(claims: Claims = {}, header: Header = {}): string {
  const own = { iss: ISSUER, sub: MACHINE, jti: 'mt_1', aud: [OTHER_MACHINE], scopes: OTHER_MACHINE }
  return signed({ ...own, ...TIMES, ...claims }, { cat: CATEGORY.m2m, ...header })
}

export function oauthJwt(claims: Claims = {}, header: Header = {}): string {
  const own = { iss: ISSUER, sub: USER, jti: 'oat_1', client_id: 'client_1', scope: 'profile email' }
  return signed({ ...own, ...TIMES, ...claims }, { typ: 'at+jwt', ...header })
}

export function templateToken(claims: Claims = {}, header: Header = {}): string {
  return signed({ iss: ISSUER, sub: 'user_2a', ...TIMES, ...claims }, { cat: CATEGORY.template, ...header })
}

/** Any JWT, with RS256 or the algorithm of the header. `undefined` omits a claim or a parameter. */
function signed(claims: unknown, header: Header = {}): string {
  const complete = { alg: 'RS256', typ: 'JWT', kid: KID, ...header }
  return signedParts(part(complete), part(claims), complete.alg)
}

/** The parts as they appear in the token. */
export function signedParts(header: string, payload: string, alg = 'RS256'): string {
  const hash = `sha${alg.slice(2)}`
  return `${header}.${payload}.${sign(hash, Buffer.from(`${header}.${payload}`), privateKey).toString('base64url')}`
}

/** An object, a string or bytes as a part of a JWT. */
export function part(value: unknown): string {
  const bytes = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)
  return Buffer.from(bytes).toString('base64url')
}
