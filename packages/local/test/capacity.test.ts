import { describe, expect, test } from 'vitest'
import { Refusal } from '../src/http/errors.js'
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

describe('what an instance keeps', () => {
  test('refuses one more than there is room for, and takes changes of those that are there', () => {
    const records = createRecords([{ id: 'a', value: 1 }], 1)
    const error = errorOf(() => records.set({ id: 'b', value: 1 })) as Refusal
    expect(error).toBeInstanceOf(Refusal)
    expect(error.answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(records.set({ id: 'a', value: 2 })).toBe(records.byId('a'))
    records.remove('a')
    expect(records.set({ id: 'b', value: 1 }).id).toBe('b')
  })

  test('refuses tokens too until it is reset', () => {
    const store = createTokenStore(1)
    const token = (id: string) => ({ id, token: id }) as StoredToken
    store.add(token('a'))
    expect(() => store.add(token('b'))).toThrow('the instance holds at most 1 records of a kind: reset()')
    store.records.reset()
    expect(store.add(token('b')).id).toBe('b')
  })

  test('refuses what would take more memory than there is for all of a kind, be it new or a change', () => {
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

  test('counts what is inside of what a caller gives, by its octets, and what has no end', () => {
    const within = (text: unknown) =>
      errorOf(() => createRecords<{ id: string; text: unknown }>([], 100, 5000).set({ id: 'a', text })) === undefined
    expect(within({ a: ['x'.repeat(4000)] })).toBe(true)
    expect(within({ a: ['x'.repeat(3000), { b: 'x'.repeat(3000) }] })).toBe(false)
    expect(within({ ['x'.repeat(6000)]: 1 })).toBe(false)
    expect(within('€'.repeat(1000))).toBe(true)
    expect(within('€'.repeat(2000))).toBe(false)
    expect(within(Array.from({ length: 200 }, () => ({})))).toBe(false)
    const endless: Record<string, unknown> = {}
    endless['again'] = endless
    expect(within(endless)).toBe(false)
  })

  test('has no token of a caller fill the machine', async () => {
    const local = await start()
    const claims = { text: 'x'.repeat(30 * 1024 * 1024) }
    for (let i = 0; i < 4; i++) await local.apiKey({ claims })
    await expect(local.apiKey({ claims })).rejects.toThrow('the instance holds at most 128 MiB of records of a kind')
    expect(await local.apiKey({ claims: {} })).toMatch(/^ak_/)
  })

  test('keeps no key that is neither published nor signs', async () => {
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

  test('publishes only so many keys at a time', async () => {
    const keys = await createKeyRing('ES256', { maxPublished: 2 })
    await keys.rotate(true)
    await expect(keys.rotate(true)).rejects.toThrow('the instance holds at most 2 records of a kind')
    await keys.rotate(false)
    expect(keys.published).toHaveLength(1)
  })
})
