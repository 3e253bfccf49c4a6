import type { ClerkAuth } from '../clerk-auth.js'
import { meterOf, type MeterOptions } from './meter.js'

/**
 * Measures `clerk.stats()` whenever metrics are collected, until the returned function is called. It keeps the instance
 * in memory until then.
 */
export function observeStats(clerk: Pick<ClerkAuth, 'ready' | 'stats'>, options: MeterOptions = {}): () => void {
  const meter = meterOf(options)
  const ready = meter.createObservableGauge('clerk_auth.ready', {
    description: '1 if the keys are loaded, else 0',
  })
  const keys = meter.createObservableGauge('clerk_auth.keys.usable', {
    unit: '{key}',
    description: 'Keys that can verify',
  })
  const keyAge = meter.createObservableGauge('clerk_auth.keys.age', {
    unit: 's',
    description: 'Time since the key set was fetched',
  })
  const entries = meter.createObservableUpDownCounter('clerk_auth.cache.entries', {
    unit: '{entry}',
    description: 'Entries of the caches',
  })
  const billed = meter.createObservableCounter('clerk_auth.introspection.billed', {
    unit: '{call}',
    description: 'Calls to Clerk that Clerk bills',
  })
  const revocations = meter.createObservableGauge('clerk_auth.revocations.known', {
    unit: '{revocation}',
    description: 'Revocations that this process knows',
  })
  const lastWebhook = meter.createObservableGauge('clerk_auth.webhooks.last_event.time', {
    unit: 's',
    description: 'When the last webhook event arrived, since the epoch',
  })
  const connected = meter.createObservableGauge('clerk_auth.shared_store.connected', {
    description: '1 if the shared store could be read and written to when it was last asked, else 0',
  })
  const lookups = meter.createObservableCounter('clerk_auth.shared_store.lookups', {
    unit: '{lookup}',
    description: 'Lookups in the shared store, by whether another process had the value',
  })
  const failures = meter.createObservableCounter('clerk_auth.shared_store.failures', {
    unit: '{request}',
    description: 'Requests to the shared store that failed or took too long',
  })
  const instruments = [ready, keys, keyAge, entries, billed, revocations, lastWebhook, connected, lookups, failures]

  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const stats = clerk.stats()
    const { remembered, ...remote } = stats.remote
    result.observe(ready, Number(clerk.ready))
    result.observe(keys, stats.keys.size)
    if (stats.keys.ageInMs !== null) result.observe(keyAge, stats.keys.ageInMs / 1000)
    const sizes = { verified: stats.verified.entries, introspected: remembered.entries, refused: remembered.refused }
    for (const [name, size] of Object.entries(sizes)) result.observe(entries, size, { 'clerk_auth.cache.name': name })
    for (const [tokenType, { billed: calls }] of Object.entries(remote))
      result.observe(billed, calls, { 'clerk_auth.token.type': tokenType })
    result.observe(revocations, stats.revocations.count)
    const { lastEventAt } = stats.webhooks
    if (lastEventAt !== null) result.observe(lastWebhook, lastEventAt / 1000)
    if (!stats.shared) return
    if (stats.shared.isConnected !== null) result.observe(connected, Number(stats.shared.isConnected))
    result.observe(lookups, stats.shared.hits, { 'clerk_auth.shared_store.hit': true })
    result.observe(lookups, stats.shared.misses, { 'clerk_auth.shared_store.hit': false })
    result.observe(failures, stats.shared.failures)
  }
  meter.addBatchObservableCallback(observe, instruments)
  return () => meter.removeBatchObservableCallback(observe, instruments)
}
