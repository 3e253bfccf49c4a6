import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export const ISSUER = 'https://issuer.example'
/** Milliseconds since the epoch: the start of each test. */
export const NOW = Date.UTC(2030, 0, 1)

export interface Jwk {
  readonly [member: string]: unknown
}

/** A key of an issuer. */
export interface Signer {
  readonly jwk: Jwk
  /** A session token that is valid for a day. A claim or a parameter that is `undefined` is omitted. */
  readonly token: (claims?: object, header?: object) => string
}

export interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export function signer(kid: string, { publicKey, privateKey }: Pair = p256(), alg: Alg = 'ES256'): Signer {
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    token: (claims = {}, header = {}) => {
      const input = signingInput({ alg, kid, ...header }, claims)
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
      return `${input}.${sign(DIGESTS[alg], Buffer.from(input), key).toString('base64url')}`
    },
  }
}

const DIGESTS = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', RS256: 'sha256', EdDSA: null } as const
export type Alg = keyof typeof DIGESTS

export function p256(): Pair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** The header and payload of a session token. */
export function signingInput(header: object, claims: object = {}): string {
  const iat = NOW / 1000
  const times = { iat, nbf: iat, exp: iat + 24 * 3600 }
  const session = { iss: ISSUER, sub: 'user_alice', sid: 'sess_1', ...times, ...claims }
  return [{ typ: 'JWT', ...header }, session]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
}

/** The same token with another subject and the old signature. */
export function tampered(token: string): string {
  const [header, , signature] = token.split('.')
  return `${header}.${signingInput({}, { sub: 'user_mallory' }).split('.')[1]}.${signature}`
}
