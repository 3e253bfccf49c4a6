import type { Rates } from '../introspection/introspection.js'

// Within Clerk's limits per instance: https://clerk.com/docs/guides/how-clerk-works/system-limits
export const RATE_80: Rates = { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } }
export const RATE_20: Rates = { live: { perSecond: 20, burst: 100 }, test: { perSecond: 5, burst: 50 } }
