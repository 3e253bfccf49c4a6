import { describe, expect, it } from 'vitest'
import { factorAges, isReverification, isReverified, type Reverification } from '../src/auth/reverification.js'

const within = (level: 'first_factor' | 'second_factor' | 'multi_factor') => ({ level, afterMinutes: 10 })

describe('isReverified', () => {
  it.each([
    // first, second: first_factor, second_factor, multi_factor
    [0, 0, true, true, true],
    [9, 9, true, true, true],
    [9.9, 9.9, true, true, true],
    [10, 9, false, true, false],
    [9, 10, true, false, false],
    [10, 10, false, false, false],
    [9, -1, true, true, true],
    [10, -1, false, false, false],
    [-1, 9, false, true, false],
    [-1, 10, false, false, false],
    [-1, -1, false, false, false],
  ])('checks the ages %d and %d', (first, second, firstFactor, secondFactor, multiFactor) => {
    expect(isReverified([first, second], within('first_factor'))).toBe(firstFactor)
    expect(isReverified([first, second], within('second_factor'))).toBe(secondFactor)
    expect(isReverified([first, second], within('multi_factor'))).toBe(multiFactor)
  })

  it.each<[Reverification, number, boolean]>([
    ['strict_mfa', 10, false],
    ['strict', 10, true],
    ['moderate', 60, true],
    ['lax', 1440, true],
  ])('accepts %s', (preset, afterMinutes, oneFactorIsEnough) => {
    expect(isReverified([5, afterMinutes - 1], preset)).toBe(true)
    expect(isReverified([5, afterMinutes], preset)).toBe(false)
    expect(isReverified([-1, 5], preset)).toBe(oneFactorIsEnough)
  })

  it('is false without ages', () => {
    expect(isReverified(null, 'lax')).toBe(false)
  })
})

describe('factorAges', () => {
  it.each([[[0, 0]], [[5, -1]], [[-1, 1.5]]])('reads %j', (fva) => {
    expect(factorAges(fva)).toEqual(fva)
  })

  it.each([
    undefined,
    null,
    1,
    '5,5',
    {
      0: 1,
      1: 1,
      length: 2,
    },
    [],
    [5],
    [5, 5, 5],
    [5, '5'],
    ['5', 5],
    [5, null],
    [5, -2],
    [-0.5, 5],
    [5, Infinity],
    [Number.NaN, 5],
  ])('ignores the invalid fva %j', (fva) => {
    expect(factorAges(fva)).toBeNull()
  })
})

describe('isReverification', () => {
  it.each([
    'strict_mfa',
    'strict',
    'moderate',
    'lax',
    within('first_factor'),
    within('second_factor'),
    within('multi_factor'),
    {
      ...within('multi_factor'),
      x: 1,
    },
  ])('accepts %j', (value) => {
    expect(isReverification(value)).toBe(true)
  })

  it.each([
    undefined,
    null,
    1,
    true,
    '',
    'Strict',
    'toString',
    '__proto__',
    {},
    { level: 'first_factor' },
    { afterMinutes: 5 },
    { level: 'third_factor', afterMinutes: 5 },
    ...[0, -1, Infinity, Number.NaN, '5', null].map((afterMinutes) => ({ level: 'first_factor', afterMinutes })),
  ])('refuses %j', (value) => {
    expect(isReverification(value)).toBe(false)
  })
})
