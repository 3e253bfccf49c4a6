import {
  closeSync,
  copyFileSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Database } from 'node-sqlite3-wasm'
import { load } from '../support/load.js'
import { inTheWay } from './file-claim.js'
import { createRecordTable, isIntact, storedDigests, type RecordTable } from './record-table.js'
import { DAMAGED, isDamage, NO_DATABASE, NOT_OURS } from './unusable-file.js'

/** "clkl": identifies our SQLite databases (https://www.sqlite.org/fileformat2.html#application_id). */
const APPLICATION_ID = 0x636c6b6c
const VERSION = 3
const PAGE_SIZE = 4096
/** The file format versions of a database with a write-ahead log. */
const WITH_LOG = 0x0202

/**
 * A transaction goes to the write-ahead log, and then at once to the file, so a log only ever holds a transaction that
 * is in progress, from which SQLite recovers after the process was killed. The library never rolls back a rollback
 * journal, because it mistakes its own lock for that of another process. A write-ahead log without shared memory
 * requires exclusive locking (https://www.sqlite.org/wal.html#noshm). A checkpoint syncs the log and the file.
 */
const OPTIONS = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0'

/** Creates the file directly, because file system errors are more specific than SQLite's. Returns the real path. */
export function makeFile(path: string): string {
  const file = resolve(path)
  const found = statSync(file, { throwIfNoEntry: false })
  // Opening a pipe would block until something writes to it.
  if (found && !found.isFile() && !found.isDirectory()) throw new Error('it is not a regular file: use another path')
  const descriptor = openSync(file, 'a', 0o600)
  try {
    const { size, nlink } = fstatSync(descriptor)
    // Another name for the file would have another log and another claim.
    if (nlink > 1) throw new Error('it has a second name, a hard link: delete the link, or use a copy')
    // The file will hold private keys, so only the owner may read it, even if it already existed, empty.
    if (size === 0) fchmodSync(descriptor, 0o600)
  } finally {
    closeSync(descriptor)
  }
  return realpathSync(file)
}

/**
 * Removes what a killed process left beside a data file, which the caller must have claimed.
 *
 * @throws {Error} if something else is there
 */
export function removeLeftovers(file: string): void {
  removeFolder(`${file}.lock`, []) // the lock of the SQLite library
  removeDraft(file)
}

/**
 * Whether nothing has been stored in the file yet.
 *
 * @throws {Error} if there is a log, so the file was lost or replaced
 */
export function isNew(file: string): boolean {
  if (statSync(file).size > 0) return false
  const log = logOf(file)
  if (sizeOf(log) === 0) return true
  throw new Error(`it is missing or empty, but its log ${log} is not: restore a backup, or delete both to start over`)
}

/** Fills a new database beside the file, and then replaces the file with it, so the file is never half written. */
export function createDatabase(file: string, fill: (table: RecordTable) => void): void {
  const draft = makeDraft(file)
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    openWith(`${OPTIONS}; PRAGMA journal_mode = WAL`, draft, (database) => {
      database.exec(`BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`)
      fill(createRecordTable(database))
      database.exec('COMMIT')
      checkpoint(database)
    }).close()
    renameSync(draft, file)
    syncFolder(dirname(file))
  } finally {
    removeDraft(file)
  }
}

/**
 * Opens the database of a data file, which the caller must have claimed.
 *
 * @param file real path, without symbolic links
 * @throws {Error} if it is not a data file, or damaged
 */
export function openDatabase(file: string): Database {
  checkHeader(file)
  if (sizeOf(logOf(file)) > 0) checkRecovery(file)
  const database = openIntact(file)
  if (!database) throw new Error(DAMAGED)
  return database
}

/** Moves the committed transaction from the log to the file. */
export function checkpoint(database: Database): void {
  const { busy } = database.get('PRAGMA wal_checkpoint(TRUNCATE)') ?? {}
  if (busy !== 0) throw new Error('its log cannot be written to it: restart the instance')
}

