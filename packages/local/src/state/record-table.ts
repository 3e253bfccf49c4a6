import { createHash } from 'node:crypto'
import type { Database } from 'node-sqlite3-wasm'

/** A change to one record; `null` removes it. */
export interface StoredChange {
  readonly kind: string
  readonly id: string
  readonly record: object | null
}

/** Records as JSON, with a digest of them all that detects damage which SQLite does not detect. */
export interface RecordTable {
  /** the records of a kind, in insertion order */
  readonly rows: (kind: string) => readonly unknown[]
  /** Must be called in a transaction. If that is rolled back, the table must be loaded again with `reload()`. */
  readonly apply: (changes: readonly StoredChange[]) => void
  readonly reload: () => void
}

const SCHEMA = [
  `CREATE TABLE record (
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (kind, id)
  )`,
  'CREATE TABLE digest (current TEXT NOT NULL, previous TEXT NOT NULL)',
]

/** Anything else in the schema, such as a trigger or a view, could run on a write. */
const FOREIGN_PART = 'SELECT 1 FROM sqlite_schema WHERE sql IS NOT NULL AND sql NOT IN (?, ?)'

type Row = Record<string, unknown>

const SIZE = 32

/** Writes the digest of an empty table. */
export function createRecordTable(database: Database): RecordTable {
  for (const statement of SCHEMA) database.exec(statement)
  const empty = '00'.repeat(SIZE)
  database.run('INSERT INTO digest (current, previous) VALUES (?, ?)', [empty, empty])
  return recordTable(database)
}

/** The table must have been created, and verified with `isIntact()` if it was read from a file. */
export function recordTable(database: Database): RecordTable {
  let digest = currentDigest(database)

  function apply({ kind, id, record }: StoredChange): void {
    // As JSON, because SQLite stores neither lone surrogates nor null characters faithfully.
    const key = [kind, JSON.stringify(id)]
    const before = database.get('SELECT place, kind, id, json FROM record WHERE kind = ? AND id = ?', key)
    if (before) toggle(digest, before)
    if (record === null) return void database.run('DELETE FROM record WHERE kind = ? AND id = ?', key)
    const after = database.get(
      `INSERT INTO record (kind, id, json) VALUES (?, ?, ?)
      ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json RETURNING place, kind, id, json`,
      [...key, JSON.stringify(record)],
    )
    if (after) toggle(digest, after)
  }

  return {
    rows: (kind) =>
      database
        .all('SELECT json FROM record WHERE kind = ? ORDER BY place', kind)
        .map(({ json }) => JSON.parse(json as string) as unknown),
    apply(changes) {
      for (const change of changes) apply(change)
      database.run('UPDATE digest SET previous = current, current = ?', digest.toString('hex'))
    },
    reload() {
      digest = currentDigest(database)
    },
  }
}

/** Whether the records are those that were written. Compares each with its id too, as files may be edited. */
export function isIntact(database: Database): boolean {
  const { integrity_check: verdict } = database.get('PRAGMA integrity_check') ?? {}
  if (verdict !== 'ok' || database.get(FOREIGN_PART, SCHEMA) !== null) return false
  const rows = database.all(EVERY_ROW)
  return digestOf(rows).toString('hex') === storedDigests(database).current && rows.every(hasItsId)
}

export const EVERY_ROW = 'SELECT place, kind, id, json FROM record'

export function digestOf(rows: readonly Row[]): Buffer {
  const digest = Buffer.alloc(SIZE)
  for (const row of rows) toggle(digest, row)
  return digest
}

/** The digests after and before the last transaction, in hexadecimal. */
export function storedDigests(database: Database): { readonly current: string; readonly previous: string } {
  const { current = '', previous = '' } = (database.get('SELECT current, previous FROM digest') ?? {}) as Partial<
    Record<string, string>
  >
  return { current, previous }
}

function currentDigest(database: Database): Buffer {
  return Buffer.from(storedDigests(database).current, 'hex')
}

/** Adds a row to the digest or takes it out: XOR does both, so a change costs the same however many rows there are. */
function toggle(digest: Buffer, { place, kind, id, json }: Row): void {
  const hash = createHash('sha256')
    .update(JSON.stringify([String(place), kind, id, json]))
    .digest()
  for (let i = 0; i < SIZE; i++) digest[i]! ^= hash[i]!
}

function hasItsId({ id, json }: Row): boolean {
  const record: unknown = JSON.parse(String(json))
  return typeof record === 'object' && record !== null && (!('id' in record) || JSON.stringify(record.id) === id)
}
