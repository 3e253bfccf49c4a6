import { KID, rs256, type Signer } from './keys.js'

/** The time on the verifier's clock, in milliseconds since the epoch. */
export const NOW = Date.UTC(2030, 0, 1)
export const SECONDS = NOW / 1000

export const ISSUER = 'https://clerk.hostile.example'
export const USER = 'user_2xJq7Rk0vWn3TzYb8LmPd5HsGcE'
export const ORG = 'org_2hGf4Dk9sPq1WmZn6VbXc8LrTyU'
export const HERE = 'mch_2aPw5Kd8fJx3RnTq0VbYs7LmZcG'
export const WORKER = 'mch_2qZr6Tn1hMv4XkPs9DbWf0JyLcE'
export const CLIENT = 'client_hostile_cli'

export const CATEGORY = {
  session: 'cl_B7d4PD111AAA',
  template: 'cl_B7d4PD222AAA',
  m2m: 'cl_B7d4PD333AAA',
} as const

/** An object, a JSON string, or bytes. */
export type Part = object | string

export function base64url(part: Part): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** A token with a valid signature, so that it can only be refused for its content. */
export function signed(header: Part, payload: Part, sign: Signer = rs256): string {
  const signingInput = `${base64url(header)}.${base64url(payload)}`
  return `${signingInput}.${sign(Buffer.from(signingInput)).toString('base64url')}`
}

export const HEADER = { alg: 'RS256', typ: 'JWT', kid: KID.rsa, cat: CATEGORY.session } as const

const TIMES = { iat: SECONDS - 10, nbf: SECONDS - 10, exp: SECONDS + 60 }

export const SESSION = {
  iss: ISSUER,
  sub: USER,
  sid: 'sess_2xJq9Vn4kTz1RbYc7LmPd6HsGwE',
  azp: 'https://app.hostile.example',
  v: 2,
  ...TIMES,
} as const

const MACHINE = { iss: ISSUER, sub: WORKER, jti: 'mt_0123456789abcdef', scopes: HERE, ...TIMES }
const OAUTH = {
  iss: ISSUER,
  sub: USER,
  client_id: CLIENT,
  jti: 'oat_0123456789abcdef',
  scope: 'invoices:read',
  ...TIMES,
}

type Changes = Readonly<Record<string, unknown>>
type Minter = (claims?: Changes, header?: Changes, sign?: Signer) => string

// Claims and parameters that are `undefined` are omitted.
export const session: Minter = (claims, header, sign) =>
  signed({ ...HEADER, ...header }, { ...SESSION, ...claims }, sign)
export const machine: Minter = (claims, header, sign) =>
  signed({ ...HEADER, cat: CATEGORY.m2m, ...header }, { ...MACHINE, ...claims }, sign)
export const oauth: Minter = (claims, header, sign) =>
  signed({ ...HEADER, cat: undefined, typ: 'at+jwt', ...header }, { ...OAUTH, ...claims }, sign)

/** Session tokens with changed claims, by name. */
export function sessions(claims: Readonly<Record<string, Changes>>): Record<string, string> {
  return Object.fromEntries(Object.entries(claims).map(([name, one]) => [name, session(one)]))
}

/** A session token with exactly this header or payload. */
export const withHeader = (header: Part, sign?: Signer) => signed(header, SESSION, sign)
export const withPayload = (payload: Part, sign?: Signer) => signed(HEADER, payload, sign)

/** The JSON of an object with more members appended. */
export function jsonWith(object: object, more: string): string {
  return `${JSON.stringify(object).slice(0, -1)},${more}}`
}

export interface Parts {
  readonly header: string
  readonly payload: string
  readonly signature: string
}

export function partsOf(token: string): Parts {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header, payload, signature }
}

/** The same token with other parts. */
export function replaced(token: string, parts: Partial<Parts>): string {
  const { header, payload, signature } = { ...partsOf(token), ...parts }
  return `${header}.${payload}.${signature}`
}

/** The same token with this encoded payload, signed again: a payload is read only after its signature is verified. */
export function withEncodedPayload(token: string, payload: string, sign: Signer = rs256): string {
  const signingInput = `${partsOf(token).header}.${payload}`
  return `${signingInput}.${sign(Buffer.from(signingInput)).toString('base64url')}`
}

/** Mints tokens until one satisfies `fits`. */
export function untilFits(
  mint: (claims: { readonly jti: string }) => string,
  fits: (token: string) => boolean,
): string {
  for (let i = 0; i < 10_000; i++) {
    const token = mint({ jti: `try_${i}` })
    if (fits(token)) return token
  }
  throw new Error('no such token was found')
}
