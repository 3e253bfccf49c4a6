import { closeSync, openSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Database } from 'node-sqlite3-wasm'
import { claimFile } from './file-claim.js'
import type { Records } from './records.js'

/** What an instance keeps, so that it outlives it. Everything is as JSON can say it. */
export interface DataFile {
  /** what was kept of this kind, in the order in which it came; `undefined`: the file is new */
  readonly rows: (kind: string) => readonly unknown[] | undefined
  /** Puts back what was kept of this kind. */
  readonly restore: <T extends { readonly id: string }>(kind: string, records: Records<T>) => void
  /** From now on, every change is written before anything else happens; into a new file also what there is already. */
  readonly keep: <T extends { readonly id: string }>(kind: string, records: Records<T>) => void
  /** Nothing is kept after that. */
  readonly close: () => void
}

/** By which a SQLite database says whose it is (https://www.sqlite.org/fileformat2.html#application_id): "clkl". */
const APPLICATION_ID = 0x636c6b6c
const VERSION = 1

const SCHEMA = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
  CREATE TABLE record (
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (kind, id)
  )`

const INVALID_RECORD = 'SELECT 1 FROM record WHERE NOT json_valid(json)'

/** @throws {TypeError} in one line that says what to do, when there is no such file and none can be made, or it is none of ours */
export async function openDataFile(path: string): Promise<DataFile> {
  const file = resolve(path)
  try {
    // First by the file system, which tells more about what is wrong; with keys in it, it is nobody else's to read.
    closeSync(openSync(file, 'a', 0o600))
    const release = claimFile(file)
    try {
      return dataFileOf(await openDatabase(file), release)
    } catch (error) {
      release()
      throw error
    }
  } catch (cause) {
    throw new TypeError(`the data file ${path} cannot be used: ${reasonOf(cause)}`, { cause })
  }
}

async function openDatabase(file: string): Promise<Database> {
  // Only when it is needed, as it takes longer to load than everything else together.
  const { default: sqlite } = await import('node-sqlite3-wasm')
  // The library's own lock, of a process that was killed while it wrote.
  rmSync(`${file}.lock`, { recursive: true, force: true })
  const database = new sqlite.Database(file)
  try {
    const isEmpty = database.get('SELECT 1 FROM sqlite_schema') === null
    if (isEmpty) database.exec(`BEGIN; ${SCHEMA}; COMMIT`)
    const number = (pragma: string) => database.get(`PRAGMA ${pragma}`)?.[pragma]
    if (number('application_id') !== APPLICATION_ID) throw new Error(NOT_OURS)
    if (number('user_version') !== VERSION) throw new Error('another version wrote it: give another file')
    if (number('quick_check') !== 'ok' || database.get(INVALID_RECORD) !== null) throw new Error(DAMAGED)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function dataFileOf(database: Database, release: () => void): DataFile {
  const isNew = database.get('SELECT 1 FROM record LIMIT 1') === null
  const select = database.prepare('SELECT json FROM record WHERE kind = ? ORDER BY place')
  const put = database.prepare(
    'INSERT INTO record (kind, id, json) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json',
  )
  const remove = database.prepare('DELETE FROM record WHERE kind = ? AND id = ?')
  const clear = database.prepare('DELETE FROM record WHERE kind = ?')
  let isOpen = true

  /** What changes together is kept together, or not at all: one transaction until the code that runs now has ended. */
  function write(act: () => void): void {
    if (!isOpen) return
    if (!database.inTransaction) {
      database.exec('BEGIN IMMEDIATE')
      queueMicrotask(commit)
    }
    act()
  }

  function commit(): void {
    if (database.isOpen && database.inTransaction) database.exec('COMMIT')
  }

  const rows = (kind: string) =>
    isNew ? undefined : select.all(kind).map(({ json }) => JSON.parse(json as string) as unknown)

  return {
    rows,
    restore<T extends { readonly id: string }>(kind: string, records: Records<T>) {
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
    close() {
      if (!isOpen) return
      isOpen = false
      commit()
      for (const statement of [select, put, remove, clear]) statement.finalize()
      database.close()
      release()
    },
  }
}

const NOT_OURS = 'it is a database of something else: give another path'
const DAMAGED = 'it is damaged: restore a copy, or delete it to begin anew'

function reasonOf(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return REASONS[code || message] ?? message
}

/** By the code of the system, or the words of SQLite. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'it is not allowed to you',
  EROFS: 'it cannot be written to',
  'file is not a database': 'it is no SQLite database: give another path',
  'database disk image is malformed': DAMAGED,
}
