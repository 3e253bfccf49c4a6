import { availabilityOf } from './availability.js'
import { variable } from '../config/environment.js'
import type { Kept, Logged } from '../fleet/revocations.js'
import { nameOf, rankOf, type Tombstone } from '../fleet/tombstone.js'
import { singleFlight } from '../support/single-flight.js'
import { withTimeout } from '../support/timeout.js'
import { warn } from '../support/warning.js'
import type { SharedMemory, Sharing, SharingInstance } from '../fleet/sharing.js'
import { sealOf } from './seal.js'
import { sharedValues } from './shared-values.js'
import type { SharedSpace, SharedStore } from './store.js'

export interface SharedMemoryOptions {
  /**
   * At least 32 bytes, the same in all processes, such as the output of `openssl rand -base64 32`. In a list, the first
   * one is used for writing and all for reading, to support rotation. Default: `CLERK_AUTH_SHARED_SECRET` in the
   * environment, comma-separated.
   */
  readonly secret?: string | readonly string[]
}

/** A revocation is worth waiting for. */
const APPEND_TIMEOUT_IN_MS = 2000
/** Reading all of a long log takes several requests. */
const MAX_READ_IN_MS = 1000
const HEARTBEAT_IN_MS = 1000
/** So that a burst of revocations causes one read. */
const DOORBELL_DELAY_IN_MS = 20
/** Two heartbeats, and the timeout of a read. */
const CURRENT_FOR_MS = 2250
const MAX_WAIT_FOR_LOG_IN_MS = 500
const MIN_SECRET_BYTES = 32
const APPEND_AT_ONCE = 200

interface StoredTombstone {
  readonly tombstone: Tombstone
  /** Milliseconds since the epoch. */
  readonly until: number
}

/**
 * Shares the answers of Clerk, its key set and revocations through a store. What is stored is encrypted with the
 * secret, and stored under a name that only the secret can compute.
 *
 * The store is an improvement, not a requirement: without it each process asks Clerk itself, and keeps refusing what it
 * knows to be revoked. New revocations arrive again within a second after the store is back.
 */
export function sharedMemory(store: SharedStore, options: SharedMemoryOptions = {}): SharedMemory {
  return { connect: (instance) => connect(store, secretsOf(options.secret, instance), instance) }
}

