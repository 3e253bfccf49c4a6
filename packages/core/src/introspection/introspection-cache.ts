import type { AuthenticatedAuth } from '../auth/auth.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import type { AuthErrorCode } from '../auth/errors.js'
import { secondChanceCache, type SecondChanceCache } from '../support/second-chance-cache.js'
import { sizeInMemory } from '../support/size-in-memory.js'
import { DEFAULT_BOUNDS, type CacheBounds } from '../token/verified-cache.js'

/** Short-lived cache of Clerk's answers about opaque tokens, by the digest of the whole token. */
export interface IntrospectionCache {
  /** The caller, or why the token was refused; `undefined` if Clerk must be asked. */
  readonly get: (digest: string) => AuthenticatedAuth | AuthErrorCode | undefined
  readonly passed: (digest: string, auth: AuthenticatedAuth) => void
  /** @param isLasting whether the refusal is permanent; a token unknown to Clerk may have just been issued */
  readonly refused: (digest: string, code: AuthErrorCode, isLasting: boolean) => void
  /** Whether the token was accepted recently. Part of the budget is reserved for such tokens. */
  readonly isKnown: (digest: string) => boolean
  /** Whether any token is known. */
  readonly hasKnown: () => boolean
  readonly forget: (which: 'all' | { readonly digest: string } | ((auth: AuthenticatedAuth) => boolean)) => void
  /** Changes on each `forget`: results of calls made before must not be cached after it. */
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

/** Refused and accepted tokens are stored separately, so that a flood of made-up tokens only evicts its own entries. */
export function introspectionCache(rememberInMs: number, bounds: CacheBounds, clock: Clock): IntrospectionCache {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const passed = secondChanceCache<Remembered<AuthenticatedAuth>>({
    maxEntries,
    maxSize: maxBytes,
    sizeOf: ({ value }) => sizeInMemory(value),
  })
  const refused = secondChanceCache<Remembered<AuthErrorCode>>({ maxEntries: MAX_REFUSED })
  const known = secondChanceCache<Remembered<true>>({ maxEntries: Math.max(1, maxEntries) })
  let latestKnown: Instant | undefined
  let epoch = 0

  function live<T>(cache: SecondChanceCache<Remembered<T>>, digest: string): T | undefined {
    const entry = cache.get(digest)
    if (!entry) return undefined
    // If the clock returns NaN, every token must be refused.
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
      if (forMs > 0) passed.set(digest, { value: auth, since, forMs })
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
    hasKnown: () => known.count() > 0 && latestKnown !== undefined && elapsedSince(latestKnown, clock) < KNOWN_FOR_MS,
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
    stats: () => ({ entries: passed.count(), refused: refused.count(), known: known.count() }),
  }
}
