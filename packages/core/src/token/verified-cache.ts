import type { Algorithm } from '../crypto/algorithms.js'
import type { Clock } from '../support/clock.js'
import { secondChanceCache } from '../support/second-chance-cache.js'

/** The cached result for a token with a valid signature and claims. */
export interface VerifiedToken<T> {
  readonly auth: T
  /** The `kid` of the token, and the thumbprint of the key that verified it. */
  readonly kid: string | undefined
  readonly thumbprint: string
  /** The algorithm that verified it. */
  readonly alg: Algorithm
  /** When the token expires, in milliseconds since the epoch, including the clock skew. */
  readonly goodUntil: number
  /** Approximate memory use in bytes. */
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

/**
 * Caches verified tokens by the digest of the whole token. Only valid tokens are stored, so invalid ones cannot evict
 * them.
 */
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
  const entries = secondChanceCache<Entry<T>>({
    maxEntries,
    maxSize: maxBytes,
    sizeOf: ({ verified }) => verified.size,
  })
  let hits = 0
  let misses = 0

  return {
    get: (digest) => {
      const entry = entries.get(digest)
      // Valid only by both clocks: the monotonic one cannot be set back.
      if (entry && clock.now() < entry.verified.goodUntil && clock.monotonic() < entry.monotonicGoodUntil) {
        hits++
        return entry.verified
      }
      misses++
      entries.delete(digest)
      return undefined
    },
    set: (digest, verified) => {
      const monotonicGoodUntil = clock.monotonic() + verified.goodUntil - clock.now()
      entries.set(digest, { verified, monotonicGoodUntil })
    },
    forget: (which) => {
      if (typeof which !== 'function') return entries.delete(which.digest)
      for (const [digest, entry] of entries.entries()) if (which(entry.verified.auth)) entries.delete(digest)
    },
    stats: () => ({ entries: entries.count(), bytes: entries.size(), hits, misses }),
  }
}
