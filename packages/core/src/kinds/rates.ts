import type { Rate } from '../token-bucket.js'

/** How often Clerk may be asked, by the key that asks: of a live instance or of a test instance. */
export interface Rates {
  readonly live: Rate
  readonly test: Rate
}

// Within what Clerk allows an instance: https://clerk.com/docs/guides/how-clerk-works/system-limits
export const RATE_80: Rates = { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } }
export const RATE_20: Rates = { live: { perSecond: 20, burst: 100 }, test: { perSecond: 5, burst: 50 } }
