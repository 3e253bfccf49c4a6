import { MAX_BYTES, MAX_RECORDS, checkRoom, checkWeight, weightOf } from './capacity.js'

/** Things of one kind, by id, which begin as they were at the start. */
export interface Records<T extends { readonly id: string }> {
  /** in the order in which they came */
  readonly all: () => readonly T[]
  readonly byId: (id: string) => T | undefined
  /**
   * Adds it, or puts it in the place of the one with its id.
   *
   * @throws {Refusal} when there is no room for one more, or for what it says
   */
  readonly set: (record: T) => T
  readonly remove: (id: string) => void
  /** Puts these in the place of all that there are, which is no change to those who follow single ones. */
  readonly replace: (records: readonly T[]) => void
  readonly reset: () => void
  /** Tells of every change, right after it. */
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
  const tell = (change: Change<T>) => {
    for (const listener of listeners) listener(change)
  }
  const replace = (all: readonly T[]) => {
    records = new Map(all.map((record) => [record.id, record]))
    weights = new Map(all.map((record) => [record.id, weightOf(record)]))
    bytes = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
    tell({ kind: 'replaced' })
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
      tell({ kind: 'set', before, after: record })
      return record
    },
    remove(id) {
      const before = records.get(id)
      if (!before) return
      records.delete(id)
      bytes -= weights.get(id) ?? 0
      weights.delete(id)
      tell({ kind: 'removed', before })
    },
    replace,
    reset: () => replace(first),
    watch: (listener) => void listeners.push(listener),
  }
}
