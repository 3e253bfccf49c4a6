import { MAX_RECORDS, checkRoom } from './capacity.js'

/** Things of one kind, by id, which begin as they were at the start. */
export interface Records<T extends { readonly id: string }> {
  /** in the order in which they came */
  readonly all: () => readonly T[]
  readonly byId: (id: string) => T | undefined
  /**
   * Adds it, or puts it in the place of the one with its id.
   *
   * @throws {Refusal} when there is no room for one more
   */
  readonly set: (record: T) => T
  readonly remove: (id: string) => void
  readonly reset: () => void
}

export interface RecordsOptions {
  /** is told of every change after it */
  readonly onChange?: () => void
  readonly max?: number
}

export function createRecords<T extends { readonly id: string }>(
  first: readonly T[] = [],
  { onChange = () => {}, max = MAX_RECORDS }: RecordsOptions = {},
): Records<T> {
  const entriesOf = (records: readonly T[]) => records.map((record) => [record.id, record] as const)
  let records = new Map(entriesOf(first))
  return {
    all: () => [...records.values()],
    byId: (id) => records.get(id),
    set(record) {
      if (!records.has(record.id)) checkRoom(records.size, max)
      records.set(record.id, record)
      onChange()
      return record
    },
    remove(id) {
      records.delete(id)
      onChange()
    },
    reset() {
      records = new Map(entriesOf(first))
      onChange()
    },
  }
}