/** Extends the file to the size that it will have, so that a full disk is found while the transaction can be undone. */
export function reserve(database: Database, file: string): void {
  const missing = Number(database.get('PRAGMA page_count')?.['page_count']) * PAGE_SIZE - sizeOf(file)
  if (missing <= 0) return
  const descriptor = openSync(file, 'a')
  try {
    const zeros = Buffer.alloc(missing)
    for (let written = 0; written < missing;) written += writeSync(descriptor, zeros, written)
  } finally {
    closeSync(descriptor)
  }
}

/** Rejects foreign files before opening them (https://www.sqlite.org/fileformat2.html#the_database_header). */
function checkHeader(file: string): void {
  const header = startOf(file, 100)
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw new Error(NO_DATABASE)
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new Error(NOT_OURS)
  const version = header.readUInt32BE(60)
  if (version < VERSION)
    throw new Error('an older version of this package wrote it: use another path, or delete it to start over')
  if (version > VERSION)
    throw new Error('a newer version of this package wrote it: update this one, or use another path')
  if (header.readUInt16BE(18) !== WITH_LOG || header.readUInt16BE(16) !== PAGE_SIZE) throw new Error(DAMAGED)
}

/**
 * Recovers a copy first, because a log of another state of the file, such as one left beside a restored backup, would
 * destroy the file. The transaction in the log must follow that in the file, unless it has partly replaced it.
 */
function checkRecovery(file: string): void {
  const log = logOf(file)
  const alone = digestsOfCopy(file, undefined)
  // https://www.sqlite.org/fileformat2.html#the_write_ahead_log
  const hasMagicNumber = startOf(log, 4).readUInt32BE() >>> 1 === 0x377f0682 >>> 1
  const together = hasMagicNumber ? digestsOfCopy(file, log) : undefined
  if (!alone && !together) throw new Error(DAMAGED)
  if (alone && (!together || ![together.current, together.previous].includes(alone.current)))
    throw new Error(`${log} is not its log: move that away, or use another path`)
}

function digestsOfCopy(file: string, log: string | undefined): ReturnType<typeof storedDigests> | undefined {
  const draft = makeDraft(file)
  try {
    copyFileSync(file, draft)
    if (log !== undefined) copyFileSync(log, logOf(draft))
    const database = openIntact(draft)
    if (!database) return undefined
    const digests = storedDigests(database)
    database.close()
    return digests
  } finally {
    removeDraft(file)
  }
}

function startOf(path: string, length: number): Buffer {
  const start = Buffer.alloc(length)
  const descriptor = openSync(path, 'r')
  try {
    readSync(descriptor, start)
    return start
  } finally {
    closeSync(descriptor)
  }
}

/** Returns `undefined` if the file is damaged. */
function openIntact(file: string): Database | undefined {
  try {
    return openWith(OPTIONS, file, (database) => {
      if (!isIntact(database)) throw new Error(DAMAGED)
    })
  } catch (cause) {
    if (isDamage(cause)) return undefined
    throw cause
  }
}

/** Closes the database if the first use of it fails. */
function openWith(options: string, file: string, use: (database: Database) => void): Database {
  const { Database } = load('node-sqlite3-wasm')
  const database = new Database(file)
  try {
    database.exec(options)
    use(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const logOf = (file: string) => `${file}-wal`
const draftFolder = (file: string) => `${file}.draft`

/** Returns the path of a database in a folder beside the file, which only the owner may enter. */
function makeDraft(file: string): string {
  mkdirSync(draftFolder(file), { mode: 0o700 })
  return join(draftFolder(file), 'db')
}

function removeDraft(file: string): void {
  removeFolder(draftFolder(file), ['db', 'db-wal', 'db-journal', 'db.lock'])
}

/** Removes a folder that contains nothing else than these names, but not a file such as `yarn.lock`. */
function removeFolder(path: string, names: readonly string[]): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isDirectory() || readdirSync(path).some((name) => !names.includes(name))) throw inTheWay(path)
  rmSync(path, { recursive: true })
}

/** Makes a renamed file survive a power failure. Windows has no such operation. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
