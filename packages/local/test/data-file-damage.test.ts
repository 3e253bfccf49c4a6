import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDataFile, type StoredChange } from '../src/state/data-file.js'
import { openDatabase } from '../src/state/database.js'
import { recordTable } from '../src/state/record-table.js'
import { newFolder, scriptOf, withDatabase } from './data-files.js'

const DAMAGED = 'it is damaged: restore a backup, or delete it to start over'

const newPath = () => join(newFolder(), 'clerk.db')

const item = (id: string, value: string | number): StoredChange => ({ kind: 'item', id, record: { id, value } })

/** Creates a file with these items. */
function fileOf(...items: readonly StoredChange[]): string {
  const path = newPath()
  const file = openDataFile(path)
  file.begin(items)
  file.close()
  return path
}

function itemsIn(path: string): readonly unknown[] | undefined {
  const file = openDataFile(path)
  try {
    return file.rows('item')?.map((record) => Object.values(record as object))
  } finally {
    file.close()
  }
}

function reasonFor(path: string): string {
  try {
    return `opened, with ${JSON.stringify(itemsIn(path))}`
  } catch (error) {
    return (error as Error).message.replace(`the data file ${path} cannot be used: `, '')
  }
}

/** Writes another state of a file and its log. */
function stateOf(path: string, file: Buffer, log: Buffer | undefined): string {
  for (const end of ['.lock', '-wal']) rmSync(path + end, { recursive: true, force: true })
  writeFileSync(path, file)
  if (log) writeFileSync(`${path}-wal`, log)
  return path
}

/** A file before and after a transaction, and the log that has the transaction before it is moved to the file. */
function transaction(path: string, changes: readonly StoredChange[]) {
  const before = readFileSync(path)
  let log = Buffer.of()
  withDatabase(path, (database) => {
    database.exec('PRAGMA wal_autocheckpoint = 0; BEGIN')
    recordTable(database).apply(changes)
    database.exec('COMMIT')
    log = readFileSync(`${path}-wal`)
  })
  return { before, log, after: readFileSync(path) }
}

/** The log of a database of another application. */
function otherLog(): Buffer {
  let log = Buffer.of()
  const path = newPath()
  withDatabase(path, (database) => {
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE customer (id TEXT)')
    log = readFileSync(`${path}-wal`)
  })
  return log
}

