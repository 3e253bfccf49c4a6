import { isLoopbackUrl } from '../http/loopback.js'
import { signJws } from './jws.js'
import { isLocalKid, type KeyRing, type SigningKey } from './keys.js'
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

/**
 * `more` is what a test wants otherwise, merged in last: `undefined` takes a claim or a parameter out.
 *
 * @throws {TypeError} when neither the key id nor the issuer would say any more that the token is of a local instance
 */
export async function signJwt(parts: JwtParts, key: SigningKey, more: Partial<JwtParts> = {}): Promise<string> {
  const header: Readonly<Record<string, unknown>> = { ...parts.header, ...more.header }
  const claims: Readonly<Record<string, unknown>> = { ...parts.claims, ...more.claims }
  // Where an API has but a public key as PEM, nothing else tells it that the key is one of a local instance.
  if (isLocalKid(header['kid']) || isLoopbackUrl(claims['iss'])) return signJws(header, claims, key)
  throw new TypeError(
    'a token of a local instance says that it is one, by its "kid" or its "iss", which an API in production refuses: ' +
      'leave one of the two as it is',
  )
}
