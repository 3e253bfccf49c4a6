import { AuthError } from '../auth/errors.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import { nameOf, namesFor, outdates, rankOf, refuses, type RevocableToken, type Tombstone } from './tombstone.js'

/** A tombstone, and for how long it is kept. */
export interface Kept {
  readonly tombstone: Tombstone
  /** Milliseconds. */
  readonly forMs: number
}

/** A tombstone in the log that processes share. */
export interface Logged extends Kept {
  /** Its place in the log. Later places are greater strings. */
  readonly position: string
}

/** The tombstones that this process knows. */
export interface Revocations {
  readonly add: (kept: Kept | Logged) => void
  /**
   * Refuses a token that has just been verified.
   *
   * @throws {AuthError} `token-revoked`
   */
  readonly check: (token: RevocableToken) => void
  /** Whether `check` would refuse a token. */
  readonly refuse: (token: RevocableToken) => boolean
  /** Changes with each tombstone that is added. */
  readonly sequence: () => number
  /** Whether anything was forgotten after `sequence`. */
  readonly forgottenSince: (sequence: number) => boolean
  /** Whether a result is outdated by a tombstone that was added after `sequence`. */
  readonly outdateSince: (token: RevocableToken, sequence: number) => boolean
  /** Whether a subject of an opaque token was revoked after `sequence`, but not for good. */
  readonly mustAskAgain: (token: RevocableToken, sequence: number) => boolean
  /**
   * Whether an answer of Clerk's is outdated by a tombstone after `position` in the log, or one that is not in the log
   * yet. Not by a tombstone that refuses the token for good: there is no need to ask Clerk again.
   */
  readonly outdateAfter: (token: RevocableToken, position: string) => boolean
  readonly entries: () => readonly Kept[]
  /** Those that have not been read from the log. */
  readonly unlogged: () => readonly Kept[]
  readonly count: () => number
  /** When the last webhook arrived, at this process or another one, in milliseconds since the epoch. */
  readonly lastWebhookAt: () => number | null
  /** Whether there are more tombstones than are kept, so that the shared log must be asked too. */
  readonly isPartial: () => boolean
  /** Forgets that some were dropped, before all of the log is read again. */
  readonly restart: () => void
}

interface Lifetime {
  readonly addedAt: Instant
  /** Milliseconds. */
  readonly forMs: number
}

interface Entry extends Kept, Lifetime {
  readonly sequence: number
  readonly position: string | undefined
}

const MAX_TOMBSTONES = 100_000
const SWEEP_EVERY_MS = 10_000

/** @param overflowed called when a tombstone cannot be kept */
export function revocationsOf(
  clock: Clock,
  clockSkewInMs: number,
  overflowed: () => void,
  maxTombstones = MAX_TOMBSTONES,
): Revocations {
  const entries = new Map<string, Entry>()
  const unlogged = new Set<string>()
  let sequence = 0
  let lastForgotten = 0
  /** Of those that were not kept, the one that lives longest. */
  let dropped: Lifetime | undefined
  let sweptAt: Instant | undefined
  let lastWebhookAt: number | null = null

  function add(kept: Kept | Logged): void {
    if (kept.tombstone.effect === 'arrived') {
      lastWebhookAt = Math.max(lastWebhookAt ?? 0, kept.tombstone.at)
      return
    }
    const name = nameOf(kept.tombstone)
    const position = 'position' in kept ? kept.position : undefined
    const earlier = live(name)
    const [rank, earlierRank] = [rankOf(kept.tombstone), earlier ? rankOf(earlier.tombstone) : -1]
    if (rank < earlierRank) return
    if (!earlier && entries.size >= maxTombstones) sweep()
    if (!earlier && entries.size >= maxTombstones) return drop(kept)
    // The log repeats the tombstones of this process, and Clerk its webhooks: only the position may be new then.
    const isNew = rank > earlierRank || (position ?? earlier?.position) === undefined
    if (isNew) sequence++
    if (isNew && kept.tombstone.effect === 'ask-again') lastForgotten = sequence
    const place = isNew ? position : (earlier!.position ?? position)
    if (place === undefined) unlogged.add(name)
    else unlogged.delete(name)
    // A token may be revoked again by a process that does not know its expiry.
    const isShorter = earlier !== undefined && rank === earlierRank && kept.forMs < leftInMs(earlier)
    const { addedAt, forMs } = isShorter ? earlier : { addedAt: instantOf(clock), forMs: kept.forMs }
    entries.set(name, {
      tombstone: kept.tombstone,
      forMs,
      addedAt,
      sequence: isNew ? sequence : earlier!.sequence,
      position: place,
    })
  }

  function drop({ forMs }: Kept): void {
    if (!isPartial()) overflowed()
    if (!dropped || leftInMs(dropped) < forMs) dropped = { addedAt: instantOf(clock), forMs }
  }

  function isPartial(): boolean {
    return dropped !== undefined && leftInMs(dropped) > 0
  }

  /** By the clock that leaves more: once the wall clock is corrected, a token that had expired by it is valid again. */
  function leftInMs({ addedAt, forMs }: Lifetime): number {
    const wall = clock.now() - addedAt.now
    const monotonic = clock.monotonic() - addedAt.monotonic
    return forMs - (wall < monotonic ? wall : monotonic)
  }

  function live(name: string): Entry | undefined {
    const entry = entries.get(name)
    if (!entry || leftInMs(entry) > 0) return entry
    entries.delete(name)
    unlogged.delete(name)
    return undefined
  }

  function keptOf(names: Iterable<string>): readonly Kept[] {
    return [...names].flatMap((name) => {
      const entry = live(name)
      return entry ? [{ tombstone: entry.tombstone, forMs: leftInMs(entry) }] : []
    })
  }

  /** Not for each of a burst of revocations: there are many entries. */
  function sweep(): void {
    if (sweptAt && elapsedSince(sweptAt, clock) < SWEEP_EVERY_MS) return
    sweptAt = instantOf(clock)
    for (const name of entries.keys()) live(name)
  }

  function some(token: RevocableToken, holds: (entry: Entry) => boolean): boolean {
    if (entries.size === 0) return false
    return namesFor(token).some((name) => {
      const entry = live(name)
      return entry !== undefined && holds(entry)
    })
  }

  const refuse = (token: RevocableToken) => some(token, ({ tombstone }) => refuses(tombstone, token, clockSkewInMs))

  return {
    add,
    check: (token) => {
      if (refuse(token)) throw new AuthError('token-revoked')
    },
    refuse,
    sequence: () => sequence,
    forgottenSince: (before) => lastForgotten > before,
    outdateSince: (token, before) =>
      some(token, (entry) => entry.sequence > before && outdates(entry.tombstone, token, clockSkewInMs)),
    mustAskAgain: (token, before) =>
      some(token, ({ sequence, tombstone }) => {
        const isLater = sequence > before && tombstone.effect === 'refuse-earlier'
        return isLater && outdates(tombstone, token, clockSkewInMs)
      }),
    outdateAfter: (token, before) =>
      some(token, ({ tombstone, position }) => {
        const isLater = position === undefined || position > before
        return tombstone.effect !== 'refuse' && isLater && outdates(tombstone, token, clockSkewInMs)
      }),
    entries: () => keptOf(entries.keys()),
    unlogged: () => keptOf(unlogged),
    count: () => entries.size,
    lastWebhookAt: () => lastWebhookAt,
    isPartial,
    restart: () => {
      sweep()
      dropped = undefined
    },
  }
}
