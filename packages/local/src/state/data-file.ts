import type { Database } from 'node-sqlite3-wasm'
import { makeFile, openDatabase } from './database.js'
import { claimFile } from './file-claim.js'
import { isKept, type Kind } from './kept-shapes.js'
import type { Records } from './records.js'
import { DAMAGED, isOfSqlite, reasonOf, unusable } from './unusable-file.js'

/** What an instance keeps, so that it outlives it. Everything is as JSON can say it. */
export interface DataFile {
  /**
   * what was kept of this kind, in the order in which it came; `undefined`: the file is new
   *
   * @throws {TypeError} when it is nothing that an instance keeps
   */
  readonly rows: (kind: Kind) => readonly unknown[] | undefined
  /**
   * Puts back what was kept of this kind.
   *
   * @throws {TypeError} as `rows()` does
   */
  readonly restore: <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void
  /** From now on, every change is written before anything else happens; into a new file also what there is already. */
  readonly keep: <T extends { readonly id: string }>(kind: Kind, records: Records<T>) => void
  /**
   * Writes all that is kept up to now. What cannot be written after that ends the keeping with a warning of the
   * process, not the instance: the file has what was written before.
   *
   * @throws {TypeError} when it cannot be written
   */
  readonly begin: () => void
  /** Nothing is kept after that. */
  readonly close: () => void
}

/** @throws {TypeError} in one line that says what to do, when there is no such file and none can be made, or it is none of ours */
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

  /** What changes together is kept together, or not at all: one transaction until the code that runs now has ended. */
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

  /** A disk that is full is no fault of whoever makes a change, or only waits for an answer. */
  function attempt(act: () => void): void {
    if (!isOpen) return
    try {
      act()
    } catch (cause) {
      if (!isOfSqlite(cause)) throw cause
      giveUp()
      if (!hasBegun) throw unusable(path, cause)
      const words = `the data file ${path} cannot be written any more: ${reasonOf(cause)}`
      process.emitWarning(`${words}. The instance goes on, and keeps nothing from now on`, {
        code: 'CLERK_AUTH_LOCAL_DATA',
      })
    }
  }

  function giveUp(): void {
    try {
      end()
    } catch {
      // It is closed all the same, and what went wrong has been said.
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
    if (isKept(kind, record, id)) return record
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