describe('a data file', () => {
  test('has records in insertion order, changed and removed', () => {
    const path = fileOf(item('a', 1), item('b', 2), item('c', 3))
    const file = openDataFile(path)
    onTestFinished(file.close)
    file.write([item('a', 4), { kind: 'item', id: 'b', record: null }, item('d', 5)])
    expect(file.rows('item')).toEqual([
      { id: 'a', value: 4 },
      { id: 'c', value: 3 },
      { id: 'd', value: 5 },
    ])
    expect(file.rows('other')).toEqual([])
    file.write([{ kind: 'item', id: 'a', record: null }, item('a', 6)])
    file.close()
    expect(itemsIn(path)).toEqual([
      ['c', 3],
      ['d', 5],
      ['a', 6],
    ])
  })

  test('has ids and values of any characters', () => {
    const items = ['', '"', '\u0000', 'a\u0000b', '\ud800', '\u2028', '__proto__', '😀'].map((it) => item(it, it))
    const path = fileOf(...items)
    const file = openDataFile(path)
    onTestFinished(file.close)
    file.write(items)
    expect(file.rows('item')).toEqual(items.map(({ record }) => record))
    file.close()
    expect(itemsIn(path)).toHaveLength(items.length)
  })

  test('is empty until its first state is written, so an instance that fails to start leaves nothing', () => {
    const path = newPath()
    const file = openDataFile(path)
    expect(file.rows('item')).toBeUndefined()
    file.close()
    expect(statSync(path).size).toBe(0)
    expect(itemsIn(path)).toBeUndefined()
  })

  test('holds everything written without its log', () => {
    const path = fileOf()
    const file = openDataFile(path)
    onTestFinished(file.close)
    const copy = newPath()
    for (let i = 0; i < 8; i++) {
      file.write([item(String(i), 'x'.repeat(i * 500))])
      copyFileSync(path, copy)
      expect(itemsIn(copy)).toHaveLength(i + 1)
    }
    expect(statSync(`${path}-wal`).size).toBe(0)
  })

  test('loses nothing written when its process is killed, with or without its log', { timeout: 20_000 }, async () => {
    const [path, copy] = [newPath(), newPath()]
    const script = scriptOf(`
      import { writeSync } from 'node:fs'
      const file = openDataFile(process.argv[2])
      let n = file.rows('item')?.length ?? 0
      if (n === 0) file.begin([])
      for (;;) {
        const id = String(n)
        file.write([{ kind: 'item', id, record: { id, value: 'x'.repeat(n % 7 * 3000) } }])
        writeSync(1, ++n + '\\n')
      }`)
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let out = ''
      child.stdout.on('data', (chunk) => (out += String(chunk)))
      await once(child.stdout, 'data')
      await setTimeout(Math.random() * 40)
      child.kill('SIGKILL')
      await once(child, 'close')
      const written = Number(out.trim().split('\n').at(-1))
      copyFileSync(path, copy)
      // A process killed while it moves a transaction to the file needs the log.
      const isWhole = reasonFor(copy) !== DAMAGED
      expect(isWhole ? itemsIn(copy)?.length : written).toBeGreaterThanOrEqual(written)
      expect(itemsIn(path)?.length).toBeGreaterThanOrEqual(written)
    }
  })

  test('starts anew after its process was killed before the first state was complete', () => {
    const path = newPath()
    mkdirSync(`${path}.draft/db.lock`, { recursive: true })
    writeFileSync(`${path}.draft/db`, 'half')
    writeFileSync(`${path}.draft/db-wal`, 'half')
    const file = openDataFile(path)
    onTestFinished(file.close)
    file.begin([item('a', 1)])
    expect(file.rows('item')).toHaveLength(1)
    expect(existsSync(`${path}.draft`)).toBe(false)
  })
})

