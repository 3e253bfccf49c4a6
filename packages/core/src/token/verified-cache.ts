import { LRUCache } from 'lru-cache'
import type { Algorithm } from '../crypto/algorithms.js'
import type { Clock } from '../support/clock.js'

/** What is remembered of a token whose signature and claims were good. */
export interface VerifiedToken<T> {
  readonly auth: T
  /** The `kid` that the token named, and what the key was that verified it. */
  readonly kid: string | undefined
  readonly thumbprint: string
  /** The algorithm by which it did. */
  readonly alg: Algorithm
  /** Milliseconds since the epoch until which the token is good, the clock skew included. */
  readonly goodUntil: number
  /** Rough octets of memory. */
  readonly size: number
}

export interface CacheBounds {
  /** Default 10,000. */
  readonly maxEntries?: number
  /** Default 64 MiB. */
  readonly maxBytes?: number
}

export const DEFAULT_BOUNDS = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 } as const satisfies CacheBounds

export interface CacheStats {
  readonly entries: number
  /** An estimate, from the lengths of the tokens. */
  readonly bytes: number
  readonly hits: number
  readonly misses: number
}

/** Remembers verified tokens by the digest of the whole token. Only a success is ever put in: garbage evicts nothing. */
export interface VerifiedCache<T> {
  readonly get: (digest: string) => VerifiedToken<T> | undefined
  readonly set: (digest: string, verified: VerifiedToken<T>) => void
  readonly forget: (which: { readonly digest: string } | ((auth: T) => boolean)) => void
  readonly stats: () => CacheStats
}

interface Entry<T> {
  readonly verified: VerifiedToken<T>
  readonly monotonicGoodUntil: number
}

export function verifiedCache<T>(bounds: CacheBounds, clock: Clock): VerifiedCache<T> {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const remembers = maxEntries > 0 && maxBytes > 0
  // Without `max`, which would allocate for all entries at once: the number of entries is kept below.
  const entries = new LRUCache<string, Entry<T>>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ verified }) => verified.size,
  })
  let hits = 0
  let misses = 0

  return {
    get: (digest) => {
      const entry = entries.get(digest)
      // Both clocks must say that it lives: one of them cannot be set back.
      if (entry && clock.now() < entry.verified.goodUntil && clock.monotonic() < entry.monotonicGoodUntil) {
        hits++
        return entry.verified
      }
      misses++
      entries.delete(digest)
      return undefined
    },
    set: (digest, verified) => {
      if (!remembers) return
      const monotonicGoodUntil = clock.monotonic() + verified.goodUntil - clock.now()
      entries.set(digest, { verified, monotonicGoodUntil })
      if (entries.size > maxEntries) entries.pop()
    },
    forget: (which) => {
      if (typeof which !== 'function') return void entries.delete(which.digest)
      for (const [digest, entry] of entries.entries()) if (which(entry.verified.auth)) entries.delete(digest)
    },
    stats: () => ({ entries: entries.size, bytes: entries.calculatedSize, hits, misses }),
  }
}
