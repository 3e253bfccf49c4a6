import { sha256 } from '#signature'
import type { AuthSource } from './request/auth-source.js'
import { unauthenticated, type Auth, type AuthenticatedAuth } from './auth/auth.js'
import { checkBearerToken } from './request/authorization.js'
import { AuthError, withTokenType } from './auth/errors.js'
import type { Emitter } from './auth/events.js'
import type { Revocations } from './fleet/revocations.js'
import type { Sharing } from './fleet/sharing.js'
import { namesFor, refuses, type RevocableToken } from './fleet/tombstone.js'
import type { MaybePromise } from './support/maybe-promise.js'
import { impersonationOf } from './auth/impersonation.js'
import { MAX_TOKEN_LENGTH } from './token/jws.js'
import type { KeySource } from './keys/key-source.js'
import { checkAccepted, type Accepted } from './kinds/accepts-token.js'
import { opaqueTypeOf } from './kinds/classify.js'
import type { OpaqueTokenType } from './kinds/kinds.js'
import type { SentToken, TokenReader } from './request/token-reader.js'
import type { VerifiedCache } from './token/verified-cache.js'
import type { Verifiers } from './verifiers.js'

export interface Authenticator {
  /** Authenticates a request. A missing or bad token gives an unauthenticated {@link Auth}. */
  readonly authenticate: (source: AuthSource, accepted: Accepted) => MaybePromise<Auth>
  /** Verifies a token. Throws or rejects with an {@link AuthError}. */
  readonly verify: (token: string, accepted: Accepted) => MaybePromise<AuthenticatedAuth>
  /**
   * Asks Clerk about the session or the opaque token of a request, past all caches. Rejects with an {@link AuthError}.
   *
   * @param startedAfter accepts only an answer to a call with a higher number
   */
  readonly verifyAgain: (source: AuthSource, accepted: Accepted, startedAfter: number) => Promise<AuthenticatedAuth>
}

export interface AuthenticatorParts extends Emitter {
  readonly readToken: TokenReader
  readonly keys: KeySource
  readonly verified: VerifiedCache
  readonly revocations: Revocations
  readonly sharing: Sharing | undefined
  readonly verifiers: Verifiers
  readonly clockSkewInMs: number
}

/** What differs between a token that a request sent and one that the application passed. */
interface Hooks {
  /** Not called for cached tokens, which have been checked. */
  readonly checkCharacters: (token: string) => void
  /** Reports the caller. */
  readonly accepted: (auth: AuthenticatedAuth, cached: boolean) => void
}

/**
 * The whole path of a token, top to bottom, and the only place where a refusal becomes a result.
 *
 * There are two paths: a cached result is returned synchronously, and any other token is verified. Under WebCrypto both
 * first await the digest of the token.
 */
