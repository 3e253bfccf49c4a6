import { sha256 } from '#signature'
import { unauthenticated, type Auth, type AuthenticatedAuth } from './auth.js'
import { readBearerToken, type AuthSource } from './authorization.js'
import { readCredential } from './credential.js'
import { AuthError, type TokenType } from './errors.js'
import type { EventListener } from './events.js'
import { andThen, rescue, type Eventually } from './eventually.js'
import { MAX_TOKEN_LENGTH, type DecodedJws } from './jws.js'
import type { KeySource } from './key-source.js'
import type { VerifiedCache, VerifiedToken } from './verified-cache.js'

/** By kind. A kind without a verifier is not accepted. */
export type Verifiers = Partial<Record<TokenType, (jws: DecodedJws) => Eventually<VerifiedToken<AuthenticatedAuth>>>>

export interface Authenticator {
  /** Who sent the request. A credential that is missing or bad gives an {@link Auth} that is not authenticated. */
  readonly authenticate: (source: AuthSource) => Eventually<Auth>
  /** Who the token speaks for. Throws or rejects with an {@link AuthError}. */
  readonly verify: (token: string) => Eventually<AuthenticatedAuth>
}

/** The whole way of a token: read, remembered or verified, and the one place where a refusal becomes a result. */
export function authenticator(
  verifiers: Verifiers,
  keys: KeySource,
  verified: VerifiedCache<AuthenticatedAuth>,
  emit: EventListener,
): Authenticator {
  function authenticate(source: AuthSource): Eventually<Auth> {
    return rescue(() => {
      const token = readBearerToken(source)
      if (token === undefined) throw new AuthError('credentials-missing')
      return verify(token)
    }, refused)
  }

  function refused(error: unknown): Auth {
    if (!AuthError.is(error)) throw error
    const { code, tokenType } = error
    if (code !== 'credentials-missing') emit({ type: 'credential-refused', code, tokenType })
    return unauthenticated(error)
  }

  function verify(token: string): Eventually<AuthenticatedAuth> {
    if (typeof token !== 'string') throw new AuthError('credentials-malformed')
    if (token.length > MAX_TOKEN_LENGTH) throw new AuthError('token-too-large')
    return andThen(sha256(token), (digest) => {
      const remembered = verified.get(digest)
      return remembered ? verifyKeyOf(remembered, token, digest) : verifyAnew(token, digest)
    })
  }

  /** A verdict rests on its key, so the key is asked for each time. That also keeps the key set fresh. */
  function verifyKeyOf(
    { auth, kid, thumbprint }: VerifiedToken<AuthenticatedAuth>,
    token: string,
    digest: string,
  ): Eventually<AuthenticatedAuth> {
    return rescue(
      () => andThen(keys.find(kid), (key) => (key.thumbprint === thumbprint ? auth : verifyAnew(token, digest))),
      refusalOf(auth.tokenType),
    )
  }

  function verifyAnew(token: string, digest: string): Eventually<AuthenticatedAuth> {
    const credential = readCredential(token)
    const verifier = verifiers[credential.tokenType]
    return rescue(() => {
      if (credential.form === 'opaque' || !verifier) throw new AuthError('token-type-mismatch')
      return andThen(verifier(credential.jws), (result) => {
        verified.set(digest, result)
        return result.auth
      })
    }, refusalOf(credential.tokenType))
  }

  return { authenticate, verify }
}

/** Adds to a refusal what kind of token was refused. */
function refusalOf(tokenType: TokenType): (error: unknown) => never {
  return (error) => {
    throw AuthError.is(error) ? Object.assign(error, { tokenType }) : error
  }
}
