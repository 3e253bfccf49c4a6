import type { Parameters } from 'fast-check'

/** `PROPERTY_RUNS=50 npx vitest run test/properties --testTimeout 0` makes fifty times as many. */
const TIMES = Number(process.env['PROPERTY_RUNS'] ?? 1)

/** How often a property is tried. What fails is printed with its seed and path, which `fc.assert` takes to try it again. */
export function runs(count: number): Pick<Parameters<unknown>, 'numRuns'> {
  return { numRuns: Math.ceil(count * TIMES) }
}
