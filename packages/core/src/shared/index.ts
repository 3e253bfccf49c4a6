/**
 * Shares answers, keys and revocations between processes: for authors of stores. Applications import a store, such as
 * `@clerk-auth/redis`.
 */
export { sharedMemory, type SharedMemoryOptions } from './shared-memory.js'
export type { SharedMemory } from '../fleet/sharing.js'
export type { Claim, LogPage, SharedSpace, SharedStore, StoreEntry, StoreListener } from './store.js'
