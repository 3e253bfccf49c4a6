import { closeSync, fchmodSync, fstatSync, openSync, readSync, realpathSync, rmdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Database } from 'node-sqlite3-wasm'
import { load } from '../load.js'
import { inTheWay } from './file-claim.js'
import { DAMAGED, NO_DATABASE, NOT_OURS } from './unusable-file.js'

/** "clkl": identifies our SQLite databases (https://www.sqlite.org/fileformat2.html#application_id). */
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
 * A killed process leaves a write-ahead log, from which SQLite recovers the complete transactions. The library never
 * rolls back a rollback journal, because it mistakes its own lock for that of another process. A write-ahead log
 * without shared memory requires exclusive locking (https://www.sqlite.org/wal.html#noshm).
 */
const CRASH_SAFE = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL'

const INVALID_RECORD = 'SELECT 1 FROM record WHERE NOT json_valid(json)'

/** Anything else in the schema, such as a trigger or a view, could run on a write. */
const FOREIGN_PART = 'SELECT 1 FROM sqlite_schema WHERE sql IS NOT NULL AND sql <> ?'

/** Creates the file directly, because file system errors are more specific than SQLite's. Returns the real path. */
export function makeFile(path: string): string {
  const file = resolve(path)
  const found = statSync(file, { throwIfNoEntry: false })
  // Opening a pipe would block until something writes to it.
  if (found && !found.isFile() && !found.isDirectory()) throw new Error('it is not a regular file: use another path')
  const descriptor = openSync(file, 'a', 0o600)
  try {
    // The file will hold private keys, so only the owner may read it, even if it already existed, empty.
    if (fstatSync(descriptor).size === 0) fchmodSync(descriptor, 0o600)
  } finally {
    closeSync(descriptor)
  }
  return realpathSync(file)
}

/**
 * Opens or creates the database of a data file, which the caller must have claimed.
 *
 * @param file real path, without symbolic links
 * @throws {Error} if it is not a data file, or damaged
 */
export function openDatabase(file: string): Database {
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

/** Rejects foreign files before opening them (https://www.sqlite.org/fileformat2.html#the_database_header). */
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
  if (header.readUInt32BE(60) !== VERSION) throw new Error('it was written by another version: use another file')
}

/** Removes the library's lock, an empty directory left by a killed process, but not a file such as `yarn.lock`. */
function removeLock(path: string): void {
  try {
    rmdirSync(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw inTheWay(path)
  }
}
