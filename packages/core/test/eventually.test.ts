import { describe, expect, test } from 'vitest'
import { all, andThen, rescue } from '../src/support/maybe-promise.js'

const broken = new Error('broken')
const fail = (): never => {
  throw broken
}

describe('andThen', () => {
  test('goes on in the same turn where the value is there', () => {
    expect(andThen(1, (one) => one + 1)).toBe(2)
  })

  test('waits where the value has to be waited for', async () => {
    const value = andThen(Promise.resolve(1), (one) => one + 1)
    expect(value).toBeInstanceOf(Promise)
    expect(await value).toBe(2)
  })

  test('fails as it came: by a throw, or by a rejection', async () => {
    expect(() => andThen(1, fail)).toThrow(broken)
    await expect(andThen(Promise.resolve(1), fail)).rejects.toBe(broken)
    await expect(andThen(Promise.reject(broken), () => 1)).rejects.toBe(broken)
  })
})

describe('all', () => {
  test('is there in the same turn where each of the values is', () => {
    expect(all([1, 2])).toEqual([1, 2])
    expect(all([])).toEqual([])
  })

  test('keeps the order where some have to be waited for', async () => {
    expect(await all([1, Promise.resolve(2), 3])).toEqual([1, 2, 3])
    await expect(all([1, Promise.reject(broken)])).rejects.toBe(broken)
  })
})

describe('rescue', () => {
  test('leaves a good value alone', async () => {
    expect(rescue(() => 1, fail)).toBe(1)
    expect(await rescue(() => Promise.resolve(1), fail)).toBe(1)
  })

  test('asks what to make of a throw, and of a rejection', async () => {
    expect(rescue(fail, (error) => [error])).toEqual([broken])
    expect(
      await rescue(
        () => Promise.reject(broken),
        (error) => [error],
      ),
    ).toEqual([broken])
  })

  test('lets through what the answer to an error throws', async () => {
    expect(() => rescue(() => fail(), fail)).toThrow(broken)
    await expect(rescue(() => Promise.reject(new Error('other')), fail)).rejects.toBe(broken)
  })
})