function connect(store: SharedStore, secrets: readonly string[], instance: SharingInstance): Sharing {
  const { issuer, revocations, clock, emit } = instance
  const seal = sealOf(secrets)
  // One hash tag, so that a cluster keeps all keys of an instance together.
  const prefix = `{clerk-auth ${issuer}}`
  const reads = singleFlight<void>(MAX_READ_IN_MS, clock)
  const availability = availabilityOf(instance, catchUp, () => isClosed)
  const { attempt } = availability
  const values = sharedValues({
    opened,
    attempt,
    seal,
    keyOf: (about) => keyOf('value', about),
    clock,
    isClosed: () => isClosed,
  })
  let space: SharedSpace | undefined
  let heart: ReturnType<typeof setInterval> | undefined
  let doorbell: ReturnType<typeof setTimeout> | undefined
  let firstRead: Promise<void> | undefined
  let isReady = false
  let isTrimmed = false
  let isClosed = false
  /** The position of the last entry of the log that was read. */
  let cursor = ''
  /** When all of the log had been read, by the monotonic clock. */
  let readAt = Number.NEGATIVE_INFINITY

  function opened(): SharedSpace {
    if (space) return space
    if (isClosed) throw new Error('closed')
    space = store.open(prefix, { changed: ring, reconnected: catchUp }, instance.keepForMs)
    heart = setInterval(() => void readLog(), HEARTBEAT_IN_MS)
    unref(heart)
    void reportProblem()
    return space
  }

  function start(): Promise<void> | undefined {
    if (isReady || isClosed) return undefined
    opened()
    // Without the store, requests are not kept waiting.
    firstRead ??= withTimeout(readLog(), MAX_WAIT_FOR_LOG_IN_MS, () => {}).then(() => {
      isReady = true
    })
    return firstRead
  }

  function ring(): void {
    doorbell ??= setTimeout(() => {
      doorbell = undefined
      void readLog()
    }, DOORBELL_DELAY_IN_MS)
    unref(doorbell)
  }

  /** Replication is asynchronous: the last writes before a failover may be missing. */
  function catchUp(): void {
    void rewrite(revocations.entries()).then(readLog)
  }

  function readLog(): Promise<void> {
    return reads.run('log', async () => {
      for (;;) {
        const page = await attempt(() => opened().read(cursor), 'at-once')
        if (!page || isClosed) return
        if (!page.isContinuous) {
          cursor = ''
          revocations.restart()
          instance.distrust()
          void rewrite(revocations.entries())
          continue
        }
        const logged = await Promise.all(page.entries.map(({ position, key, text }) => loggedOf(text, key, position)))
        for (const one of logged) if (one) revocations.add(one)
        cursor = page.entries.at(-1)?.position ?? page.position
        isTrimmed = page.isTrimmed
        if (cursor >= page.position) break
      }
      readAt = clock.monotonic()
      // The store was emptied before this process read its own revocation, or is only just writing it.
      void rewrite(revocations.unlogged())
    })
  }

  async function loggedOf(text: string, key: string, position: string): Promise<Logged | undefined> {
    const stored = (await seal.open(text, key)) as StoredTombstone | undefined
    const forMs = stored ? stored.until - clock.now() : 0
    return stored && forMs > 0 ? { tombstone: stored.tombstone, forMs, position } : undefined
  }

  async function keyOf(kind: 'value' | 'tombstone', about: readonly string[]): Promise<string> {
    return `${prefix}:${kind}:${await seal.nameOf([kind, ...about])}`
  }

  async function append(kept: readonly Kept[]): Promise<void> {
    const timedOut = () => {
      throw new Error('no answer in time')
    }
    try {
      const entries = await Promise.all(kept.map(entryOf))
      await withTimeout(opened().append(entries), APPEND_TIMEOUT_IN_MS, timedOut)
    } catch (cause) {
      throw new Error('the revocation applies to this process, but could not be written to the shared store', { cause })
    }
  }

  async function entryOf({ tombstone, forMs }: Kept) {
    const key = await keyOf('tombstone', [nameOf(tombstone)])
    const text = await seal.seal({ tombstone, until: clock.now() + forMs } satisfies StoredTombstone, key)
    return { key, rank: rankOf(tombstone), text, forMs: Math.ceil(forMs) }
  }

  /** Entries that the log still has are ignored. Stops at a failure: the next heartbeat tries again. */
  async function rewrite(kept: readonly Kept[]): Promise<void> {
    for (let i = 0; i < kept.length; i += APPEND_AT_ONCE) {
      if (isClosed) return
      const entries = await Promise.all(kept.slice(i, i + APPEND_AT_ONCE).map(entryOf))
      const isWritten = await attempt(async () => {
        await opened().append(entries)
        return true
      })
      if (!isWritten) return
    }
  }

  async function find(names: readonly string[]): Promise<readonly Tombstone[]> {
    const keys = await Promise.all(names.map((name) => keyOf('tombstone', [name])))
    const texts = (await attempt(() => opened().find(keys))) ?? []
    const found = await Promise.all(texts.map(async ({ key, text }) => loggedOf(text, key, '')))
    return found.flatMap((one) => (one ? [one.tombstone] : []))
  }

  async function reportProblem(): Promise<void> {
    const problem = await attempt(async () => (await opened().problem?.()) ?? '')
    if (!problem) return
    emit({ type: 'shared-store-problem', problem })
    warn('CLERK_AUTH_SHARED', `shared store: ${problem}`)
  }

  return {
    start,
    isReady: () => isReady,
    isCurrent: () => clock.monotonic() - readAt < CURRENT_FOR_MS,
    refresh: () => withTimeout(readLog(), MAX_WAIT_FOR_LOG_IN_MS, () => {}),
    claim: values.claim,
    append,
    mustFind: () => (isTrimmed || revocations.isPartial()) && availability.stats().isConnected === true,
    find,
    stats: () => ({ ...availability.stats(), ...values.stats() }),
    close: () => {
      isClosed = true
      clearInterval(heart)
      clearTimeout(doorbell)
      space?.close()
    },
  }
}

function secretsOf(secret: SharedMemoryOptions['secret'], { environment }: SharingInstance): readonly string[] {
  const secrets = secret ?? variable(environment, 'CLERK_AUTH_SHARED_SECRET')?.split(',')
  const list = typeof secrets === 'string' ? [secrets] : (secrets ?? [])
  if (list.length === 0)
    throw new TypeError(
      'a shared store needs the option "secret", or CLERK_AUTH_SHARED_SECRET: at least 32 bytes, the same in all ' +
        'processes, such as the output of "openssl rand -base64 32"',
    )
  const isSecret = (one: unknown) => typeof one === 'string' && new TextEncoder().encode(one).length >= MIN_SECRET_BYTES
  if (!list.every(isSecret))
    throw new TypeError(`the "secret" of a shared store must be a string of at least ${MIN_SECRET_BYTES} bytes`)
  return list
}

/** A timer must not keep the process alive. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref: () => void }).unref()
}
