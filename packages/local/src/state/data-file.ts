import { closeSync, fchmodSync, fstatSync, openSync, readSync, realpathSync, rmdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Database } from 'node-sqlite3-wasm'
import { claimFile, inTheWay } from './file-claim.js'
import { load } from '../load.js'
import { isKept, type Kind } from './kept-shapes.js'
import type { Records } from './records.js'

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

/** By which a SQLite database says whose it is (https://www.sqlite.org/fileformat2.html#application_id): "clkl". */
const APPLICATION_ID = 0x636c6b6c
const VERSION = 1

const SCHEMA = `CREATE TABLE record (
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (kind, id)
  )`

const BEGIN = `
  BEGIN;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
  ${SCHEMA};
  COMMIT`

/**
 * A process that is killed leaves a write-ahead log, out of which SQLite takes what is whole. The library never rolls
 * back the other kind of journal: it takes its own lock for that of another process, which would do so. A log without
 * memory that processes share wants the file for itself (https://www.sqlite.org/wal.html#noshm).
 */
const CRASH_SAFE = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL'

const INVALID_RECORD = 'SELECT 1 FROM record WHERE NOT json_valid(json)'

/** Whatever else is in the file, a trigger or a view, would run when something is written. */
const FOREIGN_PART = 'SELECT 1 FROM sqlite_schema WHERE sql IS NOT NULL AND sql <> ?'

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

/** First by the file system, which tells more about what is wrong. Returns the path without links. */
function makeFile(path: string): string {
  const file = resolve(path)
  const found = statSync(file, { throwIfNoEntry: false })
  // To open a pipe would wait for whoever writes to it.
  if (found && !found.isFile() && !found.isDirectory()) throw new Error('it is no ordinary file: give another path')
  const descriptor = openSync(file, 'a', 0o600)
  try {
    // With keys in it, it is nobody else's to read, also where an empty one was there before.
    if (fstatSync(descriptor).size === 0) fchmodSync(descriptor, 0o600)
  } finally {
    closeSync(descriptor)
  }
  return realpathSync(file)
}

function openDatabase(file: string): Database {
  const sqlite = load('node-sqlite3-wasm')
  removeLock(`${file}.lock`)
  if (statSync(file).size === 0) beginDatabase(new sqlite.Database(file))
  else checkHeader(file)
  const database = new sqlite.Database(file)
  try {
    database.exec(CRASH_SAFE)
    if (database.get(FOREIGN_PART, SCHEMA) !== null) throw new Error(NOT_OURS)
    const { quick_check: verdict } = database.get('PRAGMA quick_check') ?? {}
    if (verdict !== 'ok' || database.get(INVALID_RECORD) !== null) throw new Error(DAMAGED)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function beginDatabase(database: Database): void {
  try {
    database.exec(BEGIN)
  } finally {
    database.close()
  }
}

/** What is somebody else's is not even opened: its header says so (https://www.sqlite.org/fileformat2.html#the_database_header). */
function checkHeader(file: string): void {
  const header = Buffer.alloc(100)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, header)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw new Error(NO_DATABASE)
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new Error(NOT_OURS)
  if (header.readUInt32BE(60) !== VERSION) throw new Error('another version wrote it: give another file')
}

/** The library's own, an empty folder, of a process that was killed while it wrote. A `yarn.lock` is none. */
function removeLock(path: string): void {
  try {
    rmdirSync(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw inTheWay(path)
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

const NO_DATABASE = 'it is no SQLite database: give another path'
const NOT_OURS = 'it is a database of something else: give another path'
const DAMAGED = 'it is damaged: restore a copy, or delete it to begin anew'

function unusable(path: string, cause: unknown): TypeError {
  return new TypeError(`the data file ${path} cannot be used: ${reasonOf(cause)}`, { cause })
}

function isOfSqlite(error: unknown): boolean {
  return error instanceof Error && error.name === 'SQLite3Error'
}

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
  'file is not a database': NO_DATABASE,
  'database disk image is malformed': DAMAGED,
  'disk I/O error': 'the disk is full, or fails',
  'database or disk is full': 'the disk is full',
}
