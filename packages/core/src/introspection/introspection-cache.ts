import type { AuthenticatedAuth } from '../auth/auth.js'
import type { Revocations } from '../fleet/revocations.js'
import { elapsedSince, instantOf, type Clock, type Instant } from '../support/clock.js'
import type { AuthErrorCode } from '../auth/errors.js'
import { secondChanceCache, type SecondChanceCache } from '../support/second-chance-cache.js'
import { sizeInMemory } from '../support/size-in-memory.js'
import { DEFAULT_BOUNDS, type CacheBounds } from '../token/verified-cache.js'

/** Short-lived cache of Clerk's answers about opaque tokens, by the digest of the whole token. */
export interface IntrospectionCache {
  /** The caller, or why the token was refused; `undefined` if Clerk must be asked. */
  readonly get: (digest: string) => AuthenticatedAuth | AuthErrorCode | undefined
  /** @param ageInMs milliseconds since Clerk was asked */
  readonly passed: (digest: string, auth: AuthenticatedAuth, ageInMs?: number) => void
  /** @param isLasting whether the refusal is permanent; a token unknown to Clerk may have just been issued */
  readonly refused: (digest: string, code: AuthErrorCode, isLasting: boolean, ageInMs?: number) => void
  /** Whether the token was accepted recently. Part of the budget is reserved for such tokens. */
  readonly isKnown: (digest: string) => boolean
  /** Whether any token is known. */
  readonly hasKnown: () => boolean
  readonly forget: (which: 'all' | { readonly digest: string } | ((auth: AuthenticatedAuth) => boolean)) => void
  readonly stats: () => { readonly entries: number; readonly refused: number; readonly known: number }
}

interface Remembered<T> {
  readonly value: T
  readonly since: Instant
  /** Milliseconds. */
  readonly forMs: number
  /** The last revocation that the entry was compared with. */
  checkedUpTo: number
}

type AuthOf = AuthenticatedAuth | undefined

const MAX_REFUSED = 1000
const KNOWN_FOR_MS = 10 * 60_000
export const REFUSED_FOR_MS = 5000
export const REFUSED_FOR_GOOD_FOR_MS = 5 * 60_000

/** Refused and accepted tokens are stored separately, so that a flood of made-up tokens only evicts its own entries. */
export function introspectionCache(
  rememberInMs: number,
  bounds: CacheBounds,
  clock: Clock,
  revocations: Revocations,
): IntrospectionCache {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const passed = secondChanceCache<Remembered<AuthenticatedAuth>>({
    maxEntries,
    maxSize: maxBytes,
    sizeOf: ({ value }) => sizeInMemory(value),
  })
  const refused = secondChanceCache<Remembered<AuthErrorCode>>({ maxEntries: MAX_REFUSED })
  const known = secondChanceCache<Remembered<true>>({ maxEntries: Math.max(1, maxEntries) })
  let latestKnown: Instant | undefined

  function live<T>(cache: SecondChanceCache<Remembered<T>>, digest: string): Remembered<T> | undefined {
    const entry = cache.get(digest)
    if (!entry) return undefined
    // If the clock returns NaN, every token must be refused.
    if (elapsedSince(entry.since, clock) < entry.forMs && !Number.isNaN(clock.now())) return entry
    cache.delete(digest)
    return undefined
  }

  /** A result that no later revocation has outdated. */
  function valid<T>(
    cache: SecondChanceCache<Remembered<T>>,
    digest: string,
    authOf: (value: T) => AuthOf,
  ): T | undefined {
    const entry = live(cache, digest)
    if (!entry || entry.checkedUpTo === revocations.sequence()) return entry?.value
    const token = { digest, auth: authOf(entry.value), issuedAt: 'opaque' } as const
    if (revocations.outdateSince(token, entry.checkedUpTo)) {
      cache.delete(digest)
      return undefined
    }
    entry.checkedUpTo = revocations.sequence()
    return entry.value
  }

  function remembered<T>(value: T, forMs: number, ageInMs: number): Remembered<T> {
    const { now, monotonic } = instantOf(clock)
    const since = { now: now - ageInMs, monotonic: monotonic - ageInMs }
    return { value, since, forMs, checkedUpTo: revocations.sequence() }
  }

  return {
    get: (digest) => valid(passed, digest, (auth) => auth) ?? valid(refused, digest, () => undefined),
    passed: (digest, auth, ageInMs = 0) => {
      const lifeInMs = auth.expiresAt === null ? Number.POSITIVE_INFINITY : auth.expiresAt - clock.now() + ageInMs
      const forMs = Math.min(rememberInMs, lifeInMs)
      if (forMs > ageInMs) passed.set(digest, remembered(auth, forMs, ageInMs))
      known.set(digest, remembered(true, KNOWN_FOR_MS, 0))
      latestKnown = instantOf(clock)
    },
    refused: (digest, code, isLasting, ageInMs = 0) => {
      passed.delete(digest)
      known.delete(digest)
      refused.set(digest, remembered(code, isLasting ? REFUSED_FOR_GOOD_FOR_MS : REFUSED_FOR_MS, ageInMs))
    },
    isKnown: (digest) => live(known, digest) !== undefined,
    hasKnown: () => known.count() > 0 && latestKnown !== undefined && elapsedSince(latestKnown, clock) < KNOWN_FOR_MS,
    forget: (which) => {
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
    stats: () => ({ entries: passed.count(), refused: refused.count(), known: known.count() }),
  }
}
