import type { Found, Lease, Sharing } from '../fleet/sharing.js'
import { importKeySet, type KeySet } from './jwks.js'

/** A key set that another process has fetched. */
export interface SharedKeySet {
  readonly set: KeySet
  /** Milliseconds since it was fetched, and for how long it is fresh in all. */
  readonly ageInMs: number
  readonly freshFor: number
}

/** What is shared: the JWK Set as the issuer published it, which each process imports and checks itself. */
interface Shared {
  readonly jwks: unknown
  readonly freshFor: number
}

/** The set that the process has taken over may look younger when it is found again. */
const SAME_WITHIN_MS = 100

/**
 * Another process's key set, or the lease on fetching it.
 *
 * @param olderThanMs a set that was fetched earlier than this is of no use: the process has a newer one
 */
export function claimKeySet(
  sharing: Sharing,
  url: string,
  olderThanMs: number,
): Promise<{ readonly found: SharedKeySet } | Lease> {
  return sharing.claim(['keys', url], async ({ value, ageInMs }: Found) => {
    const { jwks, freshFor } = (value ?? {}) as Partial<Shared>
    if (typeof freshFor !== 'number' || !(ageInMs + SAME_WITHIN_MS < olderThanMs)) return undefined
    const set = await importKeySet(jwks)
    return typeof set === 'string' ? undefined : { set, ageInMs, freshFor }
  })
}

/** @param forMs until the next fetch */
export function shareKeySet(lease: Lease, shared: Shared, forMs: number): void {
  void lease.settle({ value: shared, forMs })
}
