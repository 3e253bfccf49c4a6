import type { Answer } from './answer.js'
import type { AuthenticatedAuth } from '../auth/auth.js'
import type { Rate } from '../support/token-bucket.js'
import { isTooDeep } from '../support/json.js'
import { inMilliseconds } from '../support/timestamp.js'

/** How tokens of one kind are verified in their opaque form. */
export interface OpaqueForm<A> {
  /** The prefix of such tokens. */
  readonly prefix: string
  /** The path of the verify endpoint, below the version of the Backend API. */
  readonly verifyAt: string
  /** The member of the request body for the token. */
  readonly bodyField: string
  /** The options with a secret for the endpoint. The first one that is set is used. */
  readonly secrets: readonly ('machineSecretKey' | 'secretKey')[]
  readonly rate: Rates
  /** Whether Clerk bills for the calls. */
  readonly isBilled: boolean
  /**
   * Reads Clerk's response about a token that is neither revoked nor expired.
   *
   * @param expiresAt milliseconds since the epoch; `null` for never
   * @returns `undefined` if the response does not have the documented format
   */
  readonly read: (answer: Answer, expiresAt: number | null) => A | undefined
  /** Whether a response says that the token is inactive; other members may then be missing (RFC 7662 section 2.2). */
  readonly isInactive?: (answer: Answer) => boolean
  /**
   * Applies further checks of this API's configuration. Runs on every use of the answer, including cached ones. Throws
   * an {@link AuthError}.
   */
  check?(auth: A, policy: OpaquePolicy): void
}

/** How often Clerk may be asked, with the key of a live or a test instance. */
export interface Rates {
  readonly live: Rate
  readonly test: Rate
}

/** What this API's configuration requires of opaque tokens. */
export interface OpaquePolicy {
  readonly audiences: readonly string[] | undefined
  readonly machineId: string | undefined
  readonly machineSecretKey: string | undefined
  /**
   * Called if the scopes of an M2M token cannot be checked, because neither Clerk nor this API knows the receiving
   * machine.
   */
  readonly scopeUnchecked: () => void
}

/** Clerk's answer about an opaque token. */
export type Introspection =
  | { readonly active: true; readonly auth: AuthenticatedAuth }
  | {
      readonly active: false
      readonly code: 'token-revoked' | 'token-expired' | 'token-inactive' | 'token-binding-unsupported'
      /** Whether Clerk itself says so. An expiry by our own clock may not hold once the clock is corrected. */
      readonly isLasting: boolean
    }

/**
 * Reads the body of a 200. The status alone is not enough: revoked and expired tokens get it too.
 *
 * @param now milliseconds since the epoch
 * @returns `undefined` if the body does not have the documented format, and so says nothing about the token
 */
export function readIntrospection<A extends AuthenticatedAuth>(
  { read, isInactive }: Pick<OpaqueForm<A>, 'read' | 'isInactive'>,
  body: unknown,
  now: number,
): Introspection | undefined {
  if (typeof body !== 'object' || body === null || isTooDeep(body)) return undefined
  // Without a prototype, so that missing members are not inherited.
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
  // Sender-constrained, which cannot be checked here: RFC 8705 section 3.2, RFC 9449 section 6.2.
  if ('cnf' in answer) return { active: false, code: 'token-binding-unsupported', isLasting: true }
  return { active: true, auth }
}

/** Milliseconds since the epoch; `null` for never; `undefined` for an invalid time. */
function expiryOf(expiration: unknown): number | null | undefined {
  if (expiration === null) return null
  if (typeof expiration !== 'number' || !Number.isFinite(expiration) || expiration <= 0) return undefined
  return inMilliseconds(expiration)
}
