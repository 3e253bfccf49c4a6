import { damaged } from './unusable-file.js'
import type { DataFile, StoredChange } from './data-file.js'
import type { Records } from './records.js'
import { isStoredRecord, type Kind } from './stored-shapes.js'

/**
 * The stored records of a kind; `undefined` if the file is new.
 *
 * @throws {TypeError} if a record has the wrong shape
 */
export function storedRecords(data: DataFile, kind: Kind): readonly unknown[] | undefined {
  const rows = data.rows(kind)
  if (rows?.every((row) => isStoredRecord(kind, row))) return rows
  if (rows) throw damaged(data.path)
  return undefined
}

/** Changes of records that are stored together. */
export interface Keeper {
  readonly keep: <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void
  /** Writes the first state of a new file. */
  readonly begin: (identity: object) => void
}

/**
 * Writes every change of the records from `begin()` on. Changes made in the same synchronous run share a transaction.
 * If a write fails, the instance continues without the file and emits a process warning.
 */
export function keeperOf(data: DataFile): Keeper {
  const all: (() => StoredChange[])[] = []
  let changes: StoredChange[] = []
  let isWriting = true

  function add(more: readonly StoredChange[]): void {
    if (!isWriting) return
    if (changes.length === 0) queueMicrotask(flush)
    for (const change of more) changes.push(change)
  }

  function flush(): void {
    try {
      data.write(changes)
    } catch (error) {
      isWriting = false
      process.emitWarning(`${(error as Error).message}. The instance continues without saving changes`, {
        code: 'CLERK_AUTH_LOCAL_DATA',
      })
    }
    changes = []
  }

  return {
    keep<T extends { readonly id: string }>(kind: Kind, records: Records<T>) {
      const present = () => records.all().map((record) => ({ kind, id: record.id, record }))
      let ids = new Set(records.all().map(({ id }) => id))
      all.push(present)
      records.watch((change) => {
        if (change.kind === 'set') {
          ids.add(change.after.id)
          return add([{ kind, id: change.after.id, record: change.after }])
        }
        if (change.kind === 'removed') return add([{ kind, id: change.before.id, record: null }])
        add([...[...ids].map((id) => ({ kind, id, record: null })), ...present()])
        ids = new Set(records.all().map(({ id }) => id))
      })
    },
    begin(identity) {
      if (data.rows('instance') === undefined)
        data.begin([{ kind: 'instance', id: 'instance', record: identity }, ...all.flatMap((present) => present())])
    },
  }
}
