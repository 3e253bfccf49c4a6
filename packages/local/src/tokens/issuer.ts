import { signJws } from './jws.js'
import type { KeyRing, SigningKey } from './keys.js'
import type { Population } from '../seed/seed.js'

/** What the claims of a JWT are made from. */
export interface Issuer {
  readonly url: string
  readonly population: Population
  readonly nowInSeconds: number
  readonly kid: string
  readonly algorithm: string
}

/** What signs JWTs as things are now. */
export interface JwtMint {
  readonly keys: KeyRing
  readonly issuer: () => Issuer
}

/** A JWT that is not yet signed. */
export interface JwtParts {
  readonly header: object
  readonly claims: object
}

/** `more` is what a test wants otherwise, merged in last: `undefined` takes a claim or a parameter out. */
export function signJwt({ header, claims }: JwtParts, key: SigningKey, more: Partial<JwtParts> = {}): Promise<string> {
  return signJws({ ...header, ...more.header }, { ...claims, ...more.claims }, key)
}
