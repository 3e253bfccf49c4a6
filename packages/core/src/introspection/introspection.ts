import type { Answer } from './answer.js'
import type { AuthenticatedAuth } from '../auth/auth.js'
import type { Rate } from '../support/token-bucket.js'
import { isTooDeep } from '../support/json.js'

/** How tokens of one kind are verified in their opaque form. */
export interface OpaqueForm<A> {
  /** What such a token begins with. */
  readonly prefix: string
  /** The path of the endpoint that verifies it, below the version of the Backend API. */
  readonly verifyAt: string
  /** The member of the request's body that holds the token. */
  readonly bodyField: string
  /** The options that hold a secret to ask with. The first one that is set is used. */
  readonly secrets: readonly ('machineSecretKey' | 'secretKey')[]
  readonly rate: Rates
  /** Whether Clerk bills its answers. */
  readonly isBilled: boolean
  /**
   * Reads Clerk's answer about a token that is neither revoked nor expired.
   *
   * @param expiresAt milliseconds since the epoch; `null` for never
   * @returns `undefined` for an answer that is not of the documented shape
   */
  readonly read: (answer: Answer, expiresAt: number | null) => A | undefined
  /** Whether an answer says that the token is inactive and need not say more (RFC 7662 section 2.2). */
  readonly isInactive?: (answer: Answer) => boolean
  /**
   * Checks what this API's configuration asks beyond Clerk's answer. Runs at every use of the answer, which may be
   * remembered. Throws an {@link AuthError}.
   */
  check?(auth: A, policy: OpaquePolicy): void
}

/** How often Clerk may be asked: with the key of a live instance, and of a test instance. */
export interface Rates {
  readonly live: Rate
  readonly test: Rate
}

/** What this API's configuration asks of the callers with opaque tokens. */
export interface OpaquePolicy {
  readonly audiences: readonly string[] | undefined
  readonly machineId: string | undefined
  readonly machineSecretKey: string | undefined
  /** Called if the scopes of an M2M token cannot be compared, because neither Clerk nor we know for which machine. */
  readonly scopeUnchecked: () => void
}

/** What Clerk says about an opaque token. */
export type Introspection =
  | { readonly active: true; readonly auth: AuthenticatedAuth }
  | {
      readonly active: false
      readonly code: 'token-revoked' | 'token-expired' | 'token-inactive' | 'token-binding-unsupported'
      /** Whether Clerk says so itself. An expiry by our own clock may be over once the clock is right again. */
      readonly isLasting: boolean
    }

/**
 * Reads the body of a 200. That status alone means nothing: a revoked or an expired token has it too.
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` for a body that is not of the documented shape, which says nothing about the token
 */
export function readIntrospection<A extends AuthenticatedAuth>(
  { read, isInactive }: Pick<OpaqueForm<A>, 'read' | 'isInactive'>,
  body: unknown,
  now: number,
): Introspection | undefined {
  if (typeof body !== 'object' || body === null || isTooDeep(body)) return undefined
  // Without a prototype: a member that the answer does not have must not be found elsewhere.
  const answer = Object.assign(Object.create(null), body) as Answer
  if (isInactive?.(answer)) return { active: false, code: 'token-inactive', isLasting: true }

  const { revoked, expired, active = true } = answer
  const expiresAt = expiryOf(answer['expiration'])
  if (expiresAt === undefined || ![revoked, expired, active].every((flag) => typeof flag === 'boolean'))
    return undefined
  const auth = read(answer, expiresAt)
  if (!auth) return undefined

  if (revoked) return { active: false, code: 'token-revoked', isLasting: true }
  if (expired) return { active: false, code: 'token-expired', isLasting: true }
  if (expiresAt !== null && !(expiresAt > now)) return { active: false, code: 'token-expired', isLasting: false }
  if (!active) return { active: false, code: 'token-inactive', isLasting: true }
  // Bound to a key or a certificate of its sender, which cannot be checked here: RFC 8705 section 3.2, RFC 9449 section 6.2.
  if ('cnf' in answer) return { active: false, code: 'token-binding-unsupported', isLasting: true }
  return { active: true, auth }
}

/** Below this a time is in seconds, because in milliseconds it would be before March 1973. Clerk writes both. */
const SECONDS_BELOW = 1e11

/** Milliseconds since the epoch; `null` for never; `undefined` for an invalid time. */
function expiryOf(expiration: unknown): number | null | undefined {
  if (expiration === null) return null
  if (typeof expiration !== 'number' || !Number.isFinite(expiration) || expiration <= 0) return undefined
  return expiration < SECONDS_BELOW ? expiration * 1000 : expiration
}
