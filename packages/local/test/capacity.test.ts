import { describe, expect, test } from 'vitest'
import { Refusal } from '../src/api/errors.js'
import type { BaseRecord } from '../src/model/record.js'
import { createTable } from '../src/state/table.js'
import { createWorld } from '../src/state/world.js'
import { createKeyRing } from '../src/tokens/keys.js'
import { publishedKids, start } from './start.js'

interface TextRecord extends BaseRecord {
  readonly text: unknown
}

function tableOf(limits: { readonly maxRecords?: number; readonly maxBytes?: number }) {
  return createTable<TextRecord, Omit<TextRecord, 'created_at' | 'updated_at'>>({
    create: (given) => ({ ...given, created_at: 0, updated_at: 0 }),
    now: () => 0,
    changed: () => {},
    ...limits,
  })
}

function emptyWorld() {
  return createWorld({ now: () => 0, url: () => 'http://127.0.0.1:4010' })
}

/** The answer of the refusal that `act` throws, or `undefined`. */
function refusalOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
  return undefined
}

describe('the state of an instance', () => {
  test('refuses a record beyond the limit, and accepts updates of existing ones', () => {
    const table = tableOf({ maxRecords: 1 })
    table.add({ id: 'a', text: 1 })
    expect(refusalOf(() => table.add({ id: 'b', text: 1 }))).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(table.update('a', { text: 2 })).toBe(table.byId('a'))
    table.remove('a')
    expect(table.add({ id: 'b', text: 1 }).id).toBe('b')
  })

  test('refuses a new or updated record that exceeds the memory limit of its kind', () => {
    const table = tableOf({ maxBytes: 5000 })
    table.add({ id: 'a', text: 'x'.repeat(4000) })
    const refusal = { status: 409, body: { code: 'conflict' } }
    expect(refusalOf(() => table.add({ id: 'b', text: 'x'.repeat(1000) }))).toMatchObject(refusal)
    expect(refusalOf(() => table.update('a', { text: 'x'.repeat(5000) }))).toMatchObject(refusal)
    expect(table.all().map(({ text }) => text)).toEqual(['x'.repeat(4000)])

    table.update('a', { text: 'y'.repeat(4000) })
    table.remove('a')
    table.add({ id: 'b', text: 'x'.repeat(4000) })
    table.replace([])
    expect(table.add({ id: 'c', text: 'x'.repeat(4000) }).id).toBe('c')
  })

  test('counts nested values by their bytes, and refuses cycles', () => {
    const fits = (text: unknown) => refusalOf(() => tableOf({ maxBytes: 5000 }).add({ id: 'a', text })) === undefined
    expect(fits({ a: ['x'.repeat(4000)] })).toBe(true)
    expect(fits({ a: ['x'.repeat(3000), { b: 'x'.repeat(3000) }] })).toBe(false)
    expect(fits({ ['x'.repeat(6000)]: 1 })).toBe(false)
    expect(fits('€'.repeat(1000))).toBe(true)
    expect(fits('€'.repeat(2000))).toBe(false)
    expect(fits(Array.from({ length: 200 }, () => ({})))).toBe(false)
    const cyclic: Record<string, unknown> = {}
    cyclic['again'] = cyclic
    expect(fits(cyclic)).toBe(false)
  })

  test('limits the memory that tokens take', async () => {
    const local = await start()
    const claims = { text: 'x'.repeat(30 * 1024 * 1024) }
    for (let i = 0; i < 4; i++) await local.apiKey({ claims })
    await expect(local.apiKey({ claims })).rejects.toThrow('the instance holds at most 128 MiB of records of a kind')
    expect(await local.apiKey({ claims: {} })).toMatch(/^ak_/)
  })

  test('drops keys that are neither published nor used for signing', async () => {
    const world = emptyWorld()
    const keys = await createKeyRing(world, 'ES256')
    const { kid } = keys.current
    const storedIds = () => world.signing_keys.all().map(({ id }) => id)
    for (let i = 0; i < 5; i++) {
      const before = keys.current.kid
      await keys.rotate(true)
      if (before !== kid) keys.remove(before)
    }
    expect(storedIds()).toEqual([kid, keys.current.kid])
    keys.remove(keys.current.kid)
    await keys.rotate(true)
    expect(storedIds()).toEqual([kid, keys.current.kid])
    keys.remove(kid)
    expect(storedIds()).toEqual([kid, keys.current.kid])
  })

  test('has its first key again after reset()', async () => {
    const local = await start()
    const { kid } = local
    await local.rotateKeys()
    local.removeKey(kid)
    local.reset()
    expect([local.kid, await publishedKids(local)]).toEqual([kid, [kid]])
  })

  test('limits the number of published keys', async () => {
    const keys = await createKeyRing(emptyWorld(), 'ES256', 2)
    await keys.rotate(true)
    await expect(keys.rotate(true)).rejects.toThrow('the instance holds at most 2 records of a kind')
    await keys.rotate(false)
    expect(keys.published).toHaveLength(1)
  })
})