export function authenticator(parts: AuthenticatorParts): Authenticator {
  const { readToken, keys, verified, revocations, sharing, verifiers, clockSkewInMs, emit, isHeard } = parts
  const requestHooks: Hooks = { checkCharacters: checkBearerToken, accepted: emitAccepted }

  function authenticate(source: AuthSource, accepted: Accepted): MaybePromise<Auth> {
    try {
      const sent = readToken(source)
      if (sent instanceof Promise) return settle(sent.then((sent) => verifySent(sent, accepted)))
      const auth = verifySent(sent, accepted)
      return auth instanceof Promise ? settle(auth) : auth
    } catch (error) {
      return refused(error)
    }
  }

  async function settle(verifying: Promise<AuthenticatedAuth>): Promise<Auth> {
    try {
      return await verifying
    } catch (error) {
      return refused(error)
    }
  }

  function emitAccepted(auth: AuthenticatedAuth, cached: boolean): void {
    if (!isHeard()) return
    emit({ type: 'credential-accepted', tokenType: auth.tokenType, cached })
    const impersonation = impersonationOf(auth)
    if (impersonation) emit({ type: 'impersonation', ...impersonation })
  }

  function refused(error: unknown): Auth {
    if (!AuthError.is(error)) throw error
    const { code, tokenType, message } = error
    // A guard may accept this kind of token. If not, the guard reports it.
    const isFinal = code !== 'credentials-missing' && !(code === 'token-type-mismatch' && tokenType)
    if (isFinal && isHeard()) emit({ type: 'credential-refused', code, tokenType, message })
    return unauthenticated(error)
  }

  function verifySent(sent: SentToken | undefined, accepted: Accepted): MaybePromise<AuthenticatedAuth> {
    if (!sent) throw new AuthError('credentials-missing')
    return verifyWith(requestHooks, sent.token, acceptedFrom(sent, accepted))
  }

  function verifyWith(hooks: Hooks, token: string, accepted: Accepted): MaybePromise<AuthenticatedAuth> {
    if (typeof token !== 'string') throw new AuthError('credentials-malformed')
    const isTooLarge = token.length > MAX_TOKEN_LENGTH
    const opaqueType = opaqueTypeOf(token)
    if (isTooLarge || (opaqueType && !accepted.has(opaqueType))) hooks.checkCharacters(token)
    if (isTooLarge) throw new AuthError('token-too-large')
    if (opaqueType) checkAccepted(opaqueType, accepted)

    const recallOrVerify = (digest: string) => {
      const remembered = recall(digest, opaqueType, accepted)
      if (remembered) {
        hooks.accepted(remembered, true)
        return remembered
      }
      hooks.checkCharacters(token)
      return opaqueType ? verifyOpaque(hooks, token, digest, opaqueType) : verifyJwt(hooks, token, digest, accepted)
    }
    // A promise under WebCrypto; the types are Node's.
    const digest = sha256(token) as MaybePromise<string>
    return digest instanceof Promise ? digest.then(recallOrVerify) : recallOrVerify(digest)
  }

  function recall(
    digest: string,
    opaqueType: OpaqueTokenType | undefined,
    accepted: Accepted,
  ): AuthenticatedAuth | undefined {
    // Each token must be looked up among the shared revocations.
    if (sharing?.mustFind()) return undefined
    return opaqueType ? recallOpaque(digest, opaqueType) : recallJwt(digest, accepted)
  }

  function recallJwt(digest: string, accepted: Accepted): AuthenticatedAuth | undefined {
    const remembered = verified.get(digest)
    if (!remembered) return undefined
    const { auth, kid, alg, thumbprint } = remembered
    checkAccepted(auth.tokenType, accepted)
    try {
      // The result depends on the key, so look it up each time. This also keeps the key set fresh.
      const key = keys.inHand(kid)
      return key?.thumbprint === thumbprint && key.verifiers.has(alg) ? auth : undefined
    } catch (error) {
      throw withTokenType(error, auth.tokenType)
    }
  }

  async function verifyJwt(
    hooks: Hooks,
    token: string,
    digest: string,
    accepted: Accepted,
  ): Promise<AuthenticatedAuth> {
    const result = await verifiers.jwt(token, accepted)
    const { auth, issuedAt } = result
    const revocable = { digest: result.signedDigest, auth, issuedAt }
    try {
      if (sharing) await lookUpRevocations(sharing, revocable)
      revocations.check(revocable)
    } catch (error) {
      throw withTokenType(error, auth.tokenType)
    }
    verified.set(digest, result)
    hooks.accepted(auth, false)
    return auth
  }

  function recallOpaque(digest: string, tokenType: OpaqueTokenType): AuthenticatedAuth | undefined {
    try {
      return verifiers.opaque[tokenType]?.recall(digest)
    } catch (error) {
      throw withTokenType(error, tokenType)
    }
  }

  /** @param startedAfter past all caches, with an answer to a call with a higher number */
  async function verifyOpaque(
    hooks: Hooks,
    token: string,
    digest: string,
    tokenType: OpaqueTokenType,
    startedAfter?: number,
  ): Promise<AuthenticatedAuth> {
    try {
      const verifier = verifiers.opaque[tokenType] ?? verifiers.cannotVerify(tokenType, 'opaque')
      if (sharing) await sharing.start()
      const auth =
        startedAfter === undefined
          ? await verifier.verify(token, digest)
          : await verifier.verifyAgain(token, digest, startedAfter)
      if (sharing) await lookUpRevocations(sharing, { digest, auth, issuedAt: 'opaque' })
      revocations.check({ digest, auth, issuedAt: 'opaque' })
      hooks.accepted(auth, false)
      return auth
    } catch (error) {
      throw withTokenType(error, tokenType)
    }
  }

  async function verifyAgain(source: AuthSource, accepted: Accepted, startedAfter: number): Promise<AuthenticatedAuth> {
    if (sharing) {
      await sharing.start()
      // The process may have been frozen or busy, so that it could not read the log.
      if (!sharing.isCurrent()) await sharing.refresh()
      // Clerk does not know what was revoked only by `revoke()`.
      if (!sharing.isCurrent()) throw new AuthError('verification-unavailable', { message: NOT_CURRENT, retryAfter: 1 })
    }
    const sent = await readToken(source)
    if (!sent) throw new AuthError('credentials-missing')
    const opaqueType = opaqueTypeOf(sent.token)
    if (opaqueType) {
      checkAccepted(opaqueType, acceptedFrom(sent, accepted))
      // A promise under WebCrypto; the types are Node's.
      const digest = sha256(sent.token) as MaybePromise<string>
      return verifyOpaque(SILENT_HOOKS, sent.token, await digest, opaqueType, startedAfter)
    }
    const verifyLocally = () => verifyWith(SILENT_HOOKS, sent.token, acceptedFrom(sent, accepted))
    const auth = await verifyLocally()
    const { tokenType } = auth
    if (tokenType !== 'session_token') throw new AuthError('token-type-mismatch', { tokenType, message: NOT_FRESH })
    if (!verifiers.sessions) throw new AuthError('verification-misconfigured', { tokenType, message: NO_SECRET_KEY })
    await verifiers.sessions.check(auth, startedAfter)
    // It may have expired or been revoked here meanwhile.
    return verifyLocally()
  }

  /** Waits for the shared revocations, and asks about those that this process does not keep. */
  async function lookUpRevocations(sharing: Sharing, token: RevocableToken): Promise<void> {
    await sharing.start()
    if (!sharing.mustFind()) return
    const tombstones = await sharing.find(namesFor(token))
    if (tombstones.some((tombstone) => refuses(tombstone, token, clockSkewInMs))) throw new AuthError('token-revoked')
  }

  return { authenticate, verify: (token, accepted) => verifyWith(NO_HOOKS, token, accepted), verifyAgain }
}

/** Outside of a request, the application gets the outcome itself. */
const NO_HOOKS: Hooks = { checkCharacters: () => {}, accepted: () => {} }
/** The middleware has reported the token of this request already. */
const SILENT_HOOKS: Hooks = { checkCharacters: checkBearerToken, accepted: () => {} }

const NOT_FRESH = 'Clerk cannot be asked about a token in JWT form, as "fresh" requires: send an opaque token'
const NOT_CURRENT = 'the shared store cannot be read, so revocations may be missing, which "fresh" does not allow'
const NO_SECRET_KEY = 'Clerk cannot be asked about sessions, as "fresh" requires: set CLERK_SECRET_KEY'

const SESSIONS: Accepted = new Set(['session_token'] as const)
const NOTHING: Accepted = new Set()

/** Cookies come from browsers, so they may only contain session tokens. */
function acceptedFrom({ from }: SentToken, accepted: Accepted): Accepted {
  if (from !== 'cookie') return accepted
  return accepted.has('session_token') ? SESSIONS : NOTHING
}
