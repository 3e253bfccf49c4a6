import { parse } from 'valibot'
import { TABLES, type NewRecords, type Records, type TableName } from '../model/tables.js'
import type { BaseRecord } from '../model/record.js'
import { createTable, type Change, type StoredTable, type Table } from './table.js'

/** The state of an instance: a table for each kind of record, and the time. */
export type World = Tables & {
  /** milliseconds since the epoch, by the instance's clock */
  readonly now: () => number
  /** the instance's own, such as `http://127.0.0.1:4010` */
  readonly url: () => string
  /**
   * Makes all changes or, if `act` throws, none. Those that `act` makes after an `await` are not part of it.
   *
   * @throws what `act` throws, and if the changes cannot be stored
   */
  readonly transaction: <T>(act: () => T) => T
  /** Calls `seen` right after each change and, once its transaction has succeeded, `done` with what `seen` returned. */
  readonly watch: <T>(seen: (change: TableChange) => T, done: (seen: readonly T[]) => void) => void
  /** Increases with every change, also with one that is undone. */
  readonly revision: () => number
  /** Replaces all records, unseen by watchers. */
  readonly replace: (records: Snapshot) => void
  readonly snapshot: () => Snapshot
}

export type Tables = { readonly [Name in TableName]: Table<Records[Name], NewRecords[Name]> }

/** A change with its table. */
export type TableChange = {
  readonly [Name in TableName]: { readonly table: Name } & Change<Records[Name]>
}[TableName]

/** All records, by table. */
export type Snapshot = { readonly [Name in TableName]?: readonly Records[Name][] }

export interface WorldOptions {
  readonly now: () => number
  readonly url: () => string
  /** Stores the changes of a transaction. If it throws, the transaction fails. */
  readonly store?: ((changes: readonly TableChange[]) => void) | undefined
}

/** The changes that make one list of records of another. */
function replacements(
  table: TableName,
  before: readonly BaseRecord[],
  after: readonly BaseRecord[],
): readonly TableChange[] {
  const removed = before.map((record) => ({ table, before: record, after: undefined }))
  const added = after.map((record) => ({ table, before: undefined, after: record }))
  return [...removed, ...added] as readonly TableChange[]
}

interface Watcher {
  readonly seen: (change: TableChange) => unknown
  readonly done: (seen: readonly unknown[]) => void
}

/** A change, and what each watcher returned when it saw it. */
interface SeenChange {
  readonly change: TableChange
  readonly seen: readonly unknown[]
}

/** Not generic in its records: the world's own bookkeeping treats all tables alike. */
type AnyTable = StoredTable<BaseRecord, BaseRecord>

const NAMES = Object.keys(TABLES) as readonly TableName[]

export function createWorld({ now, url, store = () => {} }: WorldOptions): World {
  const watchers: Watcher[] = []
  let open: SeenChange[] | undefined
  let revision = 0

  const tables = new Map(NAMES.map((name) => [name, tableOf(name)]))

  function tableOf(name: TableName): AnyTable {
    return createTable<BaseRecord, BaseRecord>({
      create: (given) => TABLES[name].create(given as never, now()),
      checked: (record) => parse(TABLES[name].schema, record),
      now,
      changed: (change) => record({ table: name, ...change } as TableChange),
    })
  }

  /** A change outside a transaction is one of its own. */
  function record(change: TableChange): void {
    revision += 1
    const seen = { change, seen: watchers.map((watcher) => watcher.seen(change)) }
    if (open) open.push(seen)
    else commit([seen])
  }

  function commit(changes: readonly SeenChange[]): void {
    if (changes.length === 0) return
    try {
      store(changes.map(({ change }) => change))
    } catch (error) {
      undo(changes)
      throw error
    }
    for (const [i, { done }] of watchers.entries()) done(changes.map(({ seen }) => seen[i]))
  }

  function undo(changes: readonly SeenChange[]): void {
    revision += 1
    const latestFirst = changes.map(({ change }) => change).toReversed()
    for (const [name, table] of tables) table.undo(latestFirst.filter((change) => change.table === name))
  }

  function transaction<T>(act: () => T): T {
    if (open) return act()
    const changes: SeenChange[] = []
    open = changes
    let result: T
    try {
      result = act()
    } catch (error) {
      undo(changes)
      throw error
    } finally {
      open = undefined
    }
    commit(changes)
    return result
  }

  return {
    ...(Object.fromEntries(tables) as unknown as Tables),
    now,
    url,
    transaction,
    watch: (seen, done) => void watchers.push({ seen, done: done as Watcher['done'] }),
    revision: () => revision,
    replace: (records) => {
      revision += 1
      const changes = [...tables].flatMap(([name, table]) => replacements(name, table.all(), records[name] ?? []))
      store(changes)
      for (const [name, table] of tables) table.replace(records[name] ?? [])
    },
    snapshot: () => Object.fromEntries([...tables].map(([name, table]) => [name, table.all()])),
  }
}
