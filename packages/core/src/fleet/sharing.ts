import type { EventListener } from '../auth/events.js'
import type { Kept, Revocations } from './revocations.js'
import type { Tombstone } from './tombstone.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { Clock } from '../support/clock.js'

/**
 * What the processes of a fleet share: Clerk's answers, the key set and revocations. Made by `redisStore()` of
 * `@clerk-auth/redis`, or by `sharedMemory()` for another store.
 */
export interface SharedMemory {
  /**
   * Connects an instance. Asks the store for nothing yet.
   *
   * @throws {TypeError} if the secret is missing or too short
   */
  readonly connect: (instance: SharingInstance) => Sharing
}

/** An instance that shares with other processes. */
export interface SharingInstance {
  /** Processes share what has the same name: the issuer. */
  readonly issuer: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly emit: EventListener
  /** The tombstones of this process. Those of the log are added. */
  readonly revocations: Revocations
  /** How long a revocation is kept, in milliseconds. */
  readonly keepForMs: number
  /** The log lost entries: what was cached before may have been revoked since. */
  readonly distrust: () => void
}

/** The memory that an instance shares. Nothing here rejects, except `append`. */
export interface Sharing {
  /** Waits until the log has been read, for at most 500 ms. `undefined` after that. */
  readonly start: () => Promise<void> | undefined
  readonly isReady: () => boolean
  /** Whether the log was read within the last seconds, so that no older revocation is missing. */
  readonly isCurrent: () => boolean
  /** Reads the log, and waits for that for at most 500 ms. */
  readonly refresh: () => Promise<void>
  /**
   * Reads a value, or lets one process at a time ask for it: while another one has the lease, this waits, for at most
   * a second.
   *
   * @param about what the value is about, and everything it depends on
   * @param isUsable whether a value found can be used; it is removed if not
   */
  readonly claim: <T>(
    about: readonly string[],
    isUsable: (found: Found) => MaybePromise<T | undefined>,
  ) => Promise<{ readonly found: T } | Lease>
  /**
   * Writes tombstones to the log.
   *
   * @throws if they could not be written
   */
  readonly append: (kept: readonly Kept[]) => Promise<void>
  /**
   * Whether each token must be looked up with `find`, because there are more tombstones than a process keeps or the log
   * holds. Not while the store fails.
   */
  readonly mustFind: () => boolean
  /** Reads the tombstones with these names. */
  readonly find: (names: readonly string[]) => Promise<readonly Tombstone[]>
  readonly stats: () => SharedStats
  readonly close: () => void
}

export interface Found {
  readonly value: unknown
  /** Milliseconds since the question was asked. */
  readonly ageInMs: number
  /** The last position of the log when the question was asked. */
  readonly position: string
}

/** The permission to ask. While the store fails, every process gets it. */
export interface Lease {
  /** Ends the lease, and stores a value for `forMs` milliseconds, or none. Never rejects. */
  readonly settle: (outcome?: { readonly value: unknown; readonly forMs: number }) => Promise<void>
}

export interface SharedStats {
  /** Whether the store answered when it was last asked; `null` before that. */
  readonly isConnected: boolean | null
  /** Values that another process had asked for. */
  readonly hits: number
  /** Values that this process had to ask for. */
  readonly misses: number
  /** Requests to the store that failed or took too long. */
  readonly failures: number
}
