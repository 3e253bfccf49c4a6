import { LRUCache } from 'lru-cache'
import type { AuthenticatedAuth } from '../auth/auth.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import type { AuthErrorCode } from '../auth/errors.js'
import { sizeInMemory } from '../support/size-in-memory.js'
import { DEFAULT_BOUNDS, type CacheBounds } from '../token/verified-cache.js'

/** What Clerk said of opaque tokens, by the digest of the whole token, for a short while. */
export interface IntrospectionCache {
  /** Who the token speaks for, or why it was refused; `undefined` where Clerk has to be asked. */
  readonly get: (digest: string) => AuthenticatedAuth | AuthErrorCode | undefined
  readonly passed: (digest: string, auth: AuthenticatedAuth) => void
  /** @param isLasting whether it is refused for good; what Clerk does not know may be a token that it has just made */
  readonly refused: (digest: string, code: AuthErrorCode, isLasting: boolean) => void
  /** Whether the token passed a while ago: then it is no stranger, and its share of the budget is kept. */
  readonly isKnown: (digest: string) => boolean
  /** Whether any token is known. */
  readonly hasKnown: () => boolean
  readonly forget: (which: 'all' | { readonly digest: string } | ((auth: AuthenticatedAuth) => boolean)) => void
  /** Another one since something was forgotten: what was asked before is not to be remembered after. */
  readonly epoch: () => number
  readonly stats: () => { readonly entries: number; readonly refused: number; readonly known: number }
}

interface Remembered<T> {
  readonly value: T
  readonly since: Instant
  /** Milliseconds. */
  readonly forMs: number
}

const MAX_REFUSED = 1000
const KNOWN_FOR_MS = 10 * 60_000
const REFUSED_FOR_MS = 5000
const REFUSED_FOR_GOOD_FOR_MS = 5 * 60_000

/** The refused are apart from the passed, so that a flood of made-up tokens evicts nothing but itself. */
export function introspectionCache(rememberInMs: number, bounds: CacheBounds, clock: Clock): IntrospectionCache {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const max = Math.max(1, maxEntries)
  const remembers = maxEntries > 0
  // Without `max`, which would allocate for all entries at once.
  const passed = new LRUCache<string, Remembered<AuthenticatedAuth>>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ value }) => sizeInMemory(value),
  })
  const refused = countedCache<AuthErrorCode>(MAX_REFUSED)
  const known = countedCache<true>(max)
  let latestKnown: Instant | undefined
  let epoch = 0

  function live<T>(cache: LRUCache<string, Remembered<T>>, digest: string): T | undefined {
    const entry = cache.get(digest)
    if (!entry) return undefined
    // A clock that gives NaN must let nobody in.
    if (elapsedSince(entry.since, clock) < entry.forMs && !Number.isNaN(clock.now())) return entry.value
    cache.delete(digest)
    return undefined
  }

  return {
    get: (digest) => live(passed, digest) ?? live(refused, digest),
    passed: (digest, auth) => {
      const since = instantOf(clock)
      const lifeInMs = auth.expiresAt === null ? Number.POSITIVE_INFINITY : auth.expiresAt - since.now
      const forMs = Math.min(rememberInMs, lifeInMs)
      if (forMs > 0 && remembers) passed.set(digest, { value: auth, since, forMs })
      if (passed.size > max) passed.pop()
      known.set(digest, { value: true, since, forMs: KNOWN_FOR_MS })
      latestKnown = since
    },
    refused: (digest, code, isLasting) => {
      passed.delete(digest)
      known.delete(digest)
      const forMs = isLasting ? REFUSED_FOR_GOOD_FOR_MS : REFUSED_FOR_MS
      refused.set(digest, { value: code, since: instantOf(clock), forMs })
    },
    isKnown: (digest) => live(known, digest) ?? false,
    hasKnown: () => known.size > 0 && latestKnown !== undefined && elapsedSince(latestKnown, clock) < KNOWN_FOR_MS,
    forget: (which) => {
      epoch++
      if (which === 'all') {
        passed.clear()
        refused.clear()
        return
      }
      if (typeof which !== 'function') {
        passed.delete(which.digest)
        refused.delete(which.digest)
        return
      }
      for (const [digest, { value }] of passed.entries()) if (which(value)) passed.delete(digest)
    },
    epoch: () => epoch,
    stats: () => ({ entries: passed.size, refused: refused.size, known: known.size }),
  }
}

/** Holds at most `maxEntries`, and allocates only for those that it holds. */
function countedCache<T>(maxEntries: number): LRUCache<string, Remembered<T>> {
  return new LRUCache({ maxSize: maxEntries, sizeCalculation: () => 1 })
}
