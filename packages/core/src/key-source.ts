import { AuthError } from './errors.js'
import { andThen, type Eventually } from './eventually.js'
import type { VerificationKey } from './jwk.js'
import { keyOf, usableKeys, type KeySet } from './jwks.js'

/** Gives the key that a token names, and decides when the issuer is asked for its key set. */
export interface KeySource {
  /**
   * The key with this `kid`; without a wait whenever a key set in hand serves.
   *
   * @throws {AuthError} `jwk-kid-mismatch`, `jwk-unsuitable`, `keys-unavailable` or `verification-misconfigured`
   */
  readonly find: (kid: string | undefined) => Eventually<VerificationKey>
  /**
   * Begins a refresh if one is due. The promise fulfils when the refresh has ended, whether it succeeded or failed.
   * {@link find} does this in the background, except on Workers, where the refresh would end with the request: there, hand
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
  /** Milliseconds since the key set in hand was fetched; `null` where none is, or where it was configured. */
  readonly ageInMs: number | null
  /** Fetches since the start, and how many of them brought no key set. */
  readonly fetches: number
  readonly failures: number
  /** Tokens answered 503 because their key id is unknown and the issuer could not be asked about it yet. */
  readonly notAsked: number
}

/**
 * A key set that the configuration holds. It is never asked for, so what it lacks is unknown at once.
 *
 * If `keys` rejects with a TypeError about the option, `load` does too, and requests are `verification-misconfigured`.
 */
export function staticKeys(keys: Eventually<KeySet>): KeySource {
  let set: KeySet | undefined
  const ready = andThen(keys, (imported) => (set = imported))
  if (ready instanceof Promise) ready.catch(() => {}) // `find` and `load` report it
  return {
    find: (kid) => andThen(set ?? configured(ready), (imported) => keyOf(imported, kid) ?? unknownKid()),
    refresh: () => undefined,
    load: async () => void (await ready),
    ready: () => set !== undefined,
    stats: () => ({ size: set ? usableKeys(set) : 0, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 }),
    close: () => {},
  }
}

/** One key for every token, whatever `kid` it names. A key that rejects is as in {@link staticKeys}. */
export function singleKey(key: Eventually<VerificationKey>): KeySource {
  let held: VerificationKey | undefined
  const ready = andThen(key, (imported) => (held = imported))
  if (ready instanceof Promise) ready.catch(() => {}) // `find` and `load` report it
  return {
    find: () => held ?? configured(ready),
    refresh: () => undefined,
    load: async () => void (await ready),
    ready: () => held !== undefined,
    stats: () => ({ size: held ? 1 : 0, ageInMs: null, fetches: 0, failures: 0, notAsked: 0 }),
    close: () => {},
  }
}

/** Each request gets an error of its own, because what kind of token was refused is added to it. */
function configured<T>(ready: Eventually<T>): Eventually<T> {
  if (!(ready instanceof Promise)) return ready
  return ready.catch((cause: unknown) => {
    throw new AuthError('verification-misconfigured', {
      ...(cause instanceof Error && { message: cause.message }),
      cause,
    })
  })
}

function unknownKid(): never {
  throw new AuthError('jwk-kid-mismatch')
}
