import { describe, expect, test } from 'vitest'
import { all, andThen, rescue, settle } from '../src/support/maybe-promise.js'

const broken = new Error('broken')
const fail = (): never => {
  throw broken
}

describe('andThen', () => {
  test('continues synchronously with a value', () => {
    expect(andThen(1, (one) => one + 1)).toBe(2)
  })

  test('waits for a promise', async () => {
    const value = andThen(Promise.resolve(1), (one) => one + 1)
    expect(value).toBeInstanceOf(Promise)
    expect(await value).toBe(2)
  })

  test('throws synchronously, or rejects for a promise', async () => {
    expect(() => andThen(1, fail)).toThrow(broken)
    await expect(andThen(Promise.resolve(1), fail)).rejects.toBe(broken)
    await expect(andThen(Promise.reject(broken), () => 1)).rejects.toBe(broken)
  })
})

describe('all', () => {
  test('returns values synchronously if none is a promise', () => {
    expect(all([1, 2])).toEqual([1, 2])
    expect(all([])).toEqual([])
  })

  test('keeps the order if some are promises', async () => {
    expect(await all([1, Promise.resolve(2), 3])).toEqual([1, 2, 3])
    await expect(all([1, Promise.reject(broken)])).rejects.toBe(broken)
  })
})

describe('rescue', () => {
  test('returns a value unchanged', async () => {
    expect(rescue(() => 1, fail)).toBe(1)
    expect(await rescue(() => Promise.resolve(1), fail)).toBe(1)
  })

  test('handles a throw, and a rejection', async () => {
    expect(rescue(fail, (error) => [error])).toEqual([broken])
    expect(
      await rescue(
        () => Promise.reject(broken),
        (error) => [error],
      ),
    ).toEqual([broken])
  })

  test('passes on what the error handler throws', async () => {
    expect(() => rescue(() => fail(), fail)).toThrow(broken)
    await expect(rescue(() => Promise.reject(new Error('other')), fail)).rejects.toBe(broken)
  })
})

describe('settle', () => {
  const settled = (work: () => unknown) =>
    new Promise((resolve) => {
      settle(
        work,
        (value) => resolve({ value }),
        (error) => resolve({ error }),
      )
    })

  test('passes on a value, and an error that is thrown or rejected', async () => {
    for (const work of [() => 1, async () => 1]) expect(await settled(work)).toEqual({ value: 1 })
    for (const work of [fail, async () => fail()]) expect(await settled(work)).toEqual({ error: broken })
  })

  test.each([undefined, null, false, 0, '', 'route'])('never passes on %j as an error', async (thrown) => {
    const error = expect.objectContaining({ message: 'something that is not an error was thrown', cause: thrown })
    const work = () => {
      throw thrown // oxlint-disable-line typescript/only-throw-error -- applications do this
    }
    for (const one of [work, async () => work()]) expect(await settled(one)).toEqual({ error })
  })
})
