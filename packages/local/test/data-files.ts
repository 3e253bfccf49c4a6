import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sqlite, { type Database } from 'node-sqlite3-wasm'
import ts from 'typescript'
import { onTestFinished } from 'vitest'
import { startLocalClerk, type LocalClerk, type LocalClerkOptions } from '../src/index.js'
import { digestOf, EVERY_ROW } from '../src/state/record-table.js'

/** A folder that is deleted when the test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An instance with a data file, closed when the test ends. */
export async function open(data: string, options: LocalClerkOptions = {}): Promise<LocalClerk> {
  const local = await startLocalClerk({ algorithm: 'ES256', ...options, data })
  onTestFinished(local.close)
  // Drops pooled connections to an earlier instance on the same port.
  await fetch(local.url).catch(() => {})
  return local as LocalClerk
}

/** Uses a data file as another program would. */
export function withDatabase(path: string, use: (database: Database) => void): void {
  const database = new sqlite.Database(path)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    use(database)
  } finally {
    database.close()
  }
}

/** Changes a data file, and its digest too, so that it looks undamaged. */
export function edit(path: string, sql: string, values: readonly string[] = []): void {
  withDatabase(path, (database) => {
    if (values.length > 0) database.run(sql, [...values])
    else database.exec(sql)
    database.run('UPDATE digest SET current = ?', digestOf(database.all(EVERY_ROW)).toString('hex'))
  })
}

const SOURCES = [
  'support/load',
  ...['data-file', 'database', 'file-claim', 'record-table', 'unusable-file'].map((it) => `state/${it}`),
]

/** A module for child processes that imports the data file's own source, compiled. Returns its path. */
export function scriptOf(body: string): string {
  const folder = newFolder()
  for (const name of ['state', 'support']) mkdirSync(join(folder, name))
  symlinkSync(
    fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    join(folder, 'node_modules'),
    'junction',
  )
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  for (const name of SOURCES) {
    const source = readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')
    writeFileSync(join(folder, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText)
  }
  const imports = `
    import { openDataFile } from './state/data-file.js'
    import { claimFile } from './state/file-claim.js'`
  writeFileSync(join(folder, 'script.js'), `${imports}\n${body}`)
  return join(folder, 'script.js')
}
