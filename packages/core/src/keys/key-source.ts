import { AuthError } from '../auth/errors.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { VerificationKey } from './jwk.js'
import { keyOf, usableKeys, type KeySet } from './jwks.js'

/**
 * Gives the key that a token names, and decides when the issuer is asked for its key set.
 *
 * There are two roads, as for tokens: a key in hand is given at once, and any other has to be waited for.
 */
export interface KeySource {
  /**
   * The key with this `kid`, if it can be given without waiting. Begins a refresh in the background when one is due.
   *
   * @returns `undefined` if {@link find} has to be asked
   * @throws {AuthError} `jwk-unsuitable`
   */
  readonly inHand: (kid: string | undefined) => VerificationKey | undefined
  /**
   * The key with this `kid`, after asking the issuer if need be.
   *
   * @throws {AuthError} `jwk-kid-mismatch`, `jwk-unsuitable`, `keys-unavailable` or `verification-misconfigured`
   */
  readonly find: (kid: string | undefined) => Promise<VerificationKey>
  /**
   * Begins a refresh if one is due. The promise fulfils when the refresh has ended, whether it succeeded or failed.
   * {@link inHand} does this in the background, except on Workers, where the refresh would end with the request: there, hand
   * the promise to `waitUntil`.
   */
  readonly refresh: () => Promise<void> | undefined
  /**
   * Makes sure that a key set is in hand.
   *
   * @throws {AuthError} `keys-unavailable`
   * @throws {TypeError} if the option that holds the keys turns out to be broken when they are imported
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
  /** Fetches since the start, and how many of them brought no key set. */
  readonly fetches: number
  readonly failures: number
  /** Tokens answered 503 because their key id is unknown and the issuer could not be asked about it yet. */
  readonly notAsked: number
}

/**
 * A key set that the configuration holds. The issuer is never asked, so a key that the set lacks is unknown at once.
 *
 * If `keys` rejects with a TypeError about the option, `load` does too, and requests are `verification-misconfigured`.
 */
export function staticKeys(keys: MaybePromise<KeySet>): KeySource {
  return configuredKeys(keys, (set, kid) => keyOf(set, kid), usableKeys)
}

/** One key for every token, whatever `kid` it names. A key that rejects is as in {@link staticKeys}. */
export function singleKey(key: MaybePromise<VerificationKey>): KeySource {
  return configuredKeys(
    key,
    (only) => only,
    () => 1,
  )
}

/** @param keys imported already, or under WebCrypto a promise */
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

/** Each request gets an error of its own, because the kind of the refused token is added to it. */
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
