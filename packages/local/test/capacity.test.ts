import { describe, expect, test } from 'vitest'
import { Refusal } from '../src/api/errors.js'
import { createKeyRing } from '../src/tokens/keys.js'
import { createRecords } from '../src/state/records.js'
import { createTokenStore, type StoredToken } from '../src/tokens/token-store.js'
import { start } from './start.js'

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the state of an instance', () => {
  test('refuses a record beyond the limit, and accepts updates of existing ones', () => {
    const records = createRecords([{ id: 'a', value: 1 }], 1)
    const error = errorOf(() => records.set({ id: 'b', value: 1 })) as Refusal
    expect(error).toBeInstanceOf(Refusal)
    expect(error.answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(records.set({ id: 'a', value: 2 })).toBe(records.byId('a'))
    records.remove('a')
    expect(records.set({ id: 'b', value: 1 }).id).toBe('b')
  })

  test('refuses tokens beyond the limit until it is reset', () => {
    const store = createTokenStore(1)
    const token = (id: string) => ({ id, token: id }) as StoredToken
    store.add(token('a'))
    expect(() => store.add(token('b'))).toThrow('the instance holds at most 1 records of a kind: reset()')
    store.records.reset()
    expect(store.add(token('b')).id).toBe('b')
  })

  test('refuses a new or updated record that exceeds the memory limit of its kind', () => {
    const records = createRecords<{ id: string; text: unknown }>([{ id: 'a', text: '' }], 100, 5000)
    records.set({ id: 'a', text: 'x'.repeat(4000) })
    const error = errorOf(() => records.set({ id: 'b', text: 'x'.repeat(1000) })) as Refusal
    expect(error).toBeInstanceOf(Refusal)
    expect(error.answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(() => records.set({ id: 'a', text: 'x'.repeat(5000) })).toThrow(Refusal)
    expect(records.all()).toEqual([{ id: 'a', text: 'x'.repeat(4000) }])

    records.set({ id: 'a', text: 'x'.repeat(4000) })
    records.remove('a')
    records.set({ id: 'b', text: 'x'.repeat(4000) })
    records.reset()
    expect(records.set({ id: 'c', text: 'x'.repeat(4000) }).id).toBe('c')
  })

  test('counts nested values by their bytes, and refuses cycles', () => {
    const fits = (text: unknown) =>
      errorOf(() => createRecords<{ id: string; text: unknown }>([], 100, 5000).set({ id: 'a', text })) === undefined
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
    const keys = await createKeyRing('ES256')
    const { kid } = keys.current
    for (let i = 0; i < 5; i++) {
      const before = keys.current.kid
      await keys.rotate(true)
      if (before !== kid) keys.remove(before)
    }
    expect(keys.records.all().map(({ id }) => id)).toEqual([kid, keys.current.kid])
    keys.remove(keys.current.kid)
    await keys.rotate(true)
    expect(keys.records.all().map(({ id }) => id)).toEqual([kid, keys.current.kid])
    keys.remove(kid)
    keys.records.reset()
    expect([keys.current.kid, keys.published.length]).toEqual([kid, 1])
  })

  test('limits the number of published keys', async () => {
    const keys = await createKeyRing('ES256', { maxPublished: 2 })
    await keys.rotate(true)
    await expect(keys.rotate(true)).rejects.toThrow('the instance holds at most 2 records of a kind')
    await keys.rotate(false)
    expect(keys.published).toHaveLength(1)
  })
})
