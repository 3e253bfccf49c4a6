import type { BaseRecord } from '../model/record.js'
import { MAX_BYTES, MAX_RECORDS, checkRoom, checkWeight, weightOf } from './capacity.js'

/** The records of one kind by id, in insertion order. */
export interface Table<R extends BaseRecord, New = R> {
  readonly size: () => number
  readonly all: () => readonly R[]
  readonly byId: (id: string) => R | undefined
  /** The records whose field has this value, found by an index. */
  readonly where: <Field extends keyof R>(field: Field, value: R[Field]) => readonly R[]
  /** The first record whose field has this value. */
  readonly find: <Field extends keyof R>(field: Field, value: R[Field]) => R | undefined
  /**
   * Adds a new record, with the defaults of its kind.
   *
   * @throws {Refusal} if there are too many records, or they take too much memory
   */
  readonly add: (given: New) => R
  /**
   * Changes the record with this id, and the time of its last change. Fields that are `undefined` stay as they are.
   *
   * @throws {Refusal} like `add()`
   */
  readonly update: (id: string, changes: Changes<R>) => R
  readonly remove: (id: string) => void
}

/** A change of a record: added without `before`, removed without `after`. */
export type Change<R = BaseRecord> =
  { readonly before: R | undefined; readonly after: R } | { readonly before: R; readonly after: undefined }

export type Changes<R> = { readonly [Field in keyof R]?: R[Field] | undefined }

export interface TableOptions<R, New> {
  readonly create: (given: New) => R
  /** Returns a changed record, if it has the shape of its kind: what is stored can be read again. */
  readonly checked?: ((record: R) => R) | undefined
  readonly now: () => number
  /** Called right after each change, which it can undo with {@link StoredTable.undo}. */
  readonly changed: (change: Change<R>) => void
  readonly maxRecords?: number | undefined
  readonly maxBytes?: number | undefined
}

/** A table with what only its world may do. */
export interface StoredTable<R extends BaseRecord, New = R> extends Table<R, New> {
  /** Undoes changes, the latest first, without a trace. */
  readonly undo: (changes: readonly Change<R>[]) => void
  readonly replace: (records: readonly R[]) => void
}

export function createTable<R extends BaseRecord, New>({
  create,
  checked = (record) => record,
  now,
  changed,
  maxRecords = MAX_RECORDS,
  maxBytes = MAX_BYTES,
}: TableOptions<R, New>): StoredTable<R, New> {
  const records = new Map<string, R>()
  const weights = new Map<string, number>()
  const indexes = new Map<keyof R, Map<unknown, Set<string>>>()
  /** The place of a record in the order of insertion, also of a removed one whose removal may be undone. */
  const places = new WeakMap<R, number>()
  let added = 0
  let bytes = 0

  function put(id: string, record: R | undefined, weight = record ? weightOf(record) : 0): void {
    const before = records.get(id)
    bytes -= weights.get(id) ?? 0
    if (record) {
      weights.set(id, weight)
      bytes += weight
      records.set(id, record)
      places.set(record, (before && places.get(before)) ?? places.get(record) ?? added++)
    } else {
      weights.delete(id)
      records.delete(id)
    }
    for (const [field, index] of indexes) {
      if (before && before[field] !== record?.[field]) removeFrom(index, before[field], id)
      if (record && before?.[field] !== record[field]) addTo(index, record[field], id)
    }
  }

  function undo(changes: readonly Change<R>[]): void {
    for (const { before, after } of changes) put((after ?? before)!.id, before)
    // A record whose removal was undone is now the last.
    if (changes.every(({ after }) => after)) return
    const all = [...records.values()].toSorted((one, other) => places.get(one)! - places.get(other)!)
    records.clear()
    indexes.clear()
    for (const record of all) records.set(record.id, record)
  }

  /** @throws {Refusal} if there is no room */
  function set(record: R): R {
    const before = records.get(record.id)
    if (!before) checkRoom(records.size, maxRecords)
    const weight = weightOf(record)
    checkWeight(bytes - (weights.get(record.id) ?? 0) + weight, maxBytes)
    put(record.id, record, weight)
    changed({ before, after: record })
    return record
  }

  function indexOf(field: keyof R): Map<unknown, Set<string>> {
    const known = indexes.get(field)
    if (known) return known
    const index = new Map<unknown, Set<string>>()
    for (const record of records.values()) addTo(index, record[field], record.id)
    indexes.set(field, index)
    return index
  }

  function where<Field extends keyof R>(field: Field, value: R[Field]): readonly R[] {
    return [...(indexOf(field).get(value) ?? [])].flatMap((id) => records.get(id) ?? [])
  }

  return {
    size: () => records.size,
    all: () => [...records.values()],
    byId: (id) => records.get(id),
    where,
    find: (field, value) => where(field, value)[0],
    add: (given) => set(create(given)),
    update(id, changes) {
      const before = records.get(id)
      if (!before) throw new Error('a record was changed after it was removed')
      const given = Object.entries(changes).filter(([, value]) => value !== undefined)
      return set(checked({ ...before, updated_at: now(), ...Object.fromEntries(given) }))
    },
    remove(id) {
      const before = records.get(id)
      if (!before) return
      put(id, undefined)
      changed({ before, after: undefined })
    },
    undo,
    replace(all) {
      for (const id of records.keys()) put(id, undefined)
      for (const record of all) {
        places.delete(record)
        put(record.id, record)
      }
    },
  }
}

function addTo(index: Map<unknown, Set<string>>, value: unknown, id: string): void {
  const ids = index.get(value)
  if (ids) ids.add(id)
  else index.set(value, new Set([id]))
}

/** Leaves no empty set: values that no record has any more would fill up the memory. */
function removeFrom(index: Map<unknown, Set<string>>, value: unknown, id: string): void {
  const ids = index.get(value)
  ids?.delete(id)
  if (ids?.size === 0) index.delete(value)
}
