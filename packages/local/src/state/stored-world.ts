import * as v from 'valibot'
import { TABLES, type TableName } from '../model/tables.js'
import type { DataFile, StoredChange } from './data-file.js'
import { damaged } from './unusable-file.js'
import type { Snapshot, TableChange } from './world.js'

const NAMES = Object.keys(TABLES) as readonly TableName[]

/**
 * The records in a data file; `undefined` if it is new. Their shape is checked, which rejects files edited by hand or
 * from elsewhere: values are printed as shell commands, and not checked again.
 *
 * @throws {TypeError} if a record does not have the shape of its kind
 */
export function storedSnapshot(data: DataFile): Snapshot | undefined {
  const stored = NAMES.flatMap((name) => {
    const rows = data.rows(name)
    if (rows?.every((row) => v.is(TABLES[name].schema, row)) === false) throw damaged(data.path)
    return rows ? [[name, rows] as const] : []
  })
  return stored.length === 0 ? undefined : Object.fromEntries(stored)
}

/** All records, as changes of an empty file. */
export function storedChanges(records: Snapshot): readonly StoredChange[] {
  return Object.entries(records).flatMap(([kind, all]) => all.map((record) => ({ kind, id: record.id, record })))
}

export function storedChange({ table, before, after }: TableChange): StoredChange {
  return { kind: table, id: (after ?? before).id, record: after ?? null }
}
