import { isLoopbackUrl } from '../support/loopback.js'
import { signJws } from './jws.js'
import { isLocalKid, type KeyRing, type SigningKey } from './keys.js'
import type { Directory } from '../people/directory.js'

/** The inputs for the claims of a JWT. */
export interface Issuer {
  readonly url: string
  readonly directory: Directory
  readonly nowInSeconds: number
  readonly kid: string
  readonly algorithm: string
}

/** Signs JWTs with the current keys and time. */
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
 * Signs the parts. `more` overrides them: `undefined` removes a claim or header parameter.
 *
 * @throws {TypeError} if neither `kid` nor `iss` would still identify the token as that of a local instance
 */
export async function signJwt(parts: JwtParts, key: SigningKey, more: Partial<JwtParts> = {}): Promise<string> {
  const header: Readonly<Record<string, unknown>> = { ...parts.header, ...more.header }
  const claims: Readonly<Record<string, unknown>> = { ...parts.claims, ...more.claims }
  // An API that only has the public key as PEM has no other way to recognize the token of a local instance.
  if (isLocalKid(header['kid']) || isLoopbackUrl(claims['iss'])) return signJws(header, claims, key)
  throw new TypeError(
    'the "kid" or the "iss" must identify the token as that of a local instance, so that APIs in production reject it: ' +
      'do not override both',
  )
}
