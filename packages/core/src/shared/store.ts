/**
 * A store that several processes share, such as Redis. Implementations move opaque strings; `sharedMemory()` decides
 * what they mean, encrypts them, and limits how long it waits.
 *
 * Every function may reject, and may take arbitrarily long.
 */
export interface SharedStore {
  /**
   * Opens the part of the store for one Clerk instance.
   *
   * @param name begins every key of that instance
   * @param keepLogForMs how long entries must stay in the log, or for as long as they live if that is longer
   */
  readonly open: (name: string, listener: StoreListener, keepLogForMs: number) => SharedSpace
}

export interface StoreListener {
  /** The log may have new entries. Nothing is lost if this is not called: the log is read every second. */
  readonly changed: () => void
  /** The connection was lost and is back, so writes may have been lost. */
  readonly reconnected: () => void
}

export interface SharedSpace {
  /**
   * Reads a value. If there is none, takes the lease of the key unless another process has it, in the same atomic step.
   *
   * @param owner chosen at random for each lease
   */
  readonly claim: (key: string, lease: { readonly owner: string; readonly forMs: number }) => Promise<Claim>
  /** Stores a value, or none, and ends the lease if `owner` has it, in one atomic step. */
  readonly settle: (
    key: string,
    owner: string,
    value?: { readonly text: string; readonly forMs: number },
  ) => Promise<void>
  /** Removes `text` if it is still the value of the key, in one atomic step. */
  readonly remove: (key: string, text: string) => Promise<void>
  /**
   * Stores each entry under its key and adds it to the log, in one atomic step per entry. An entry is ignored if
   * its key has a live entry of a higher rank, or one of the same rank that is still in the log and has at least nine
   * tenths of its time left.
   */
  readonly append: (entries: readonly StoreEntry[]) => Promise<void>
  /** The entries of the log after a position, oldest first, at most about a thousand. */
  readonly read: (after: string) => Promise<LogPage>
  /** The live entries stored under these keys. */
  readonly find: (keys: readonly string[]) => Promise<readonly { readonly key: string; readonly text: string }[]>
  /** What is wrong with the configuration of the store, for the operator; `undefined` if nothing is. */
  readonly problem?: () => Promise<string | undefined>
  readonly close: () => void
}

export interface Claim {
  /** `ageInMs`: how long ago it was stored, by the clock of the store. */
  readonly value?: { readonly text: string; readonly ageInMs: number }
  /** Whether this call took the lease. */
  readonly isLeased: boolean
  /** The position of the last entry of the log, read in the same atomic step. Empty if the log is empty. */
  readonly position: string
}

export interface StoreEntry {
  readonly key: string
  readonly rank: number
  readonly text: string
  readonly forMs: number
}

export interface LogPage {
  /** Positions increase from entry to entry, compared as strings. */
  readonly entries: readonly { readonly position: string; readonly key: string; readonly text: string }[]
  /** The position of the last entry of the log, which may be after this page. Empty if the log is empty. */
  readonly position: string
  /**
   * Whether the entry at the position asked for is still in the log: if not, the store was emptied, or replaced by a
   * replica that lacks its last writes. Always, if that position is empty.
   */
  readonly isContinuous: boolean
  /** Whether younger entries than `keepLogForMs` were dropped, because the log became too long. */
  readonly isTrimmed: boolean
}
