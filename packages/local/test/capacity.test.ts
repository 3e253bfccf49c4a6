import { describe, expect, test } from 'vitest'
import { Refusal } from '../src/http/errors.js'
import { createKeyRing } from '../src/tokens/keys.js'
import { createRecords } from '../src/state/records.js'
import { createTokenStore, type StoredToken } from '../src/tokens/token-store.js'

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
    expect(() => store.add(token('b'))).toThrow('the instance keeps 1 of a kind and has no room for more: reset()')
    store.records.reset()
    expect(store.add(token('b')).id).toBe('b')
  })

  test('publishes only so many keys at a time', async () => {
    const keys = await createKeyRing('ES256', { maxPublished: 2 })
    await keys.rotate(true)
    await expect(keys.rotate(true)).rejects.toThrow('the instance keeps 2 of a kind')
    await keys.rotate(false)
    expect(keys.published).toHaveLength(1)
  })
})
