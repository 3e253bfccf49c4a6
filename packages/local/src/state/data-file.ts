import type { Database } from 'node-sqlite3-wasm'
import { checkpoint, createDatabase, isNew, makeFile, openDatabase, removeLeftovers, reserve } from './database.js'
import { claimFile } from './file-claim.js'
import { recordTable, type RecordTable, type StoredChange } from './record-table.js'
import { unusable, unwritable } from './unusable-file.js'

export type { StoredChange } from './record-table.js'

/** Stores an instance's records as JSON between runs. */
export interface DataFile {
  readonly path: string
  /**
   * The stored records of this kind, in insertion order; `undefined` if the file is new. They are what was written, but
   * their shape is unchecked, because files may be edited: report a wrong shape with `damaged(path)`.
   */
  readonly rows: (kind: string) => readonly unknown[] | undefined
  /**
   * Writes the first state of a new file, which is empty until then.
   *
   * @throws {TypeError} if the file cannot be written
   */
  readonly begin: (records: readonly StoredChange[]) => void
  /**
   * Writes all changes of one transaction durably before it returns. Does nothing after `close()`.
   *
   * @throws {Error} with a one-line message, if the file cannot be written. It then has none of the changes, unless the
   *   disk failed at the last step: then nothing more is written, and a restart may find them.
   */
  readonly write: (changes: readonly StoredChange[]) => void
  /** Closes the file, so that another process can use it. */
  readonly close: () => void
}

/** @throws {TypeError} with a one-line message and remedy, if the file cannot be created or is not a data file */
export function openDataFile(path: string): DataFile {
  try {
    const file = makeFile(path)
    const release = claimFile(file)
    try {
      return dataFileOf(path, file, release)
    } catch (error) {
      release()
      throw error
    }
  } catch (cause) {
    throw unusable(path, cause)
  }
}

function dataFileOf(path: string, file: string, release: () => void): DataFile {
  removeLeftovers(file)
  let store = isNew(file) ? undefined : openStore(file)
  let isOpen = true

  return {
    path,
    rows: (kind) => store?.table.rows(kind),
    begin(records) {
      if (store) throw new TypeError('begin() must be called only for a new data file')
      try {
        createDatabase(file, (table) => table.apply(records))
        store = openStore(file)
      } catch (cause) {
        throw unusable(path, cause)
      }
    },
    write(changes) {
      if (!isOpen) return
      if (!store) throw new TypeError('begin() must be called before a new data file is written')
      try {
        store.write(changes)
      } catch (cause) {
        throw unwritable(path, cause)
      }
    },
    close() {
      if (!isOpen) return
      isOpen = false
      try {
        store?.database.close()
      } finally {
        release()
      }
    },
  }
}

interface Store {
  readonly database: Database
  readonly table: RecordTable
  /** Makes changes completely or not at all. */
  readonly write: (changes: readonly StoredChange[]) => void
}

function openStore(file: string): Store {
  const database = openDatabase(file)
  const table = recordTable(database)
  /** After it, what the file contains is only known when it is opened again. */
  let failure: Error | undefined

  function write(changes: readonly StoredChange[]): void {
    if (failure !== undefined) throw failure
    try {
      database.exec('BEGIN IMMEDIATE')
      table.apply(changes)
      reserve(database, file)
      database.exec('COMMIT')
    } catch (error) {
      failure = error as Error
      if (database.inTransaction) database.exec('ROLLBACK')
      table.reload()
      failure = undefined
      throw error
    }
    try {
      checkpoint(database)
    } catch (error) {
      failure = error as Error
      throw error
    }
  }

  return { database, table, write }
}
