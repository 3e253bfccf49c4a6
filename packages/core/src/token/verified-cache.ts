import type { AuthenticatedAuth } from '../auth/auth.js'
import type { Algorithm } from '../crypto/algorithms.js'
import type { Revocations } from '../fleet/revocations.js'
import type { Clock } from '../support/clock.js'
import { secondChanceCache } from '../support/second-chance-cache.js'

/** The cached result for a token with a valid signature and claims. */
export interface VerifiedToken {
  readonly auth: AuthenticatedAuth
  /** The `kid` of the token, and the thumbprint of the key that verified it. */
  readonly kid: string | undefined
  readonly thumbprint: string
  /** The algorithm that verified it. */
  readonly alg: Algorithm
  /** `iat`, in seconds since the epoch; `undefined` if the token has none. */
  readonly issuedAt: number | undefined
  /**
   * SHA-256 of what the signature covers, for revocations: anyone can derive a second valid signature from one by ECDSA.
   */
  readonly signedDigest: string
  /** When the token expires, in milliseconds since the epoch, including the clock skew. */
  readonly goodUntil: number
  /** Approximate memory use in bytes. */
  readonly size: number
}

export interface CacheBounds {
  /** Maximum number of tokens. Default 10,000. */
  readonly maxEntries?: number
  /** Approximate maximum size in memory, in bytes. Default 64 MiB. */
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
export interface VerifiedCache {
  readonly get: (digest: string) => VerifiedToken | undefined
  readonly set: (digest: string, verified: VerifiedToken) => void
  readonly forget: (which: { readonly digest: string } | ((auth: AuthenticatedAuth) => boolean)) => void
  readonly stats: () => CacheStats
}

interface Entry {
  readonly verified: VerifiedToken
  readonly monotonicGoodUntil: number
  /** The last revocation that the entry was compared with. */
  checkedUpTo: number
}

export function verifiedCache(bounds: CacheBounds, clock: Clock, revocations: Revocations): VerifiedCache {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const entries = secondChanceCache<Entry>({
    maxEntries,
    maxSize: maxBytes,
    sizeOf: ({ verified }) => verified.size,
  })
  let hits = 0
  let misses = 0

  function isValid(entry: Entry): boolean {
    const { verified, monotonicGoodUntil, checkedUpTo } = entry
    // Valid only by both clocks: the monotonic one cannot be set back.
    if (!(clock.now() < verified.goodUntil && clock.monotonic() < monotonicGoodUntil)) return false
    const sequence = revocations.sequence()
    if (checkedUpTo === sequence) return true
    const { auth, issuedAt, signedDigest: digest } = verified
    if (revocations.outdateSince({ digest, auth, issuedAt }, checkedUpTo)) return false
    entry.checkedUpTo = sequence
    return true
  }

  return {
    get: (digest) => {
      const entry = entries.get(digest)
      if (entry && isValid(entry)) {
        hits++
        return entry.verified
      }
      misses++
      entries.delete(digest)
      return undefined
    },
    set: (digest, verified) => {
      const monotonicGoodUntil = clock.monotonic() + verified.goodUntil - clock.now()
      entries.set(digest, { verified, monotonicGoodUntil, checkedUpTo: revocations.sequence() })
    },
    forget: (which) => {
      if (typeof which !== 'function') return entries.delete(which.digest)
      for (const [digest, entry] of entries.entries()) if (which(entry.verified.auth)) entries.delete(digest)
    },
    stats: () => ({ entries: entries.count(), bytes: entries.size(), hits, misses }),
  }
}
