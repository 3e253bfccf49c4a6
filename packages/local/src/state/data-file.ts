import type { Database } from 'node-sqlite3-wasm'
import { makeFile, openDatabase } from './database.js'
import { claimFile } from './file-claim.js'
import { isStoredRecord, type Kind } from './stored-shapes.js'
import type { Records } from './records.js'
import { DAMAGED, isOfSqlite, reasonOf, unusable } from './unusable-file.js'

/** Stores an instance's records as JSON between runs. */
export interface DataFile {
  /**
   * the stored records of this kind, in insertion order; `undefined`: the file is new
   *
   * @throws {TypeError} if a record has the wrong shape
   */
  readonly rows: (kind: Kind) => readonly unknown[] | undefined
  /**
   * Restores the stored records of this kind.
   *
   * @throws {TypeError} like `rows()`
   */
  readonly restore: <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void
  /** Writes every change from now on synchronously; to a new file, also the records that already exist. */
  readonly keep: <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void
  /**
   * Commits what has been written so far. If a later write fails, the instance continues without the file and emits a
   * process warning; the file keeps what was written before.
   *
   * @throws {TypeError} if the file cannot be written
   */
  readonly begin: () => void
  /** Stops writing and closes the file. */
  readonly close: () => void
}

/** @throws {TypeError} with a one-line message and remedy, if the file cannot be created or is not a data file */
export async function openDataFile(path: string): Promise<DataFile> {
  try {
    const file = makeFile(path)
    const release = await claimFile(file)
    try {
      return dataFileOf(path, openDatabase(file), release)
    } catch (error) {
      release()
      throw error
    }
  } catch (cause) {
    throw unusable(path, cause)
  }
}

function dataFileOf(path: string, database: Database, release: () => void): DataFile {
  const isNew = database.get('SELECT 1 FROM record LIMIT 1') === null
  const select = database.prepare('SELECT id, json FROM record WHERE kind = ? ORDER BY place')
  const put = database.prepare(
    'INSERT INTO record (kind, id, json) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json',
  )
  const remove = database.prepare('DELETE FROM record WHERE kind = ? AND id = ?')
  const clear = database.prepare('DELETE FROM record WHERE kind = ?')
  let isOpen = true
  let hasBegun = false

  /** Changes made in the same synchronous run share one transaction, so they are stored together or not at all. */
  function write(act: () => void): void {
    attempt(() => {
      if (!database.inTransaction) {
        database.exec('BEGIN IMMEDIATE')
        queueMicrotask(() => attempt(commit))
      }
      act()
    })
  }

  function commit(): void {
    if (database.inTransaction) database.exec('COMMIT')
  }

  /** A full disk must not fail the caller that makes a change or waits for a response. */
  function attempt(act: () => void): void {
    if (!isOpen) return
    try {
      act()
    } catch (cause) {
      if (!isOfSqlite(cause)) throw cause
      giveUp()
      if (!hasBegun) throw unusable(path, cause)
      const message = `the data file ${path} can no longer be written: ${reasonOf(cause)}`
      process.emitWarning(`${message}. The instance continues without saving changes`, {
        code: 'CLERK_AUTH_LOCAL_DATA',
      })
    }
  }

  function giveUp(): void {
    try {
      end()
    } catch {
      // Already closed, and the original error is reported.
    }
  }

  function end(): void {
    isOpen = false
    try {
      for (const statement of [select, put, remove, clear]) statement.finalize()
      database.close()
    } finally {
      release()
    }
  }

  function rowOf(kind: Kind, { id, json }: Record<string, unknown>): unknown {
    const record: unknown = JSON.parse(json as string)
    if (isStoredRecord(kind, record, id)) return record
    throw unusable(path, new Error(DAMAGED))
  }

  const rows = (kind: Kind) => (isNew ? undefined : select.all(kind).map((row) => rowOf(kind, row)))

  return {
    rows,
    restore<T extends { readonly id: string }>(kind: Kind, records: Records<T>) {
      const before = rows(kind) as readonly T[] | undefined
      if (before) records.replace(before)
    },
    keep(kind, records) {
      const putAll = () => {
        clear.run(kind)
        for (const record of records.all()) put.run([kind, record.id, JSON.stringify(record)])
      }
      if (isNew) write(putAll)
      records.watch((change) =>
        write(() => {
          if (change.kind === 'set') put.run([kind, change.after.id, JSON.stringify(change.after)])
          else if (change.kind === 'removed') remove.run([kind, change.before.id])
          else putAll()
        }),
      )
    },
    begin() {
      attempt(commit)
      hasBegun = true
    },
    close() {
      attempt(commit)
      if (isOpen) end()
    },
  }
}
