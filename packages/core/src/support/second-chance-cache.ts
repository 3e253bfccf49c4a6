/** A cache bounded by a number of entries and by their total size. */
export interface SecondChanceCache<V> {
  readonly get: (key: string) => V | undefined
  /** Stores a value, unless it alone is larger than the whole cache may be. */
  readonly set: (key: string, value: V) => void
  readonly delete: (key: string) => void
  readonly clear: () => void
  readonly entries: () => Iterable<readonly [key: string, value: V]>
  readonly count: () => number
  /** The sum of the sizes of all entries. */
  readonly size: () => number
}

export interface CacheLimits<V> {
  readonly maxEntries: number
  /** In the unit of `sizeOf`. Default: no limit. */
  readonly maxSize?: number
  /** The size of a value. Default 0. */
  readonly sizeOf?: (value: V) => number
}

interface Entry<V> {
  readonly value: V
  readonly size: number
  wasRead: boolean
}

/**
 * Evicts the oldest entry that was not read; one that was read becomes the newest, unread. This is the second-chance
 * algorithm, close to least recently used, but a read moves nothing.
 */
export function secondChanceCache<V>(limits: CacheLimits<V>): SecondChanceCache<V> {
  const { maxEntries, maxSize = Number.POSITIVE_INFINITY, sizeOf = () => 0 } = limits
  const entries = new Map<string, Entry<V>>()
  let size = 0
  /** Continues where the last eviction ended: a new iterator would have to skip all entries that were deleted. */
  let oldest: MapIterator<[string, Entry<V>]> | undefined

  function remove(key: string): void {
    const entry = entries.get(key)
    if (entry && entries.delete(key)) size -= entry.size
  }

  function evictOne(): void {
    for (;;) {
      oldest ??= entries.entries()
      const next = oldest.next()
      if (next.done) {
        oldest = undefined
        continue
      }
      const [key, entry] = next.value
      if (!entry.wasRead) return remove(key)
      entry.wasRead = false
      entries.delete(key)
      entries.set(key, entry)
    }
  }

  return {
    get: (key) => {
      const entry = entries.get(key)
      if (!entry) return undefined
      entry.wasRead = true
      return entry.value
    },
    set: (key, value) => {
      remove(key)
      const entry = { value, size: sizeOf(value), wasRead: false }
      if (entry.size > maxSize || maxEntries < 1) return
      const isFull = () => entries.size >= maxEntries || size + entry.size > maxSize
      // V8 keeps everything that a map has held since its iterator last moved, so an idle one would be a leak.
      if (!isFull()) oldest = undefined
      while (isFull()) evictOne()
      entries.set(key, entry)
      size += entry.size
    },
    delete: remove,
    clear: () => {
      entries.clear()
      size = 0
      oldest = undefined
    },
    *entries() {
      for (const [key, { value }] of entries) yield [key, value]
    },
    count: () => entries.size,
    size: () => size,
  }
}
