import type { Parameters } from 'fast-check'

/** `PROPERTY_RUNS=50 npx vitest run test/properties --testTimeout 0` runs fifty times as many. */
const TIMES = Number(process.env['PROPERTY_RUNS'] ?? 1)

/** How often a property is tested. A failure is printed with its seed and path, with which `fc.assert` repeats it. */
export function runs(count: number): Pick<Parameters<unknown>, 'numRuns'> {
  return { numRuns: Math.ceil(count * TIMES) }
}
