import { closeSync, fchmodSync, fstatSync, openSync, readSync, realpathSync, rmdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Database } from 'node-sqlite3-wasm'
import { load } from '../load.js'
import { inTheWay } from './file-claim.js'
import { DAMAGED, NO_DATABASE, NOT_OURS } from './unusable-file.js'

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

/** First by the file system, which tells more about what is wrong. Returns the path without links. */
export function makeFile(path: string): string {
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

/**
 * Opens the database of a data file, or begins it. Only whoever has claimed the file may.
 *
 * @param file without links
 * @throws {Error} when it is none of ours, or damaged
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
