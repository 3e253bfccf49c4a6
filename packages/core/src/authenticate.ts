import { sha256 } from '#signature'
import type { AuthSource } from './auth-source.js'
import { unauthenticated, type Auth, type AuthenticatedAuth } from './auth.js'
import { checkBearerToken } from './authorization.js'
import { readCredential } from './credential.js'
import { AuthError, type TokenType } from './errors.js'
import type { EventListener } from './events.js'
import { andThen, rescue, type Eventually } from './eventually.js'
import { impersonationOf } from './impersonation.js'
import { MAX_TOKEN_LENGTH, type DecodedJws } from './jws.js'
import type { KeySource } from './key-source.js'
import { checkOpaqueToken, opaqueTypeOf } from './opaque-token.js'
import type { TokenReader } from './token-reader.js'
import type { VerifiedCache, VerifiedToken } from './verified-cache.js'

/** How tokens of one kind are verified, by their form. A form without a verifier is one that this API lacks the means for. */
export interface TokenVerifier {
  readonly jwt?: (jws: DecodedJws) => Eventually<VerifiedToken<AuthenticatedAuth>>
  readonly opaque?: (token: string) => Eventually<AuthenticatedAuth>
}

/** By kind. A kind without a verifier is not accepted. */
export type Verifiers = Partial<Record<TokenType, TokenVerifier>>

export type Accepted = ReadonlySet<TokenType>

export interface Authenticator {
  /** Who sent the request. A credential that is missing or bad gives an {@link Auth} that is not authenticated. */
  readonly authenticate: (source: AuthSource, accepted: Accepted) => Eventually<Auth>
  /** Who the token speaks for. Throws or rejects with an {@link AuthError}. */
  readonly verify: (token: string, accepted: Accepted) => Eventually<AuthenticatedAuth>
}

/** The whole way of a token: read, remembered or verified, and the one place where a refusal becomes a result. */
export function authenticator(
  readToken: TokenReader,
  verifiers: Verifiers,
  keys: KeySource,
  verified: VerifiedCache<AuthenticatedAuth>,
  emit: EventListener,
  missingVariable: (tokenType: TokenType, form: 'jwt' | 'opaque') => string | undefined = () => undefined,
): Authenticator {
  function authenticate(source: AuthSource, accepted: Accepted): Eventually<Auth> {
    return rescue(
      () =>
        andThen(readToken(source), (sent) => {
          if (!sent) throw new AuthError('credentials-missing')
          const { token, from } = sent
          return andThen(verify(token, from === 'cookie' ? sessionsOf(accepted) : accepted, checkBearerToken), told)
        }),
      refused,
    )
  }

  function told(auth: AuthenticatedAuth): AuthenticatedAuth {
    const impersonation = impersonationOf(auth)
    if (impersonation) emit({ type: 'impersonation', ...impersonation })
    return auth
  }

  function refused(error: unknown): Auth {
    if (!AuthError.is(error)) throw error
    const { code, tokenType } = error
    // Another kind of token may be what a guard is for. If not, the guard says so.
    const isFinal = code !== 'credentials-missing' && !(code === 'token-type-mismatch' && tokenType)
    if (isFinal) emit({ type: 'credential-refused', code, tokenType, message: error.message })
    return unauthenticated(error)
  }

  /** What is remembered had the right characters, so `checkCharacters` is for the rest. */
  function verify(
    token: string,
    accepted: Accepted,
    checkCharacters: (token: string) => void = () => {},
  ): Eventually<AuthenticatedAuth> {
    if (typeof token !== 'string') throw new AuthError('credentials-malformed')
    const isTooLarge = token.length > MAX_TOKEN_LENGTH
    const opaqueType = opaqueTypeOf(token)
    if (isTooLarge || opaqueType) checkCharacters(token)
    if (isTooLarge) throw new AuthError('token-too-large')
    if (opaqueType) return verifyOpaque(token, opaqueType, accepted)
    return andThen(sha256(token), (digest) => {
      const remembered = verified.get(digest)
      if (!remembered) {
        checkCharacters(token)
        return verifyJwt(token, digest, accepted)
      }
      checkAccepted(remembered.auth.tokenType, accepted)
      return verifyKeyOf(remembered, token, digest, accepted)
    })
  }

  /** A verdict rests on its key, so the key is asked for each time. That also keeps the key set fresh. */
  function verifyKeyOf(
    { auth, kid, alg, thumbprint }: VerifiedToken<AuthenticatedAuth>,
    token: string,
    digest: string,
    accepted: Accepted,
  ): Eventually<AuthenticatedAuth> {
    return rescue(() => {
      const found = keys.find(kid)
      const hasWaited = found instanceof Promise
      return andThen(found, (key) => {
        const isSameKey = key.thumbprint === thumbprint && key.verifiers.has(alg)
        // It may have expired meanwhile.
        const stands = isSameKey && (!hasWaited || verified.get(digest) !== undefined)
        return stands ? auth : verifyJwt(token, digest, accepted)
      })
    }, refusalOf(auth.tokenType))
  }

  function verifyJwt(token: string, digest: string, accepted: Accepted): Eventually<AuthenticatedAuth> {
    const { tokenType, jws } = readCredential(token)
    checkAccepted(tokenType, accepted)
    return rescue(() => {
      const verifyJws = verifiers[tokenType]?.jwt ?? cannotVerify(tokenType, 'jwt')
      return andThen(verifyJws(jws), (result) => {
        verified.set(digest, result)
        return result.auth
      })
    }, refusalOf(tokenType))
  }

  function verifyOpaque(token: string, tokenType: TokenType, accepted: Accepted): Eventually<AuthenticatedAuth> {
    checkAccepted(tokenType, accepted)
    return rescue(() => {
      checkOpaqueToken(token)
      return (verifiers[tokenType]?.opaque ?? cannotVerify(tokenType, 'opaque'))(token)
    }, refusalOf(tokenType))
  }

  function cannotVerify(tokenType: TokenType, form: 'jwt' | 'opaque'): never {
    const variable = missingVariable(tokenType, form)
    throw new AuthError('verification-misconfigured', {
      message: `no key or secret to verify ${tokenType} in ${form === 'jwt' ? 'JWT' : form} form${variable ? `: set ${variable}` : ''}`,
    })
  }

  return { authenticate, verify }
}

const SESSIONS: Accepted = new Set(['session_token'] as const)
const NOTHING: Accepted = new Set()

/** A cookie is a browser's, so nothing but a session is looked for in it. */
function sessionsOf(accepted: Accepted): Accepted {
  return accepted.has('session_token') ? SESSIONS : NOTHING
}

function checkAccepted(tokenType: TokenType, accepted: ReadonlySet<TokenType>): void {
  if (!accepted.has(tokenType)) throw new AuthError('token-type-mismatch', { tokenType })
}

/** Adds to a refusal what kind of token was refused. */
function refusalOf(tokenType: TokenType): (error: unknown) => never {
  return (error) => {
    throw AuthError.is(error) ? Object.assign(error, { tokenType }) : error
  }
}
