import { encodeUtf8, sha256 } from '#signature'
import type { AuthenticatedAuth } from './auth/auth.js'
import { checkNotBound, issuedAtOf, stringClaim } from './token/claims.js'
import type { Clock } from './support/clock.js'
import { AuthError, withTokenType, type TokenType } from './auth/errors.js'
import { headerCache } from './token/header-cache.js'
import type { VerificationKey } from './keys/jwk.js'
import { decodePayload, splitJws, type UnverifiedJws } from './token/jws.js'
import type { KeySource } from './keys/key-source.js'
import { checkAccepted, type Accepted } from './kinds/accepts-token.js'
import { typeByClaims, typeByHeader } from './kinds/classify.js'
import type { ClaimsReader } from './kinds/kind.js'
import { checkLocalIssuer, type LocalIssuerPolicy } from './token/local-issuer.js'
import type { MaybePromise } from './support/maybe-promise.js'
import { sizeInMemory } from './support/size-in-memory.js'
import type { VerifiedToken } from './token/verified-cache.js'

export interface JwtVerifierOptions {
  readonly keys: KeySource
  /**
   * Returns the claims reader for a kind of token.
   *
   * @throws {AuthError} `verification-misconfigured` if a required option is missing
   */
  readonly readerOf: (tokenType: TokenType) => ClaimsReader<AuthenticatedAuth>
  readonly localIssuer: LocalIssuerPolicy
  readonly clockSkewInMs: number
  readonly clock: Clock
}

/**
 * Verifies a JWT, in this order: header, kind, key, signature, payload, claims.
 *
 * Rejects with an {@link AuthError}: those of {@link splitJws}, the key source, {@link decodePayload} and the claims
 * reader, and `token-type-mismatch`, `jwk-unsuitable`, `token-invalid-signature`, `verification-rate-limited`,
 * `token-binding-unsupported` or `token-invalid-issuer`.
 */
export type JwtVerifier = (token: string, accepted: Accepted) => Promise<VerifiedToken>

export function jwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { keys, readerOf, localIssuer, clockSkewInMs, clock } = options
  const headers = headerCache()

  return async (token, accepted) => {
    const jws = splitJws(token, headers.decode)
    const { kid, alg } = jws.header
    let tokenType = typeByHeader(jws.header)
    try {
      if (tokenType) {
        checkAccepted(tokenType, accepted)
        readerOf(tokenType) // throws if a required option is missing
      }
      const key = keys.inHand(kid) ?? (await keys.find(kid))
      await verifySignature(jws, key)
      headers.remember(jws)

      // The payload is not parsed before this line.
      const claims = decodePayload(jws.encodedPayload)
      tokenType = typeByClaims(tokenType, claims)
      checkAccepted(tokenType, accepted)
      checkNotBound(claims)
      const auth = readerOf(tokenType)(claims, clock.now())
      checkLocalIssuer(localIssuer, kid, stringClaim(claims, 'iss'))
      const goodUntil = (auth.expiresAt ?? 0) + clockSkewInMs
      const issuedAt = issuedAtOf(claims)
      // A promise under WebCrypto; the types are Node's.
      const signedDigest = await (sha256(jws.signingInput) as MaybePromise<string>)
      const { thumbprint } = key
      return { auth, kid, alg, thumbprint, issuedAt, signedDigest, goodUntil, size: sizeInMemory(auth) }
    } catch (error) {
      throw tokenType ? withTokenType(error, tokenType) : error
    }
  }
}

async function verifySignature(
  { header, signingInput, signature }: UnverifiedJws,
  key: VerificationKey,
): Promise<void> {
  const verify = key.verifiers.get(header.alg)
  if (!verify) throw new AuthError('jwk-unsuitable')
  if (signature.length !== key.signatureLength) throw new AuthError('token-invalid-signature')
  // Encoded only now, so that tokens waiting for a key use less memory.
  const valid = await verify(encodeUtf8(signingInput), signature)
  if (valid === undefined)
    throw new AuthError('verification-rate-limited', {
      message: 'too many tokens with a slow algorithm (ES384, ES512, RSA over 4096 bits) are waiting for verification',
      retryAfter: 1,
    })
  if (!valid) throw new AuthError('token-invalid-signature')
}
