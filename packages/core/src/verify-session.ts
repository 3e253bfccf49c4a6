import { sessionAuth, sessionStatus, type SessionAuth } from './auth.js'
import { checkClaims, text, type ClaimRules } from './claims.js'
import type { Clock } from './clock.js'
import { AuthError } from './errors.js'
import { andThen, type Eventually } from './eventually.js'
import type { VerificationKey } from './jwk.js'
import type { DecodedJws } from './jws.js'
import type { KeySource } from './key-source.js'
import { checkLocalIssuer, type LocalIssuerPolicy } from './local-issuer.js'
import type { VerifiedToken } from './verified-cache.js'

export interface SessionRules extends ClaimRules {
  readonly treatPendingAsSignedOut: boolean
  readonly localIssuer: LocalIssuerPolicy
}

/** Octets of what is remembered beside the claims, measured. */
const BASE_SIZE = 2048
/** Octets in memory for each of the payload. */
const SIZE_PER_OCTET = 8

/**
 * Verifies session tokens: key, signature, claims, in this order.
 *
 * The function that it gives throws or rejects with an {@link AuthError}: what the key source throws,
 * `jwk-unsuitable`, `token-invalid-signature`, what `checkClaims` throws, or `session-pending`.
 */
export function sessionVerifier(
  keys: KeySource,
  rules: SessionRules,
  clock: Clock,
): (jws: DecodedJws) => Eventually<VerifiedToken<SessionAuth>> {
  return (jws) =>
    andThen(keys.find(jws.header.kid), (key) =>
      andThen(verifySignature(jws, key), () => checkSession(jws, key, rules, clock.now())),
    )
}

function verifySignature({ header, signingInput, signature }: DecodedJws, key: VerificationKey): Eventually<void> {
  const verify = key.verifiers.get(header.alg)
  if (!verify) throw new AuthError('jwk-unsuitable')
  if (signature.length !== key.signatureLength) throw new AuthError('token-invalid-signature')
  return andThen(verify(signingInput, signature), (valid) => {
    if (!valid) throw new AuthError('token-invalid-signature')
  })
}

function checkSession(
  { header: { kid }, payload: claims, signingInput }: DecodedJws,
  { thumbprint }: VerificationKey,
  rules: SessionRules,
  now: number,
): VerifiedToken<SessionAuth> {
  const userId = text(claims, 'sub')
  const sessionId = text(claims, 'sid')
  const expiresAt = checkClaims(claims, rules, now)
  checkLocalIssuer(rules.localIssuer, kid, text(claims, 'iss'))
  if (rules.treatPendingAsSignedOut && sessionStatus(claims) === 'pending') throw new AuthError('session-pending')

  return {
    auth: sessionAuth(claims, { userId, sessionId, expiresAt }),
    kid,
    thumbprint,
    goodUntil: expiresAt + rules.clockSkewInMs,
    size: BASE_SIZE + SIZE_PER_OCTET * signingInput.length,
  }
}
