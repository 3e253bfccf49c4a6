import type { AuthenticatedAuth } from './auth.js'
import { checkNotBound, text } from './claims.js'
import type { Clock } from './clock.js'
import { AuthError } from './errors.js'
import { andThen, type Eventually } from './eventually.js'
import type { JsonObject } from './json.js'
import type { VerificationKey } from './jwk.js'
import type { DecodedJws } from './jws.js'
import type { KeySource } from './key-source.js'
import { checkLocalIssuer, type LocalIssuerPolicy } from './local-issuer.js'
import { sizeInMemory } from './size-in-memory.js'
import type { VerifiedToken } from './verified-cache.js'

/** What is common to all JWTs of an instance. */
export interface JwtRules {
  readonly keys: KeySource
  readonly localIssuer: LocalIssuerPolicy
  readonly clockSkewInMs: number
  readonly clock: Clock
}

/** Checks the claims of one kind and says who the token speaks for. Throws an {@link AuthError}. */
export type ClaimsReader<A> = (claims: JsonObject, now: number) => A

/**
 * Verifies a JWT: key, signature, claims, in this order.
 *
 * The function that it gives throws or rejects with an {@link AuthError}: what the key source throws,
 * `jwk-unsuitable`, `token-invalid-signature`, `verification-rate-limited`, `token-binding-unsupported`, what `readClaims` throws, or `token-invalid-issuer`.
 */
export function jwtVerifier<A extends AuthenticatedAuth & { readonly expiresAt: number | null }>(
  { keys, localIssuer, clockSkewInMs, clock }: JwtRules,
  readClaims: ClaimsReader<A>,
): (jws: DecodedJws) => Eventually<VerifiedToken<A>> {
  return (jws) =>
    andThen(keys.find(jws.header.kid), (key) =>
      andThen(verifySignature(jws, key), () => {
        const { kid, alg } = jws.header
        checkNotBound(jws.payload)
        const auth = readClaims(jws.payload, clock.now())
        checkLocalIssuer(localIssuer, kid, text(jws.payload, 'iss'))
        return {
          auth,
          kid,
          alg,
          thumbprint: key.thumbprint,
          goodUntil: (auth.expiresAt ?? 0) + clockSkewInMs,
          size: sizeInMemory(auth),
        }
      }),
    )
}

function verifySignature({ header, signingInput, signature }: DecodedJws, key: VerificationKey): Eventually<void> {
  const verify = key.verifiers.get(header.alg)
  if (!verify) throw new AuthError('jwk-unsuitable')
  if (signature.length !== key.signatureLength) throw new AuthError('token-invalid-signature')
  return andThen(verify(signingInput, signature), (valid) => {
    if (valid === undefined)
      throw new AuthError('verification-rate-limited', {
        message: 'too many tokens with a slow algorithm (ES384, ES512, RSA over 4096 bits) arrive at once',
        retryAfter: 1,
      })
    if (!valid) throw new AuthError('token-invalid-signature')
  })
}