describe('a transaction', () => {
  const small = () => fileOf(item('a', 0), item('b', 0), item('c', 'x'.repeat(9000)))
  const valuesIn = (path: string) => itemsIn(path)?.map((it) => (it as unknown[])[1])

  test('is complete or absent, wherever a killed process stopped writing its log', () => {
    const path = small()
    const { before, log } = transaction(path, [item('a', 1), item('b', 1), item('c', 'y'.repeat(9000))])
    const seen = new Set<unknown>()
    for (let size = log.length; size > 0; size -= 1501) {
      const [a, b, c] = valuesIn(stateOf(path, before, log.subarray(0, size))) ?? []
      seen.add(a)
      expect([b, String(c)[0]]).toEqual([a, a === 1 ? 'y' : 'x'])
    }
    expect([...seen]).toEqual([1, 0])
  })

  test('whose log has a flipped bit is complete, absent or refused', { timeout: 20_000 }, () => {
    const path = small()
    const { before, log } = transaction(path, [item('a', 1), item('b', 1), item('c', 'y'.repeat(9000))])
    const outcomes = new Set<string>()
    for (let at = 0; at < log.length; at += at < 32 ? 4 : 1201) {
      const flipped = Buffer.from(log)
      flipped[at]! ^= 1 << (at % 8)
      outcomes.add(reasonFor(stateOf(path, before, flipped)).replaceAll(/(.)\1{99,}/g, '$1'))
    }
    const absent = 'opened, with [["a",0],["b",0],["c","x"]]'
    const complete = 'opened, with [["a",1],["b",1],["c","y"]]'
    expect(outcomes).toContain(absent)
    outcomes.delete(absent)
    outcomes.delete(complete)
    expect([...outcomes]).toEqual([`${path}-wal is not its log: move that away, or use another path`])
  })

  test('that a killed process had moved to the file in part is complete, and refused if its log is lost or damaged', () => {
    const path = small()
    const { before, log, after } = transaction(path, [item('a', 1), item('b', 1), item('c', 'y'.repeat(9000))])
    const changed = before.map((byte, i) => (byte === after[i] ? 0 : 1))
    const pages = [...Array(before.length / 4096).keys()].filter((it) => changed.includes(1, it * 4096))
    expect(pages.length).toBeGreaterThan(3)
    // In the first page only a counter of SQLite changed.
    for (const page of pages.slice(1, -1)) {
      const part = Buffer.concat([after.subarray(0, (page + 1) * 4096), before.subarray((page + 1) * 4096)])
      expect(valuesIn(stateOf(path, part, log))).toEqual([1, 1, 'y'.repeat(9000)])
      const flipped = Buffer.from(log)
      flipped[5000]! ^= 1
      for (const lost of [undefined, Buffer.of(), log.subarray(0, 3000), flipped])
        expect(reasonFor(stateOf(path, part, lost))).toBe(DAMAGED)
    }
  })

  test('in a log of another state of the file, such as a restored backup, is refused, and both left untouched', () => {
    const path = small()
    const { before: backup, log: first } = transaction(path, [item('a', 1)])
    const { log: second, after } = transaction(path, [item('a', 2), item('c', 'y'.repeat(9000))])
    for (const [file, log] of [
      [after, first],
      [backup, second],
      [after, otherLog()],
    ] as const) {
      expect(reasonFor(stateOf(path, file, log))).toBe(
        `${path}-wal is not its log: move that away, or use another path`,
      )
      expect(readFileSync(path)).toEqual(file)
      expect(readFileSync(`${path}-wal`)).toEqual(log)
    }
    expect(valuesIn(stateOf(path, after, undefined))).toEqual([2, 0, 'y'.repeat(9000)])
  })

  test('that does not fit on the disk is refused, and later ones that fit are stored', async () => {
    const path = newPath()
    const script = scriptOf(`
      const file = openDataFile(process.argv[2])
      file.begin([])
      const write = (id, size) => {
        try { file.write([{ kind: 'item', id, record: { id, value: 'x'.repeat(size) } }]); return true }
        catch (error) { return error.message }
      }
      let stored = 0
      let outcome
      while ((outcome = write(String(stored), 10_000)) === true) stored++
      const results = [outcome, write('large', 500_000), write('0', 10)]
      console.log(JSON.stringify({ stored, results, inMemory: file.rows('item').length }))
      file.close()`)
    const child = spawn('sh', ['-c', 'ulimit -f 200; exec "$0" "$1" "$2"', process.execPath, script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { stored, results, inMemory } = JSON.parse(await text(child.stdout)) as Record<string, unknown>
    const reason = `the data file ${path} cannot be written: it would exceed the allowed file size`
    expect(results).toEqual([reason, reason, true])
    expect(stored).toBeGreaterThan(5)
    expect(inMemory).toBe(stored)
    expect(itemsIn(path)).toHaveLength(Number(stored))
    expect(itemsIn(path)?.[0]).toEqual(['0', 'x'.repeat(10)])
  })

  test.skipIf(process.platform !== 'linux')(
    'that cannot be moved to the file ends writing, and loses nothing',
    async () => {
      const path = newPath()
      const script = scriptOf(`
      import { spawnSync } from 'node:child_process'
      const item = (id, value) => ({ kind: 'item', id, record: { id, value } })
      const file = openDataFile(process.argv[2])
      file.begin([])
      for (let i = 0; i < 10; i++) file.write([item(String(i), 'x'.repeat(20_000))])
      const write = (value) => {
        try { file.write([item('9', value)]); return true }
        catch (error) { return error.message }
      }
      const limit = (bytes) => spawnSync('prlimit', ['--fsize=' + bytes + ':unlimited', '--pid', process.pid])
      limit(100_000) // also for what is already in the file
      const refused = write('y'.repeat(20_000))
      limit('unlimited')
      console.log(JSON.stringify([refused, write('z')]))
      process.kill(process.pid, 'SIGKILL')`)
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      const reason = `the data file ${path} cannot be written: the disk is full or failing`
      expect(JSON.parse(await text(child.stdout))).toEqual([reason, reason])
      const values = itemsIn(path)?.map((it) => String((it as unknown[])[1])[0])
      expect(values?.slice(0, 9).join('')).toBe('xxxxxxxxx')
      expect(values?.[9]).toMatch(/[xy]/)
    },
  )
})

describe('damage to a data file', () => {
  test('of one bit anywhere is refused or changes no record', { timeout: 20_000 }, () => {
    const path = fileOf(...Array.from({ length: 12 }, (_, i) => item(`id_${i}`, 'ab'.repeat(i === 3 ? 3000 : 30))))
    const good = readFileSync(path)
    const outcomeAfter = (state: string) => {
      try {
        const database = openDatabase(state)
        const rows = recordTable(database).rows('item')
        database.close()
        return JSON.stringify(rows)
      } catch (error) {
        return (error as Error).message
      }
    }
    const unchanged = outcomeAfter(path)
    const outcomes: string[] = []
    const flip = (at: number) => {
      const copy = Buffer.from(good)
      copy[at]! ^= 1 << (at % 8)
      const outcome = outcomeAfter(stateOf(path, copy, undefined))
      const isUntouched = readFileSync(path).equals(copy)
      outcomes.push(outcome === unchanged || isUntouched ? outcome : `refused, but changed: ${outcome}`)
    }
    for (let at = 0; at < 100; at += 3) flip(at)
    for (let at = 100; at < good.length; at += 37) flip(at)
    const refused = outcomes.filter((it) => it !== unchanged)
    for (const reason of refused)
      expect(reason).toMatch(/^it is (damaged|not an SQLite database|a database of another)|^a newer version/)
    expect(refused.filter((it) => it === DAMAGED).length).toBeGreaterThan(20)
  })

  test('of a record that SQLite still reads is refused', () => {
    const path = fileOf(item('a', 'value'))
    withDatabase(path, (database) => database.exec(`UPDATE record SET json = replace(json, 'value":"v', 'value":"w')`))
    expect(reasonFor(path)).toBe(DAMAGED)
  })

  test.each([
    ['a removed record', `DELETE FROM record WHERE id = '"a"'`],
    ['records in another order', 'UPDATE record SET place = 9 - place'],
    ['all records removed', 'DELETE FROM record'],
    ['no digest', 'DELETE FROM digest'],
    ['an invalid record', `UPDATE record SET json = '{'`],
  ])('by %s is refused', (_name, sql) => {
    const path = fileOf(item('a', 1), item('b', 2))
    withDatabase(path, (database) => database.exec(sql))
    expect(reasonFor(path)).toBe(DAMAGED)
  })

  test('of an index, which only writes use, is refused', () => {
    const path = fileOf(item('id_1', 1), item('id_2', 2))
    const file = readFileSync(path)
    const index = file.indexOf('id_2', 2 * 4096)
    expect(index).toBeLessThan(3 * 4096)
    file.write('id_3', index)
    expect(reasonFor(stateOf(path, file, undefined))).toBe(DAMAGED)
  })

  test.each([1, 99, 6000, 8192])('by truncation to %i bytes is refused', (size) => {
    const path = fileOf(item('a', 1))
    truncateSync(path, size)
    expect(reasonFor(path)).toMatch(
      size < 16 ? /^it is not an SQLite database/ : /^it is (damaged|a database of another)/,
    )
  })

  test('by the loss of the file, with its log left, is refused', () => {
    const path = fileOf(item('a', 1))
    const { log } = transaction(path, [item('a', 2)])
    const reason = `it is missing or empty, but its log ${path}-wal is not: restore a backup, or delete both to start over`
    expect(reasonFor(stateOf(path, Buffer.of(), log))).toBe(reason)
    rmSync(path)
    expect(reasonFor(path)).toBe(reason)
    expect(readFileSync(`${path}-wal`)).toEqual(log)
  })

  test('by a file in the place of its log is refused, and both left untouched', () => {
    const path = fileOf(item('a', 1))
    const file = readFileSync(path)
    stateOf(path, file, Buffer.from('notes'))
    expect(reasonFor(path)).toBe(`${path}-wal is not its log: move that away, or use another path`)
    expect(readFileSync(path)).toEqual(file)
    expect(readFileSync(`${path}-wal`, 'utf8')).toBe('notes')
  })
})
