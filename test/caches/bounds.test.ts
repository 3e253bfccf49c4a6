import { expect, test } from 'vitest'
import { BOUNDS, COUNTERS, MADE_AT_START } from './bounds.js'
import { collectionsInSources } from './sources.js'

test('everything that can grow is in the table of bounds', () => {
  const inTable = [...BOUNDS.flatMap(({ kept }) => kept), ...MADE_AT_START, ...COUNTERS]
  expect([...new Set(inTable)].sort()).toEqual(collectionsInSources().sort())
})

const rows = BOUNDS.map((bound) => [bound.what, bound.most, bound.unit, bound.how, bound] as const)

test.each(rows)(
  '%s: at most %i %s (%s)',
  async (_what, most, unit, _how, { flood }) => {
    const seen = await flood()
    expect(seen).toBeLessThanOrEqual(most)
    // If it can be counted, it reaches its bound; otherwise there was no flood.
    expect(seen).toBeGreaterThanOrEqual(unit === 'MiB' ? Number.NEGATIVE_INFINITY : most)
  },
  60_000,
)
