import { MAX_BYTES, MAX_RECORDS, checkRoom, checkWeight, weightOf } from './capacity.js'

/** Records of one kind by id, with initial contents that `reset()` restores. */
export interface Records<T extends { readonly id: string }> {
  /** in insertion order */
  readonly all: () => readonly T[]
  readonly byId: (id: string) => T | undefined
  /**
   * Adds the record, or replaces the one with its id.
   *
   * @throws {Refusal} if there are too many records, or they take too much memory
   */
  readonly set: (record: T) => T
  readonly remove: (id: string) => void
  /** Replaces all records. Listeners get one `replaced` change, not one for each record. */
  readonly replace: (records: readonly T[]) => void
  readonly reset: () => void
  /** Calls the listener right after every change. */
  readonly watch: (listener: (change: Change<T>) => void) => void
}

export type Change<T> =
  | { readonly kind: 'set'; readonly before: T | undefined; readonly after: T }
  | { readonly kind: 'removed'; readonly before: T }
  | { readonly kind: 'replaced' }

export function createRecords<T extends { readonly id: string }>(
  first: readonly T[] = [],
  max = MAX_RECORDS,
  maxBytes = MAX_BYTES,
): Records<T> {
  let records = new Map<string, T>()
  let weights = new Map<string, number>()
  let bytes = 0
  const listeners: ((change: Change<T>) => void)[] = []
  const notify = (change: Change<T>) => {
    for (const listener of listeners) listener(change)
  }
  const replace = (all: readonly T[]) => {
    records = new Map(all.map((record) => [record.id, record]))
    weights = new Map(all.map((record) => [record.id, weightOf(record)]))
    bytes = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
    notify({ kind: 'replaced' })
  }

  replace(first)
  return {
    all: () => [...records.values()],
    byId: (id) => records.get(id),
    set(record) {
      const before = records.get(record.id)
      if (!before) checkRoom(records.size, max)
      const weight = weightOf(record)
      const sum = bytes - (weights.get(record.id) ?? 0) + weight
      checkWeight(sum, maxBytes)
      bytes = sum
      weights.set(record.id, weight)
      records.set(record.id, record)
      notify({ kind: 'set', before, after: record })
      return record
    },
    remove(id) {
      const before = records.get(id)
      if (!before) return
      records.delete(id)
      bytes -= weights.get(id) ?? 0
      weights.delete(id)
      notify({ kind: 'removed', before })
    },
    replace,
    reset: () => replace(first),
    watch: (listener) => void listeners.push(listener),
  }
}
