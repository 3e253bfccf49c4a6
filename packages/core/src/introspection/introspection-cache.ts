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
  /** The caller, if its token was accepted by a call of this process with a higher number. */
  readonly askedAfter: (digest: string, call: number) => AuthenticatedAuth | undefined
  /** The caller, if it may still be accepted because Clerk cannot be asked. */
  readonly stale: (digest: string) => AuthenticatedAuth | undefined
  /** @param asked default: just now, by this process */
  readonly passed: (digest: string, auth: AuthenticatedAuth, asked?: Asked) => void
  /** @param isLasting whether the refusal is permanent; a token unknown to Clerk may have just been issued */
  readonly refused: (digest: string, code: AuthErrorCode, isLasting: boolean, ageInMs?: number) => void
  /** Whether the token was accepted recently. Part of the budget is reserved for such tokens. */
  readonly isKnown: (digest: string) => boolean
  /** Whether any token is known. */
  readonly hasKnown: () => boolean
  readonly forget: (which: 'all' | { readonly digest: string } | ((auth: AuthenticatedAuth) => boolean)) => void
  readonly stats: () => { readonly entries: number; readonly refused: number; readonly known: number }
}

/** Which call of this process gave an answer, or how many milliseconds ago another process asked. */
export type Asked = { readonly call: number } | { readonly ageInMs: number }

interface Remembered<T> {
  readonly value: T
  readonly since: Instant
  /** Milliseconds. */
  readonly forMs: number
  /** Milliseconds. Longer than `forMs` if the entry may be used while Clerk cannot be asked. */
  readonly keptForMs: number
  /** The call that gave the answer; 0 if this process did not ask. */
  readonly call: number
  /** The last revocation that the entry was compared with. */
  checkedUpTo: number
}

const MAX_REFUSED = 1000
const KNOWN_FOR_MS = 10 * 60_000
const KEEP_REFUSAL_FOR_MS = 5000
const KEEP_LASTING_REFUSAL_FOR_MS = 5 * 60_000

/** How long a refusal is cached, in milliseconds. */
export function keepRefusalForMs(isLasting: boolean): number {
  return isLasting ? KEEP_LASTING_REFUSAL_FOR_MS : KEEP_REFUSAL_FOR_MS
}

/** Refused and accepted tokens are stored separately, so that a flood of made-up tokens only evicts its own entries. */
export function introspectionCache(
  rememberInMs: number,
  bounds: CacheBounds,
  clock: Clock,
  revocations: Revocations,
  staleInMs = 0,
): IntrospectionCache {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds }
  const passed = secondChanceCache<Remembered<AuthenticatedAuth>>({
    maxEntries,
    maxSize: maxBytes,
    sizeOf: ({ value }) => sizeInMemory(value),
  })
  const refused = secondChanceCache<Remembered<AuthErrorCode>>({ maxEntries: MAX_REFUSED })
  const known = secondChanceCache<Remembered<true>>({ maxEntries: Math.max(1, maxEntries) })
  // Tokens stay known while their answers may be used, so that a long outage does not make them unknown.
  const knownForMs = Math.max(KNOWN_FOR_MS, staleInMs && rememberInMs + staleInMs)
  let latestKnown: Instant | undefined

  function live<T>(
    cache: SecondChanceCache<Remembered<T>>,
    digest: string,
    life: 'forMs' | 'keptForMs' = 'forMs',
  ): Remembered<T> | undefined {
    const entry = cache.get(digest)
    if (!entry) return undefined
    const ageInMs = elapsedSince(entry.since, clock)
    // If the clock returns NaN, every token must be refused.
    if (ageInMs < entry[life] && !Number.isNaN(clock.now())) return entry
    if (!(ageInMs < entry.keptForMs)) cache.delete(digest)
    return undefined
  }

  /** A result that no later revocation has outdated. */
  function valid<T>(
    cache: SecondChanceCache<Remembered<T>>,
    digest: string,
    authOf: (value: T) => AuthenticatedAuth | undefined,
    life?: 'forMs' | 'keptForMs',
  ): Remembered<T> | undefined {
    const entry = live(cache, digest, life)
    if (!entry || entry.checkedUpTo === revocations.sequence()) return entry
    const token = { digest, auth: authOf(entry.value), issuedAt: 'opaque' } as const
    if (revocations.outdateSince(token, entry.checkedUpTo)) {
      cache.delete(digest)
      return undefined
    }
    entry.checkedUpTo = revocations.sequence()
    return entry
  }

  function remembered<T>(value: T, forMs: number, ageInMs: number, keptForMs = forMs, call = 0): Remembered<T> {
    const { now, monotonic } = instantOf(clock)
    const since = { now: now - ageInMs, monotonic: monotonic - ageInMs }
    return { value, since, forMs, keptForMs, call, checkedUpTo: revocations.sequence() }
  }

  const accepted = (digest: string, life?: 'keptForMs') => valid(passed, digest, (auth) => auth, life)

  return {
    get: (digest) => (accepted(digest) ?? valid(refused, digest, () => undefined))?.value,
    askedAfter: (digest, call) => {
      const entry = accepted(digest)
      return entry && entry.call > call ? entry.value : undefined
    },
    stale: (digest) => (staleInMs > 0 ? accepted(digest, 'keptForMs')?.value : undefined),
    passed: (digest, auth, asked = { call: 0 }) => {
      const [call, ageInMs] = 'call' in asked ? [asked.call, 0] : [0, asked.ageInMs]
      const lifeInMs = auth.expiresAt === null ? Number.POSITIVE_INFINITY : auth.expiresAt - clock.now() + ageInMs
      const forMs = Math.min(rememberInMs, lifeInMs)
      const keptForMs = 'call' in asked ? Math.min(rememberInMs + staleInMs, lifeInMs) : forMs
      if (keptForMs > ageInMs) passed.set(digest, remembered(auth, forMs, ageInMs, keptForMs, call))
      known.set(digest, remembered(true, knownForMs, 0))
      latestKnown = instantOf(clock)
    },
    refused: (digest, code, isLasting, ageInMs = 0) => {
      passed.delete(digest)
      known.delete(digest)
      refused.set(digest, remembered(code, keepRefusalForMs(isLasting), ageInMs))
    },
    isKnown: (digest) => live(known, digest) !== undefined,
    hasKnown: () => known.count() > 0 && latestKnown !== undefined && elapsedSince(latestKnown, clock) < knownForMs,
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
