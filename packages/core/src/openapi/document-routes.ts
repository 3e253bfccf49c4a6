import type { Description } from '../guard/description.js'
import { documentOperations } from './document-operations.js'
import type { DocumentOptions } from './security.js'

/** The guards and markers that a request meets before a route answers it; `undefined` if no route does. */
export type GuardsAt = (method: string, path: string) => readonly Description[] | undefined

// A route may restrict its parameters: to numbers, for example. Values that no other route is likely to name.
const SAMPLES = ['zq7kx', '4217', '6f9619ff-8b86-4d01-b42d-00cf4fc964ff']

/**
 * Like {@link documentOperations}, for frameworks that can say what a request meets, but not which patterns they have.
 * If the value of a parameter decides which route answers, the one with the most guards counts.
 *
 * @throws {TypeError} as `documentOperations` does
 */
export function documentRoutes<Document extends object>(
  document: Document,
  guardsAt: GuardsAt,
  options?: DocumentOptions,
): Document {
  return documentOperations(
    document,
    ({ method, path }) => {
      const found = SAMPLES.flatMap((sample) => {
        const guards = guardsAt(method, path.replace(/\{[^}]*\}/g, sample))
        return guards ? [guards] : []
      })
      return found.toSorted((one, other) => countGuards(other) - countGuards(one))[0]
    },
    options,
  )
}

function countGuards(descriptions: readonly Description[]): number {
  return descriptions.filter(({ isPublic }) => !isPublic).length
}
