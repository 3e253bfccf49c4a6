import { AuthError } from '../auth/errors.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { VerificationKey } from './jwk.js'
import { keyOf, usableKeys, type KeySet } from './jwks.js'

/**
 * Finds the key that a token names, and decides when to fetch the issuer's key set.
 *
 * There are two paths, as for tokens: a key in hand is returned synchronously, and any other is awaited.
 */
export interface KeySource {
  /**
   * The key with this `kid`, if available without waiting. Starts a refresh in the background if one is due.
   *
   * @returns `undefined` if {@link find} must be called
   * @throws {AuthError} `jwk-unsuitable`
   */
  readonly inHand: (kid: string | undefined) => VerificationKey | undefined
  /**
   * The key with this `kid`, after asking the issuer if necessary.
   *
   * @throws {AuthError} `jwk-kid-mismatch`, `jwk-unsuitable`, `keys-unavailable` or `verification-misconfigured`
   */
  readonly find: (kid: string | undefined) => Promise<VerificationKey>
  /**
   * Starts a refresh if one is due. The promise fulfils when the refresh has ended, whether it succeeded or failed.
   * {@link inHand} does this in the background, except on Workers, where the refresh would end with the request: there,
   * pass the promise to `waitUntil`.
   */
  readonly refresh: () => Promise<void> | undefined
  /**
   * Ensures that a key set is in hand.
   *
   * @throws {AuthError} `keys-unavailable`
   * @throws {TypeError} if importing the configured keys fails
   */
  readonly load: () => Promise<void>
  /** Whether a key set is in hand. */
  readonly ready: () => boolean
  readonly stats: () => KeyStats
  readonly close: () => void
}

export interface KeyStats {
  /** Keys in hand that can verify. */
  readonly size: number
  /** Milliseconds since the key set in hand was fetched; `null` if there is none, or if it was configured. */
  readonly ageInMs: number | null
  /** Fetches since the start, and how many of them failed. */
  readonly fetches: number
  readonly failures: number
  /** Tokens refused with 503 because their key id is unknown and the issuer could not be asked about it yet. */
  readonly notAsked: number
}

/**
 * A configured key set. The issuer is never asked, so a key missing from the set is unknown immediately.
 *
 * If `keys` rejects with a TypeError about the option, so does `load`, and requests fail with
 * `verification-misconfigured`.
 */
export function staticKeys(keys: MaybePromise<KeySet>): KeySource {
  return configuredKeys(keys, (set, kid) => keyOf(set, kid), usableKeys)
}

/** One key for all tokens, regardless of their `kid`. Rejections are handled as in {@link staticKeys}. */
export function singleKey(key: MaybePromise<VerificationKey>): KeySource {
  return configuredKeys(
    key,
    (only) => only,
    () => 1,
  )
}

/** @param keys imported keys, or a promise under WebCrypto */
function configuredKeys<T extends object>(
  keys: MaybePromise<T>,
  choose: (keys: T, kid: string | undefined) => VerificationKey | undefined,
  sizeOf: (keys: T) => number,
): KeySource {
  let imported: T | undefined
  if (!(keys instanceof Promise)) imported = keys
  // `find` and `load` report a failure.
  else
    keys.then(
      (value) => (imported = value),
      () => {},
    )
  return {
    inHand: (kid) => imported && choose(imported, kid),
    find: async (kid) => {
      const key = choose(await orMisconfigured(keys), kid)
      if (!key) throw new AuthError('jwk-kid-mismatch')
      return key
    },
    refresh: () => undefined,
    load: async () => void (await keys),
    ready: () => imported !== undefined,
    stats: () => ({ size: imported ? sizeOf(imported) : 0, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 }),
    close: () => {},
  }
}

/** Each request gets its own error, because the kind of the refused token is added to it. */
async function orMisconfigured<T>(keys: MaybePromise<T>): Promise<T> {
  try {
    return await keys
  } catch (cause) {
    throw new AuthError('verification-misconfigured', {
      ...(cause instanceof Error && { message: cause.message }),
      cause,
    })
  }
}
